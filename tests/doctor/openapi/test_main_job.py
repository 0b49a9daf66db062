"""An account that differs from what the bot believes: named by the doctor, settled by its settings, then served."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.clust import ClustClient
from bot.core.saved_actions.transfer import imported
from bot.doctor.clust import ids, observe
from bot.doctor.openapi.report import ACTIONS_FILE, FRAGMENT_FILE
from bot.sandbox.clust.serving import SandboxClustTransport
from tests.commands import run_command
from tests.conftest import NOON
from tests.doctor.openapi.foreign_account import DESCRIPTION, ForeignAccount, ForeignAnswers, dialect_and_rules
from tests.slack.conftest import Start
from tests.slack.listeners.windows import needed, opened, text_of

SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "CLUST_API_TOKEN": "clust-token",
    "CLUST_API_URL": "http://127.0.0.1:9/api",
}

WAYS = {
    "paths": "The bot lists applications at /dossiers. Clust says GET /applications. → CLUST_PATHS: list=/applications",
    "verbs": "The bot updates with PUT. Clust says PATCH /applications/{uuid}. → CLUST_UPDATE_METHOD: PATCH",
    "parameters": "sends the parameter `page`. Clust calls it `p`. → CLUST_PARAMETERS: page=p",
    "place of rows": "a list's rows from `data`. Clust has them in `results`. → CLUST_RESPONSES: rows=results",
    "place of one": "Clust has it in `application`. → CLUST_RESPONSES: one=application",
    "paging": "`links.next` from lists. Clust calls it `paging.nextUrl`. → CLUST_RESPONSES: next=paging.nextUrl",
    "field names": "The bot reads `title`. Clust calls it `subject`. → CLUST_FIELDS: title=subject",
    "objects": "The bot reads `status`. Clust calls it `state.code`. → CLUST_FIELDS: status=state.code",
    "casing": "The bot reads `is_late`. Clust writes it `isLate`. → CLUST_FIELDS: is_late=isLate",
    "ids as text": "sends `templateId` as number. Clust says text. → CLUST_FIELDS: template_id=templateId:text",
    "types": "sends `auto_emails` as number. Clust says boolean. → CLUST_FIELDS: sent.auto_emails=notify:boolean",
    "status words": "status `HANDED_IN`. Clust says it means “Submitted”. → CLUST_STATUS_RULES: HANDED_IN=submitted",
    "events": "`late`. Clust calls it `application.overdue`. → CLUST_WEBHOOK_EVENTS: late=application.overdue",
    "error shape": "→ CLUST_RESPONSES: message=problem.detail,errors=problem.violations,field=property,text=reason",
}
"""How the account differs, and what the doctor says of each."""


def doctor(folder: Path, *words: str, **settings: str) -> tuple[int, str]:
    """Run the doctor on the account's description, and return its exit code and its text without line breaks."""
    code, output = run_command(
        folder, "doctor", "--openapi", str(DESCRIPTION), *words, settings={**SETTINGS, **settings}
    )
    return code, " ".join(output.split())


def fragment_of(folder: Path) -> dict[str, str]:
    """Let the doctor write its fragment, and return the settings in it."""
    doctor(folder, "--write")
    return {name: value or "" for name, value in dotenv_values(folder / FRAGMENT_FILE).items()}


def test_each_way_is_named_with_its_setting(tmp_path: Path) -> None:
    """With default settings all differences are named, and those that can't be settled say what to do instead."""
    code, output = doctor(tmp_path)
    assert code == 1
    assert {way: words for way, words in WAYS.items() if words.replace("→ ", "→ Set ") not in output} == {}
    assert (
        "`ON_ICE`. Clust doesn't say what it means. → Add `ON_ICE=` and one of these classes to CLUST_STATUS_RULES:"
        in output
    )
    assert "It offers calls that you can import as actions: Close, Approve and Remind." in output
    assert list(tmp_path.iterdir()) == []


def test_with_its_fragment_nothing_differs(tmp_path: Path) -> None:
    """The fragment has whole values: with it the doctor finds nothing but what no one can know."""
    settings = fragment_of(tmp_path)
    code, output = doctor(tmp_path, **settings)
    assert (code, output.count("warning openapi")) == (1, 1)
    assert "`ON_ICE`" in output
    rules = f"{settings['CLUST_STATUS_RULES']},ON_ICE=open"
    code, output = doctor(tmp_path, **{**settings, "CLUST_STATUS_RULES": rules})
    assert code == 0
    assert "It agrees with what the bot does." in output


def test_the_actions_can_be_imported(tmp_path: Path) -> None:
    """Calls that change an application are proposed, but not one that needs more than a text."""
    fragment_of(tmp_path)
    actions = imported((tmp_path / ACTIONS_FILE).read_text(encoding="utf-8"))
    assert [(action.name, action.request.as_text()) for action in actions] == [
        ("Close", "POST /applications/{id}/close"),
        ("Approve", "PUT /applications/{id}/approve"),
        ("Remind", 'POST /applications/{id}/reminders\n{"message": "{text}"}'),
    ]


