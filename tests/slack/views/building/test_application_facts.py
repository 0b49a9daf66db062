"""Short texts about an application: empty where Clust did not say, escaped, and honest in their rounding."""

from __future__ import annotations

import pytest

from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.applications.triggers import TRIGGERS
from bot.core.language import speaking
from bot.slack.views.building import application_facts as facts
from bot.wiring.translation_catalogues import read_languages

NOTHING = Application(id="7")


def test_what_is_not_known_is_left_out() -> None:
    """But each application has something to be called."""
    assert facts.title(NOTHING).endswith("7")
    assert {
        facts.recipient(NOTHING),
        facts.template(NOTHING),
        facts.status(NOTHING, None),
        facts.progress(NOTHING),
        facts.missing(NOTHING),
    } == {""}
    assert facts.state(NOTHING, None)


def test_a_title_is_a_link_where_there_is_an_address(acme: Application) -> None:
    """V2: and its signs mean nothing to Slack."""
    assert facts.linked_title(acme) == "<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>"
    assert facts.linked_title(Application(id="7", title="<!here>")) == "&lt;!here&gt;"


def test_a_recipient_is_not_named_twice() -> None:
    """Where the title is their name already."""
    ana = Recipient(firstname="Ana", lastname="Silva")
    assert facts.recipient_beside_title(Application(id="7", recipient=ana)) == ""
    assert facts.recipient_beside_title(Application(id="7", title="Acme", recipient=ana)) == "Ana Silva"


@pytest.mark.parametrize(("percent", "begins"), [(99.9, "99%"), (100, "100%"), (0, "0%"), (None, "")])
def test_only_what_is_complete_says_so(percent: float | None, begins: str) -> None:
    """Progress is rounded down. Unknown values are left out."""
    text = facts.progress(Application(id="7", progress=percent))
    assert text.startswith(begins)
    assert bool(text) is bool(begins)


def test_a_status_has_its_words_from_clust() -> None:
    """Else its code, else its class."""
    both = Application(id="7", status="3_ongoing", status_string="En cours")
    assert facts.status(both, StatusClass.OPEN) == "En cours"
    assert facts.status(Application(id="7", status="3_ongoing"), StatusClass.OPEN) == "3_ongoing"
    assert facts.status(NOTHING, StatusClass.OPEN) == StatusClass.OPEN.word


def test_finished_work_is_not_called_late(acme: Application) -> None:
    """A flag of Clust's alone makes nothing late, and a card can leave lateness to its first line."""
    assert "⏰" in facts.state(acme, StatusClass.OPEN)
    assert "⏰" not in facts.state(acme, StatusClass.OPEN, late=False)
    assert "⏰" not in facts.state(acme, StatusClass.APPROVED)


def test_a_template_without_a_title_has_its_id() -> None:
    """Two templates like that can be distinguished."""
    assert facts.template(Application(id="7", template=Template(id="9"))) == "9"


def test_each_event_and_each_class_is_counted() -> None:
    """In the form that the reader's language has for the number."""
    for kind in (*TRIGGERS.values(), *StatusClass):
        assert kind.count_text(1200).startswith("1,200 ")
    with speaking(read_languages().of("fr")):
        assert [StatusClass.OPEN.count_text(count) for count in (1, 35)] == ["1 ouvert", "35 ouverts"]
        assert facts.counted(TRIGGERS["created"], 2) == "🆕 2 créés"
