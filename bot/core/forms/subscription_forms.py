"""The forms of a channel's subscriptions. One line for each field, as in `application_forms`."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from bot.core.applications.triggers import TRIGGERS
from bot.core.forms.fields import CONNECTION, UNSET, Choice, Field, Kind
from bot.core.forms.validation import Form
from bot.core.language import N_


class SubscribeForm(Form):
    """Subscribe a channel: which events, and how and when they are posted.

    A further field that was not shown stays as the channel has it.
    """

    channel: Annotated[
        str,
        Field(
            N_("Channel"),
            Kind.SELECT,
            placeholder=N_("A channel that Clust is in"),
            external=True,
            dispatches=True,
        ),
    ]
    events: Annotated[
        tuple[str, ...],
        Field(
            N_("Events"),
            Kind.SEVERAL,
            N_("Leave empty for all events."),
            choices=tuple(Choice(name, row.title) for name, row in TRIGGERS.items()),
            dispatches=True,
        ),
    ] = ()
    filter: Annotated[
        str | None,
        Field(
            N_("Filter"),
            hint=N_(
                "Leave empty for every application. Press Enter to check the filter and preview what it "
                "would have posted."
            ),
            placeholder='template:"KYC company" -title:test',
            max_length=500,
            dispatches=True,
        ),
    ] = None
    limit: Annotated[
        int | None,
        Field(
            N_("Limit"), Kind.NUMBER, N_("How many notifications of each kind to post at a time."), "20", further=True
        ),
    ] = None
    style: Annotated[
        tuple[str, ...],
        Field(
            N_("Style"),
            Kind.SEVERAL,
            choices=(
                Choice("update", N_("Update cards in place")),
                Choice("thread", N_("Post later events as replies in the card's thread")),
                Choice("action_replies", N_("Say in the card's thread who used a saved action")),
                Choice("full", N_("Show full cards instead of compact ones")),
                Choice("personal_data", N_("Show email and phone on cards to everyone here")),
                Choice("shared_item_names", N_("Show item names on cards if this channel is shared (admins only)")),
            ),
            further=True,
        ),
    ] = ()
    also_to_channel: Annotated[
        tuple[str, ...],
        Field(
            N_("Also send these replies to the channel"),
            Kind.SEVERAL,
            choices=tuple(Choice(name, row.title) for name, row in TRIGGERS.items()),
            further=True,
        ),
    ] = ()
    schedule: Annotated[
        Literal["at_once", "hourly", "daily"],
        Field(
            N_("Post notifications"),
            Kind.SELECT,
            choices=(
                Choice("at_once", N_("Right away")),
                Choice("hourly", N_("Every hour")),
                Choice("daily", N_("Daily, at a set time")),
            ),
            further=True,
        ),
    ] = "at_once"
    daily_at: Annotated[
        time | None, Field(N_("Daily at"), Kind.TIME, only_with=("schedule", "daily"), further=True)
    ] = None
    quiet_from: Annotated[time | None, Field(N_("Quiet from"), Kind.TIME, further=True)] = None
    quiet_to: Annotated[time | None, Field(N_("Quiet until"), Kind.TIME, further=True)] = None
    weekends: Annotated[
        str | None,
        Field(
            N_("On weekends"),
            Kind.CHOICE,
            choices=(Choice("quiet", N_("Quiet, with one digest on Monday")), Choice(UNSET, N_("Same as other days"))),
            further=True,
        ),
    ] = None
    zone: Annotated[str | None, Field(N_("Time zone"), placeholder="Europe/Lisbon", max_length=64, further=True)] = None
    language: Annotated[str | None, Field(N_("Language of notifications"), Kind.SELECT, further=True)] = None
    report: Annotated[
        Literal["none", "weekly", "monthly"],
        Field(
            N_("Post a report"),
            Kind.SELECT,
            N_("Covers all applications. Posted at the daily time, or at 9:00 AM if there isn't one."),
            choices=(
                Choice("none", N_("Never")),
                Choice("weekly", N_("Every Monday")),
                Choice("monthly", N_("On the first of each month")),
            ),
            further=True,
        ),
    ] = "none"
    reminder_days: Annotated[
        int | None,
        Field(
            N_("Remind about late, untouched applications after"),
            Kind.NUMBER,
            N_("In business days. Leave empty for no reminders."),
            "3",
            further=True,
        ),
    ] = None
    connection: Annotated[str | None, CONNECTION] = None
    gate: Annotated[
        int | None,
        Field(
            N_("Ask before posting more than"),
            Kind.NUMBER,
            N_("If more than this many are due at once, I'll ask first. Enter 0 to never be asked. The default is 20."),
            "20",
            further=True,
        ),
    ] = None
    begin: Annotated[
        str | None,
        Field(
            N_("Start with"),
            Kind.CHOICE,
            choices=(Choice("late", N_("What's already late, as one digest")), Choice(UNSET, N_("New events only"))),
            further=True,
        ),
    ] = None


class MoveForm(Form):
    """Move a channel's subscriptions to another channel."""

    channel: Annotated[
        str, Field(N_("Move to"), Kind.SELECT, placeholder=N_("A channel that Clust is in"), external=True)
    ]
