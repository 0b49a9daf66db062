"""What becomes of a form, as a person reads it (rules M1 to M5, V2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.applications.model import Application, Recipient
from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.fields import Choice
from bot.core.forms.update_diff import Conflict
from bot.core.forms.validation import asked_of
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views import console
from bot.slack.views.applications import form_outcomes
from bot.slack.views.applications.forms import delete_form
from bot.slack.views.building.blocks import Message

Read = Callable[[Any], list[str]]
ALSO = (
    "⚠️ Clust also changed *Webhook events*, which you didn't change. "
    "Ask the person who runs the bot to check `CLUST_UPDATE_METHOD`."
)
TEMPLATES = [Choice("9", "KYC company"), Choice("8", "KYC person")]


def test_after_create_the_person_has_the_clients_page(read: Read, acme: Application) -> None:
    """With a warning, and a button that shares the rest (rule V2)."""
    assert read(form_outcomes.created(acme, "d1")) == [
        "✅ Created *<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>*.",
        "  KYC company · Ongoing · 4 of 7 items done",
        "*Client page:* <https://client.example/p/secret|https://client.example/p/secret>",
        "Anyone with this link can open the client page. Share it only with the client.",
        "[Share here application.share d1 123]",
        "[Assign to me card.more:take take 123]",
        "[Details application.details 123]",
        "[Update application.update 123]",
        "[Open in Clust application.open https://clust.example/dossiers/123?a=1&b=2]",
        "[… card.more]",
    ]


def test_where_there_is_no_channel_nothing_is_shared_there(read: Read, acme: Application) -> None:
    """An application created from the Home tab has no *here*."""
    assert not [line for line in read(form_outcomes.created(acme)) if "Share here" in line]


def test_what_is_shared_holds_no_personal_data(read: Read, acme: Application) -> None:
    """No email, no phone, no client's page (rule V2)."""
    shared = form_outcomes.shared_application(acme, "U1")
    assert read(shared)[0].endswith("|Acme &amp; Sons>* · Ana Silva")
    payload = json.dumps(shared.payload())
    assert not [secret for secret in ("ana@", "555", "/p/secret") if secret in payload]


def test_m3_after_update_old_and_new(read: Read, acme: Application) -> None:
    """In the words of the form, with what Clust changed of itself, and the setting that may mend it."""
    changes = {"template_id": (8, "9"), "title": ("Acme", None), "auto_emails": ("1", "0")}
    lines = read(form_outcomes.updated(acme, changes, {"webhook_events": (["late"], [])}, TEMPLATES))
    assert lines[1:-2] == [
        "*Template:* KYC person → KYC company",
        "*Title:* Acme → (empty)",
        "*Automatic emails:* Yes → No",
        ALSO,
        "*Webhook events:* Late → (empty)",
    ]


def test_an_update_that_changes_nothing_says_so(read: Read, acme: Application) -> None:
    """Nothing is sent then."""
    assert read(form_outcomes.updated(acme, {}))[0].startswith("No changes to save")


def test_m4_delete_names_the_application_and_its_recipient(read: Read, acme: Application) -> None:
    """And asks with a submit button. Afterwards it says what is gone."""
    view = delete_form("d1", acme)
    assert (view["callback_id"], view["submit"]["text"], view["private_metadata"]) == (
        "application.delete",
        "Delete",
        "d1",
    )
    assert read(view)[:2] == [
        "Delete *<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>*?",
        "*Recipient:* Ana Silva",
    ]
    assert read(form_outcomes.deleted(acme)) == ["✅ Deleted *Acme &amp; Sons* (`123`)."]
    assert read(form_outcomes.gone_already("123")) == [
        "Application `123` is no longer in Clust, so there's nothing to update or delete."
    ]


def test_an_unknown_outcome_is_looked_at_and_never_repeated_by_itself(read: Read) -> None:
    """*Check* first. It offers to send again only where nothing is found (rule M1)."""
    lines = read(form_outcomes.unknown_view("d1", "New application"))
    assert lines[0].startswith("⚠️ *I couldn't confirm whether the application was created.*")
    assert [line for line in lines if line.startswith("[")] == ["[Check draft.check d1]"]
    assert read(form_outcomes.nothing_found("d1"))[1:] == [
        "[Send again draft.send_again d1]",
        "[Back to the form draft.back d1]",
    ]


def test_m1_saving_and_resume_lose_nothing(read: Read) -> None:
    """The view may be closed. The message then has *Resume*."""
    assert read(form_outcomes.saving_view("New application"))[0] == "*Saving…*"
    assert read(form_outcomes.resume("d1", "Clust refused the e-mail <x>.")) == [
        "⚠️ Clust refused the e-mail &lt;x&gt;.",
        "[Resume draft.resume d1]",
        "  What you typed is kept for a day.",
    ]


def test_a_conflict_shows_mine_and_theirs(read: Read, acme: Application) -> None:
    """For each field, and three ways on, of which the one that destroys asks again."""
    conflicts = [Conflict("title", "A", "B", "C", touched=True), Conflict("phone", None, "9", None, touched=False)]
    assert read(form_outcomes.conflict_view("d1", acme, conflicts))[1:-1] == [
        *("*Title*", "• When you opened the form: A", "• In Clust now: B", "• Yours: C"),
        "*Phone number*",
        "• When you opened the form: (empty)",
        "• In Clust now: 9",
        "• You didn't change it.",
        "[Overwrite! draft.overwrite d1]",
        "[Keep theirs draft.keep_theirs d1]",
        "[Back to the form draft.back d1]",
    ]


def test_a_conflict_about_other_fields_overwrites_nothing(read: Read, acme: Application) -> None:
    """Where no one else changed what this person changed, nothing is offered that could destroy."""
    conflicts = [Conflict("phone", None, "9", None, touched=False)]
    assert read(form_outcomes.conflict_view("d1", acme, conflicts))[-3:] == [
        "[Send my changes draft.keep_theirs d1]",
        "[Back to the form draft.back d1]",
        "  You changed other fields. Sending your changes leaves these fields as they are in Clust.",
    ]


words = (
    st.sampled_from(["<!channel>", "`", "\u202e", "\x00", "&" * 3000, "x" * 9000, "", " ", "👩‍👩‍👧" * 99]) | st.text()
)


@given(words, words)
@settings(deadline=None)
def test_any_words_are_shown_as_words(one: str, two: str) -> None:
    """Slack accepts every message and modal, whatever was typed or received."""
    app = Application(
        id="1",
        title=one,
        recipient=Recipient(full_name=two),
        public_url=f"https://x.example/{one}",
        secured_list_url=f"https://x.example/{two}",
    )
    every = dict.fromkeys(asked_of(UpdateForm), (one, two))
    conflicts = [Conflict(name, one, two, one, touched=True) for name in every]
    messages: list[Message] = [
        *(
            form_outcomes.created(app, "d1"),
            form_outcomes.shared_application(app, one),
            form_outcomes.deleted(app),
            form_outcomes.gone_already(one),
        ),
        *(
            form_outcomes.updated(app, every),
            form_outcomes.updated(app, {"title": (one, two)}, every),
            form_outcomes.resume("d1", one),
        ),
    ]
    for each in messages:
        assert validate_message(each.payload()) == []
        assert validate_view(form_outcomes.outcome_view("Title", each)) == []
    for view in (
        delete_form("d1", app),
        form_outcomes.conflict_view("d1", app, conflicts),
        console.confirm_call("d1", ConsoleCall("PUT", one, ((one, two),), (("A", two),), two)),
        form_outcomes.saving_view(one),
    ):
        assert validate_view(view) == []
