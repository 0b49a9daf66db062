"""A difference between what the bot does and what Clust's description says, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.core.language import _
from bot.doctor.findings import Finding, warning
from bot.doctor.openapi.locating import normalized

SettingPairs = tuple[tuple[str, str], ...]

FOLLOWING = (
    "CLUST_API_URL",
    "CLUST_UPDATE_METHOD",
    "CLUST_STATUS_RULES",
    "CLUST_PATHS",
    "CLUST_PARAMETERS",
    "CLUST_FIELDS",
    "CLUST_RESPONSES",
    "CLUST_WEBHOOK_EVENTS",
)
"""The settings that can follow."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What it is about, what the bot does, what Clust says, and the setting that follows.

    `pairs` are what the setting needs: our name and Clust's, or a whole value behind an empty name. Without a setting,
    `advice` says what to do.
    """

    about: str
    bot: str
    clust: str
    setting: str = ""
    pairs: SettingPairs = ()
    advice: str = ""

    @property
    def assignments(self) -> str:
        """The pairs as one writes them into the setting."""
        return ",".join(f"{ours}={theirs}" if ours else theirs for ours, theirs in self.pairs)

    def as_finding(self) -> Finding:
        """Return the difference as a finding of the doctor."""
        remedy = (
            _("Set {setting}: {value}", setting=self.setting, value=self.assignments) if self.setting else self.advice
        )
        return warning(f"openapi {self.about}", f"{self.bot} {self.clust}", remedy)


def renamed(bot: str, ours: str, theirs: str, value: str = "") -> Difference:
    """Return the difference of a field that Clust calls `theirs`, by another word or in another case."""
    own = ours.removeprefix("sent.")
    is_case = normalized(theirs) in (normalized(own), normalized(own).replace(".", "_"))
    clust = _("Clust writes it `{name}`.", name=theirs) if is_case else _("Clust calls it `{name}`.", name=theirs)
    return Difference("casing" if is_case else "fields", bot, clust, "CLUST_FIELDS", ((ours, value or theirs),))


def merged_setting(present: str, differences: Iterable[Difference], setting: str) -> str:
    """Return the whole value of a setting: what it has at present, with what the differences change."""
    pairs: dict[str, str] = {}
    whole = ""
    for pair in filter(None, map(str.strip, present.split(","))):
        name, _equals, value = map(str.strip, pair.partition("="))
        pairs[name] = value
    for difference in differences:
        for ours, theirs in difference.pairs if difference.setting == setting else ():
            if not ours:
                whole = theirs
            else:
                pairs[ours] = _more_precise(pairs.get(ours, ""), theirs)
    return whole or ",".join(f"{name}={value}" for name, value in pairs.items())


def _more_precise(before: str, after: str) -> str:
    """Return the value of two differences for one name: a type that one of them says stays."""
    path, _colon, kind = before.partition(":")
    return before if kind and path == after else after


def settings_that_follow(present: Mapping[str, str], differences: Iterable[Difference]) -> dict[str, str]:
    """Return the settings that differences lead to, whole, by their names."""
    every = tuple(differences)
    names = {difference.setting for difference in every}
    return {name: merged_setting(present.get(name, ""), every, name) for name in FOLLOWING if name in names}