def test_files_are_never_overwritten(tmp_path: Path) -> None:
    """What an operator has written into a fragment stays."""
    (tmp_path / FRAGMENT_FILE).write_text("mine")
    code, output = doctor(tmp_path, "--write")
    assert code == 2
    assert f"{FRAGMENT_FILE} must be a new file" in output
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
    assert run_command(tmp_path, "doctor", "--write", settings=SETTINGS) == (2, "--write needs --openapi.\n")


def test_a_description_that_is_nowhere(tmp_path: Path) -> None:
    """A file that isn't there, and an address that no one answers, are a sentence and exit code 2."""
    for source, words in (("no.yaml", "I can't read no.yaml: No such file"), ("http://127.0.0.1:9/x", "I can't reach")):
        code, output = run_command(tmp_path, "doctor", "--openapi", source, settings=SETTINGS)
        assert (code, words in output) == (2, True)


async def test_the_doctor_reads_such_an_account() -> None:
    """Its checks of the account itself go through the settings too: pages, one application, and templates."""
    account = ForeignAnswers(clock=lambda: NOON)
    account.populate(5)
    url = "http://clust.invalid/api"
    dialect, _rules = dialect_and_rules(url)

    def connect(base_url: str) -> ClustClient:
        return ClustClient(base_url, account.token, transport=SandboxClustTransport(account), dialect=dialect)

    observations = await observe("default", url, connect, anywhere=False)
    assert observations.first.page is not None
    assert observations.first.page.paging.total == 5
    assert not ids(observations.first) & ids(observations.second)
    assert {name for name, error in observations.reads.items() if error is None} == {
        "dossiers",
        "dossiers/{id}",
        "templates",
    }


async def test_the_main_job_on_such_an_account(start: Start, account: ForeignAccount, tmp_path: Path) -> None:
    """With the fragment, events are posted, and applications are listed, shown, created, updated and deleted."""
    for number in range(100):
        account.add(title=f"Old {number}")
    fragment = await asyncio.to_thread(fragment_of, tmp_path)
    bot = await start(**{name.lower(): value for name, value in fragment.items()})
    await bot.baseline()
    assert "103" in (await bot.say("list")).text
    await bot.say("subscribe all")
    account.make_late(1)
    await bot.posted("onboarding", "Acme")
    account.complete(2)
    account.submit(3)
    account.approve(4)
    created = account.add(title="Dorn")["id"]
    await bot.slack.wait_for(lambda: len(bot.slack.messages("onboarding")) >= 5)
    texts = [message.text for message in bot.slack.messages("onboarding")]
    assert len(texts) == 5
    assert all(any(title in text for text in texts) for title in ("Acme", "Birch", "Cedar", "Old 0", "Dorn"))
    answer = json.dumps((await bot.say(f"show app-{created}")).blocks)
    assert "Dorn" in answer
    assert "0 of " in answer

    exchange = await bot.slack.submit(await opened(bot, "update app-1"), {"title": "Acme 2", "auto_emails": "1"})
    assert exchange.view
    assert "Acme → Acme 2" in text_of(exchange.view)
    assert account.sent_values[-1] == {"subject": "Acme 2", "notify": True}
    assert account.dossiers[1].title == "Acme 2"

    view = await opened(bot, "create")
    refused = await bot.slack.submit(view, needed(bot, first_name="x" * 255, custom="y" * 300))
    assert set(refused.errors) == {"custom"}
    exchange = await bot.slack.submit(
        view,
        needed(bot, custom="y", webhook_url="https://example.com/clust", webhook_events=["late", "pending submission"]),
    )
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    assert account.sent_values[-1] == {
        "templateId": str(next(iter(account.templates))),
        "recipient": {"givenName": "Ana", "familyName": "Silva", "mail": "ana@example.com"},
        "internalNote": "y",
        "callback": {
            "targetUrl": "https://example.com/clust",
            "topics": ["application.overdue", "application.ready_for_submission"],
        },
    }
    admin = bot.slack.workspace.admin
    await bot.ask("delete app-1", user=admin)
    await bot.window(admin.id, "Acme 2")
    question = bot.slack.views.of(admin.id)
    assert question is not None
    await bot.slack.submit(question)
    await bot.slack.wait_for(lambda: 1 not in account.dossiers)
    assert {path for _method, path in account.foreign_requests} >= {
        "/applications",
        "/applications/app-1",
        "/procedures",
    }
    assert not any("dossiers" in path or "templates" in path for _method, path in account.foreign_requests)


@pytest.mark.parametrize("name", ["CLUST_FIELDS", "CLUST_RESPONSES", "CLUST_PATHS", "CLUST_PARAMETERS"])
def test_what_is_set_already_stays_in_the_fragment(tmp_path: Path, name: str) -> None:
    """A fragment has what its setting had before too, so that it can be put in its place."""
    before = {
        "CLUST_FIELDS": "secured_list_url=backOfficeUrl",
        "CLUST_RESPONSES": "per_page=paging.size",
        "CLUST_PATHS": "list=/elsewhere",
        "CLUST_PARAMETERS": "page=seite",
    }[name]
    doctor(tmp_path, "--write", **{name: before})
    value = dotenv_values(tmp_path / FRAGMENT_FILE)[name] or ""
    ours, _equals, theirs = before.partition("=")
    assert value.startswith(f"{ours}=")
    assert (theirs in value) is (name in ("CLUST_FIELDS", "CLUST_RESPONSES"))
