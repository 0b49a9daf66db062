"""The names that the bot uses for Clust's API (docs/clust-api.md): one row for each, by the key that settings use.

A dialect (`dialect.py`) maps them to other names. The doctor compares them with Clust's published description, where
`also` has the words by which others call the same thing, as `snake_case`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.core.clust_api.wire_names import TEMPLATE_WIRE, WIRE
from bot.core.language import N_


@dataclass(frozen=True, slots=True)
class Operation:
    """One request of the bot: its methods, the first of which it sends by default, its path, and what it is for.

    `is_about_one`: the path has the application's ID.
    """

    methods: tuple[str, ...]
    path: str
    purpose: str
    loss: str

    @property
    def is_about_one(self) -> bool:
        """Whether the path names one application."""
        return "{id}" in self.path


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "list": Operation(
            ("GET",), "/dossiers", N_("lists applications"), N_("Without it, the bot can't detect anything.")
        ),
        "read": Operation(
            ("GET",), "/dossiers/{id}", N_("reads one application"), N_("Without it, `show` and *Details* don't work.")
        ),
        "create": Operation(
            ("POST",), "/dossiers", N_("creates an application"), N_("Without it, `create` doesn't work.")
        ),
        "update": Operation(
            ("PUT", "PATCH", "POST"),
            "/dossiers/{id}",
            N_("updates an application"),
            N_("Without it, `update` doesn't work."),
        ),
        "delete": Operation(
            ("DELETE",), "/dossiers/{id}", N_("deletes an application"), N_("Without it, `delete` doesn't work.")
        ),
        "templates": Operation(
            ("GET",), "/templates", N_("lists templates"), N_("Without it, forms can't offer templates.")
        ),
        "create_template": Operation(
            ("POST",), "/templates", N_("creates a template"), N_("Without it, forms can't create templates.")
        ),
    }
)
"""Every request but those of the console and of saved actions, by the keys of CLUST_PATHS."""

PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        "page": "page page_number p pageindex page_index current_page",
        "per_page": "per_page limit page_size size pagesize count take",
        "search": "search q query term keyword keywords text filter",
    }
)
"""Query parameters of lists, by the keys of CLUST_PARAMETERS, with the words for each."""


@dataclass(frozen=True, slots=True)
class ApiField:
    """A field of an application: the words for it, what is lost without it in lists, and whether forms send it."""

    also: str = ""
    loss: str = ""
    is_sent: bool = False


ITEMS = "dossier_items"
"""The key of the list of items. Names of their fields, and of templates', are relative to the item."""

TEMPLATES = "templates"
"""The beginning of the keys for rows of the list of templates."""

