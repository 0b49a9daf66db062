"""`python -m bot doctor`: what a first user of a real account runs, to learn what the sandbox could not know.

It changes nothing: of Slack and Clust it asks, and the database is opened for reading alone. Each room looks at one
thing and says what it found: `places.py` at the settings and the database, `slack.py` at Slack; `clust.py` asks Clust,
and `judging.py` says what its answers mean.
"""

from bot.doctor.examination import Case, ExaminedAccount, examine
from bot.doctor.findings import Finding, Level, exit_code, summary, told

__all__ = ["Case", "ExaminedAccount", "Finding", "Level", "examine", "exit_code", "summary", "told"]
