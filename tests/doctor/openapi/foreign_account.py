"""A Clust account whose API differs from what the bot believes, in thirteen ways, and its published description.

It answers as the sandbox does, in other words: it refuses the bot's own paths, verbs and types, and ignores its
parameters and fields, as Laravel ignores what it doesn't know. The translation here is written by hand, so that the
bot's own isn't compared with itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.dialect import ApiDialect
from bot.doctor.openapi.comparison import Believed, compare
from bot.doctor.openapi.description import describe
from bot.doctor.openapi.difference import settings_that_follow
from bot.doctor.openapi.loading import parse
from bot.sandbox.clust.stand_in import SandboxClust, StandInAnswer
from tests.slack.conftest import Account

DESCRIPTION = Path(__file__).with_name("foreign.yaml")
"""What this account's Clust would publish."""


def dialect_and_rules(base_url: str) -> tuple[ApiDialect, StatusRules]:
    """Return what follows from the description, as settings would have it."""
    comparison = compare(describe(parse(DESCRIPTION.read_bytes())), Believed(base_url))
    settings = settings_that_follow({}, comparison.differences)
    dialect = ApiDialect.parse(
        paths=settings["CLUST_PATHS"],
        parameters=settings["CLUST_PARAMETERS"],
        fields=settings["CLUST_FIELDS"],
        responses=settings["CLUST_RESPONSES"],
        events=settings["CLUST_WEBHOOK_EVENTS"],
    )
    return dialect, StatusRules.parse(settings["CLUST_STATUS_RULES"])


STATUSES = {
    "0_not_started": "OPENED_UP",
    "1_ongoing": "WITH_THE_CLIENT",
    "2_pending_submission": "ALL_THERE",
    "3_submitted": "HANDED_IN",
    "4_approved": "SIGNED_OFF",
    "5_closed": "PUT_AWAY",
}
EVENTS = {
    "application.opened": "created",
    "application.overdue": "late",
    "application.handed_in": "submitted",
    "application.ready_for_submission": "pending submission",
    "application.accepted": "approved",
}
CONTACT = {"givenName": "firstname", "familyName": "lastname", "mail": "email", "mobile": "phone"}
SENT = {
    "templateId": "template_id",
    "subject": "title",
    "externalRef": "external_id",
    "notify": "auto_emails",
    "internalNote": "custom",
    "directoryId": "folder_id",
}
TYPES = {"templateId": str, "notify": bool}
VERBS = {
    "applications": ("GET", "POST"),
    "applications/{id}": ("GET", "PATCH", "DELETE"),
    "procedures": ("GET", "POST"),
}


