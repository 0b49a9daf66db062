"""The profiles of Clust accounts that tests play: four made by hand, and any that operators sent in.

A profile that `python -m bot doctor --record` wrote becomes a test by being put into `tests/clust_profiles`.
"""

from __future__ import annotations

from pathlib import Path

from bot.core.profiles.profile import Profile, read_profile

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "clust_profiles").glob("*.json"))}
"""By name: `v1` as we believe it is, `v2`, Laravel's plain paginator, and an account that says little."""


def profile_named(name: str) -> Profile:
    """Return one of the profiles."""
    return read_profile(FILES[name].read_text(encoding="utf-8"))
