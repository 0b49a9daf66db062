"""The window that asks what of a message fills in the form of a new application."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.forms.application_forms import FromMessageForm
from bot.core.forms.fields import Choice
from bot.core.forms.message_contacts import MessageContact
from bot.core.language import _
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, section
from bot.slack.views.building.forms import form

NOBODY = "none"
"""The choice of none of the people in a message."""


def from_message_form(
    contacts: Sequence[MessageContact], carried: str, *, accounts: Sequence[Choice], account_id: str
) -> Block:
    """Return the window. With several people it asks which one is meant. `carried` comes back with the submission."""
    people = [Choice(str(number), _in_words(contact)) for number, contact in enumerate(contacts)]
    asks_who = len(people) > 1
    return form(
        FromMessageForm,
        callback_id=ids.FROM_MESSAGE,
        title=_("New application"),
        submit=_("Continue"),
        values={"connection": account_id, "contact": "0", "link": "unset"},
        choices={"contact": [*people, Choice(NOBODY, _("Someone else"))], "connection": accounts},
        private_metadata=carried,
        first=[section(_summary(contacts))],
        without=() if asks_who else ("contact",),
    )


def _summary(contacts: Sequence[MessageContact]) -> str:
    if not contacts:
        return _("I found no name, email address or phone number in this message. You can fill in the form yourself.")
    if len(contacts) == 1:
        return _(
            "I found this in the message: {contact}. You can change it in the form.", contact=_escaped(contacts[0])
        )
    return _("I found several people in this message. You can change everything in the form.")


def _in_words(contact: MessageContact) -> str:
    """Return a contact as plain text: name, address and number."""
    name = f"{contact.first_name} {contact.last_name}".strip()
    return ", ".join(filter(None, (name, contact.email, contact.phone)))


def _escaped(contact: MessageContact) -> str:
    return f"*{md.escape(_in_words(contact))}*"