class ForeignAnswers(SandboxClust):
    """The account. `foreign_requests` are the methods and paths that were asked for, as they were sent."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.foreign_requests: list[tuple[str, str]] = []
        self.sent_values: list[Any] = []

    def respond(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> StandInAnswer:
        """Answer in the words of this account."""
        self.foreign_requests.append((method, path))
        resource, *ids = path.strip("/").split("/")
        verbs = VERBS.get(f"{resource}/{{id}}" if ids else resource, ())
        if len(ids) > 1 or method not in verbs:
            return refusal(405 if verbs else 404, "Nothing is here", {})
        own = {"p": "page", "limit": "per_page", "q": "search"}
        parameters = {own[name]: value for name, value in query.items() if name in own}
        sent = json.loads(body) if body else None
        if sent is not None:
            self.sent_values.append(sent)
        if wrong := {name: "has another type" for name, type_ in TYPES.items() if _is_wrong(sent, name, type_)}:
            return refusal(400, "Wrong types", wrong)
        answer = super().respond(
            method,
            {"applications": "/dossiers", "procedures": "/templates"}[resource]
            + "".join(f"/{each.removeprefix('app-')}" for each in ids),
            parameters,
            headers,
            b"" if sent is None else json.dumps(_own_body(sent, resource)).encode(),
        )
        if not answer.body:
            return answer
        value = json.loads(answer.body)
        if answer.status >= 400 or "errors" in value:
            complaints = {_foreign_name(name): texts[0] for name, texts in value.get("errors", {}).items()}
            return refusal(400 if answer.status == 422 else answer.status, value["message"], complaints)
        translate = _procedure if resource == "procedures" else _application
        if isinstance(value["data"], list):
            following = value["links"]["next"]
            page, per_page = value["meta"]["current_page"], value["meta"]["per_page"]
            there = f"{self.base_url}/{resource}?p={page + 1}&limit={per_page}"
            paging = {"count": value["meta"]["total"], "nextUrl": there if following else None}
            return _answer(answer.status, {"results": [translate(row) for row in value["data"]], "paging": paging})
        return _answer(answer.status, {resource.removesuffix("s"): translate(value["data"])})


class ForeignAccount(ForeignAnswers, Account):
    """The same on the real clock, for a whole bot."""

    def __init__(self) -> None:
        super().__init__()


def refusal(status: int, detail: str, complaints: Mapping[str, str]) -> StandInAnswer:
    """Return an error in the words of this account."""
    violations = [{"property": name, "reason": text} for name, text in complaints.items()]
    return _answer(status, {"problem": {"detail": detail, "violations": violations}})


def _answer(status: int, value: Any) -> StandInAnswer:
    return StandInAnswer(status, {"content-type": "application/json"}, json.dumps(value).encode())


def _is_wrong(sent: Any, name: str, type_: type) -> bool:
    return isinstance(sent, dict) and sent.get(name) is not None and not isinstance(sent[name], type_)


def _own_body(sent: dict[str, Any], resource: str) -> dict[str, Any]:
    if resource == "procedures":
        return {"title": sent.get("label")}
    body = {SENT[name]: value for name, value in sent.items() if name in SENT}
    recipient = sent.get("recipient")
    if isinstance(recipient, dict):
        body["contact"] = {CONTACT[name]: value for name, value in recipient.items() if name in CONTACT}
    callback = sent.get("callback")
    if isinstance(callback, dict):
        names = {"targetUrl": "url", "topics": "events"}
        body["webhook"] = {names[name]: value for name, value in callback.items() if name in names}
        if "events" in body["webhook"]:
            body["webhook"]["events"] = [EVENTS.get(each, each) for each in body["webhook"]["events"]]
    return body


def _foreign_name(name: str) -> str:
    fields = {own: theirs for theirs, own in SENT.items()}
    fields |= {f"contact.{own}": f"recipient.{theirs}" for theirs, own in CONTACT.items()}
    fields |= {"webhook.url": "callback.targetUrl", "webhook.events": "callback.topics", "title": "subject"}
    return fields.get(name, name)


def _application(row: dict[str, Any]) -> dict[str, Any]:
    contact, template = row["contact"], row["template"]
    foreign = {
        "subject": row["title"],
        "uuid": f"app-{row['id']}",
        "state": {"code": STATUSES.get(row["status"], row["status"]), "label": "…"},
        "isLate": row["is_late"],
        "completion": row["progress_percentage"],
        "recipient": {theirs: contact.get(own) for theirs, own in CONTACT.items()}
        | {"displayName": contact["full_name"]},
        "procedure": {"id": f"p{template['id']}", "label": template["title"]},
        "templateId": str(row["template_id"]),
        "externalRef": row["external_id"],
        "publicUrl": row["public_url"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }
    if "dossier_items" in row:
        foreign["steps"] = [
            {"label": item["title"], "state": item["status"], "kind": item["type"], "required": item["is_mandatory"]}
            for item in row["dossier_items"]
        ]
        foreign |= {"itemsMissing": row["count_missing_items"], "itemsTotal": row["count_eligible_items"]}
    return foreign


def _procedure(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(row["id"]), "label": row["title"], "published": row["is_live"]}
