"""`python -m bot doctor`: checks of the settings, the database, Slack and each Clust account.

It changes nothing: it only reads from Slack and Clust, and it opens the database read-only. `settings_and_database`
checks the settings and the database, `slack` checks the tokens and channels, `clust` asks Clust, `clust_findings`
judges its answers, and `recorded_health` reports what the bot itself has recorded. `recording` reads the form of an
account's answers for `doctor --record`. `sample_posting` posts made-up messages (`sample_messages`) for
`doctor --live`, and removes them: that alone changes something.
"""

from bot.doctor.examination import (
    Examination,
    ExaminedAccount,
    account_named,
    bot_tokens,
    examine,
    granted_scopes,
    slack_client,
)
from bot.doctor.findings import Finding, Level, as_lines, exit_code, summary

__all__ = [
    "Examination",
    "ExaminedAccount",
    "Finding",
    "Level",
    "account_named",
    "as_lines",
    "bot_tokens",
    "examine",
    "exit_code",
    "granted_scopes",
    "slack_client",
    "summary",
]