_WORDS: Mapping[str, ApiField] = MappingProxyType(
    {
        "id": ApiField("id uuid number dossier_id application_id", loss=N_("Without it, nothing can be read.")),
        "title": ApiField("title name label subject"),
        "status": ApiField(
            "status state status_code state_code status.code state.code status.slug state.slug status.key state.key "
            "status.value state.value status.id state.id",
            loss=N_("Without it, *submitted* and *approved* are never detected."),
        ),
        "status_string": ApiField(
            "status_string status_label state_label status_name status_text state_name status.label state.label "
            "status.name state.name status.title state.title"
        ),
        "is_late": ApiField(
            "is_late late overdue is_overdue is_delayed", loss=N_("Without it, *late* is never detected.")
        ),
        "progress_percentage": ApiField(
            "progress_percentage progress progress_percent percentage completion completion_percentage percent_complete"
        ),
        "count_missing_items": ApiField(
            "count_missing_items missing missing_count missing_items missing_items_count items_missing"
        ),
        "count_eligible_items": ApiField(
            "count_eligible_items eligible total_items items_count eligible_count eligible_items items_total"
        ),
        "contact.id": ApiField("id uuid"),
        "contact.firstname": ApiField("firstname first_name given_name prenom"),
        "contact.lastname": ApiField("lastname last_name family_name surname nom"),
        "contact.full_name": ApiField("full_name fullname name display_name"),
        "contact.email": ApiField("email mail email_address e_mail"),
        "contact.phone": ApiField("phone phone_number telephone mobile"),
        "template_id": ApiField("template_id procedure_id model_id workflow_id"),
        "template.id": ApiField("id uuid"),
        "template.title": ApiField("title name label"),
        "external_id": ApiField("external_id external_ref external_reference reference"),
        "public_url": ApiField("public_url recipient_url client_url public_link share_url portal_url"),
        "secured_list_url": ApiField("secured_list_url"),
        "created_at": ApiField(
            "created_at created creation_date created_on date_created",
            loss=N_("Without it, an application that was missed in the first read is posted as new."),
        ),
        "updated_at": ApiField(
            "updated_at updated modified_at last_modified update_date updated_on changed_at",
            loss=N_("Without it, lists can't be sorted by last change."),
        ),
        ITEMS: ApiField("dossier_items items steps tasks documents checklist application_items"),
        f"{ITEMS}.title": ApiField("title name label"),
        f"{ITEMS}.status": ApiField("status state"),
        f"{ITEMS}.status_string": ApiField("status_string status_label state_label"),
        f"{ITEMS}.type": ApiField("type kind"),
        f"{ITEMS}.is_mandatory": ApiField("is_mandatory mandatory required is_required"),
        "auto_emails": ApiField(
            "auto_emails auto_email automatic_emails send_emails email_notifications notify_recipient notify"
        ),
        "folder_id": ApiField("folder_id directory_id"),
        "custom": ApiField("custom custom_data note notes comment internal_note"),
        "webhook.url": ApiField("url callback_url target_url webhook_url address"),
        "webhook.events": ApiField("events event_types topics webhook_events"),
        f"{TEMPLATES}.id": ApiField("id uuid"),
        f"{TEMPLATES}.title": ApiField("title name label"),
        f"{TEMPLATES}.is_live": ApiField("is_live live is_active active published is_published"),
    }
)
"""The fields for which there are other words than their own names, or whose loss matters."""

_SENT = frozenset({row.path for row in WIRE.values()} | {f"{TEMPLATES}.{row.path}" for row in TEMPLATE_WIRE.values()})

FIELDS: Mapping[str, ApiField] = MappingProxyType(
    {
        name: replace(_WORDS.get(name) or ApiField(name.rpartition(".")[2]), is_sent=name in _SENT)
        for name in (*_WORDS, *sorted(_SENT - set(_WORDS)))
    }
)
"""Fields of an application and of a template, by the keys of CLUST_FIELDS."""

CONTAINERS: Mapping[str, str] = MappingProxyType(
    {
        "contact": "contact recipient client customer person applicant contact_person",
        "template": "template procedure model workflow",
        "webhook": "webhook hook callback web_hook",
    }
)
"""Objects inside an application, with the words for each."""

RESPONSES: Mapping[str, str] = MappingProxyType(
    {
        "rows": "data",
        "one": "data",
        "total": "meta.total",
        "per_page": "meta.per_page",
        "current_page": "meta.current_page",
        "last_page": "meta.last_page",
        "next": "links.next",
        "message": "message",
        "errors": "errors",
        "field": "",
        "text": "",
    }
)
"""Parts of a response, by the keys of CLUST_RESPONSES, with the place where the bot looks for each.

`field` and `text` are the names in each entry of a list of errors. The bot believes that errors are an object by field.
"""

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "created": "created create new opened",
        "late": "late overdue delayed is_late expired",
        "submitted": "submitted submit handed_in completed sent deposited",
        "pending submission": "pending_submission pending ready ready_to_submit ready_for_submission waiting",
        "approved": "approved approve accepted validated",
    }
)
"""Events of a webhook, by the keys of CLUST_WEBHOOK_EVENTS, with the words for each."""
