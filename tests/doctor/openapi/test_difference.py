"""Settings that follow from differences, beside what was set before."""

from __future__ import annotations

import pytest

from bot.doctor.openapi.difference import FOLLOWING, Difference, renamed, settings_that_follow
from bot.settings import Settings


def test_every_setting_exists() -> None:
    """What the doctor proposes is a setting of the bot."""
    assert {name.lower() for name in FOLLOWING} <= Settings.model_fields.keys()


@pytest.mark.parametrize(
    ("ours", "theirs", "about", "words"),
    [
        ("is_late", "isLate", "casing", "Clust writes it `isLate`."),
        ("sent.contact.email", "contact-email", "casing", "Clust writes it `contact-email`."),
        ("title", "subject", "fields", "Clust calls it `subject`."),
    ],
)
def test_another_case_is_not_another_word(ours: str, theirs: str, about: str, words: str) -> None:
    """The two are distinguished, since a whole API is written in one case."""
    difference = renamed("The bot reads it.", ours, theirs)
    assert (difference.about, difference.clust, difference.pairs) == (about, words, ((ours, theirs),))


def test_a_finding_names_the_setting_or_what_to_do() -> None:
    """The remedy is a setting with its value, else an advice."""
    difference = Difference("verbs", "The bot does.", "Clust says.", "CLUST_UPDATE_METHOD", (("", "PATCH"),))
    finding = difference.as_finding()
    assert (finding.about, finding.text, finding.remedy) == (
        "openapi verbs",
        "The bot does. Clust says.",
        "Set CLUST_UPDATE_METHOD: PATCH",
    )
    assert Difference("paths", "a", "b", advice="Look.").as_finding().remedy == "Look."


def test_values_are_merged() -> None:
    """What was set stays unless it differs, a type joins its name in either order, and others are left out."""

    def field(ours: str, theirs: str) -> Difference:
        return Difference("fields", "", "", "CLUST_FIELDS", ((ours, theirs),))

    present = {"CLUST_FIELDS": " title = subject , custom=note,", "CLUST_PATHS": "list=/a"}
    settings = settings_that_follow(
        present,
        [
            field("title", "name"),
            field("template_id", "tpl"),
            field("template_id", "tpl:text"),
            field("folder_id", "dir:number"),
            field("folder_id", "dir"),
            Difference("status", "", "", advice="x"),
            Difference("verbs", "", "", "CLUST_UPDATE_METHOD", (("", "PATCH"),)),
        ],
    )
    assert settings == {
        "CLUST_UPDATE_METHOD": "PATCH",
        "CLUST_FIELDS": "title=name,custom=note,template_id=tpl:text,folder_id=dir:number",
    }
