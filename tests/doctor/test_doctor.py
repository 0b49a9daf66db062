"""`python -m bot doctor`: with each thing broken in turn it names that thing, and it changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor import Finding, Level, as_lines, exit_code, summary
from bot.doctor.clust import CLUSTS_OWN, candidates
from bot.doctor.slack import SlackChecks
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.settings import Settings
from bot.store import open_store
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.wiring.diagnosing import diagnose
from tests.bot_process import bot_process
from tests.conftest import NOON
from tests.processes import refusing
from tests.slack.conftest import Account

READING = {"auth.test", "apps.connections.open", "users.info", "conversations.info"}
"""What the doctor calls of Slack."""


@dataclass
class Ward:
    """A workspace and an account in good health, and the settings that lead to them."""

    slack: SandboxSlack
    account: Account
    settings: dict[str, Any] = field(default_factory=dict)
    nowhere: str = ""
    """A host and port that refuse every connection."""

    async def findings(self) -> list[Finding]:
        """Return what the doctor finds."""
        return [finding async for finding in diagnose(Settings(_env_file=None, **self.settings))]


@pytest.fixture
async def ward(url: str) -> AsyncIterator[Ward]:
    """Nothing is wrong here; a channel is subscribed."""
    account = Account()
    for title in ("Acme", "Birch", "Cedar"):
        account.add(title=title)
    account.make_late(1)
    async with AsyncExitStack() as stack:
        nowhere = stack.enter_context(refusing())
        slack = await stack.enter_async_context(SandboxSlack())
        clust_url = await stack.enter_async_context(serve_clust(account))
        store = open_store(url, posts_per_minute=300)
        team_id = slack.workspace.bot.team_id
        connection = await store.connections.ensure(team_id, "default", clust_url, account.token)
        where, who = slack.workspace.onboarding.id, slack.workspace.member.id
        await store.subscriptions.save(
            SubscriptionRequest(
                team_id, where, connection.id, filter="", events=("late",), limit=None, created_by=who, zone="UTC"
            ),
            NOON,
        )
        await store.database.close()
        settings = {
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_api_url": slack.api_url,
            "clust_api_token": account.token,
            "clust_api_url": clust_url,
            "database_url": url,
            "secret_key": Fernet.generate_key().decode(),
            "admin_users": slack.workspace.admin.id,
        }
        yield Ward(slack, account, settings, nowhere)


def _digest(url: str) -> str:
    return hashlib.sha256(Path(url.partition("///")[2]).read_bytes()).hexdigest()


async def test_all_is_well(ward: Ward) -> None:
    """Nothing but ok, and nothing was changed: of Clust it reads, of Slack it asks."""
    before = _digest(ward.settings["database_url"]) if "sqlite" in ward.settings["database_url"] else ""
    findings = await ward.findings()
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert exit_code(findings) == 0
    assert {request.method for request in ward.account.requests} == {"GET"}
    assert {call.method for call in ward.slack.calls} <= READING
    if before:
        assert _digest(ward.settings["database_url"]) == before
    text = " ".join(finding.text for finding in findings)
    assert '0_not_started "Missing", 3 times: open' in text
    assert "Filters that are honoured: search, status, template_id, is_late" in text
    assert ward.account.token not in text
    assert "Acme" not in text


Break = Callable[[Ward], object]


def clust_faults(**turned: Any) -> Break:
    """Return what sets faults of the stand-in for Clust's."""

    def turn(ward: Ward) -> None:
        for name, value in turned.items():
            setattr(ward.account.faults, name, value)

    return turn


def slack_faults(**turned: Any) -> Break:
    """Return what sets faults of the stand-in for Slack's."""

    def turn(ward: Ward) -> None:
        for name, value in turned.items():
            setattr(ward.slack.faults, name, value)

    return turn


def settings(**different: Any) -> Break:
    """Return what sets settings wrong."""
    return lambda ward: ward.settings.update(different)


def _move(ward: Ward) -> None:
    ward.settings["clust_api_url"] = ward.settings["clust_api_url"].replace("/api", "/nowhere")


def _archive(ward: Ward) -> None:
    ward.slack.workspace.onboarding.is_archived = True


BROKEN: dict[str, tuple[Break, Level, str, str]] = {
    "no secret key": (settings(secret_key=""), Level.WARNING, "settings", "SECRET_KEY is not set"),
    "two ways in": (settings(slack_signing_secret="signing-secret"), Level.WARNING, "settings", "are both set"),
    "an unknown admin": (settings(admin_users="U0NOBODY"), Level.WARNING, "admins", "does not know U0NOBODY"),
    "Slack down": (slack_faults(down=True), Level.FAULT, "slack", "503"),
    "Slack elsewhere": (
        lambda ward: ward.settings.update(slack_api_url=f"http://{ward.nowhere}/api"),
        Level.FAULT,
        "slack",
        "can't be reached",
    ),
    "a wrong bot token": (settings(slack_bot_token="xoxb-wrong"), Level.FAULT, "slack token", "invalid_auth"),
    "a wrong app token": (settings(slack_app_token="xapp-wrong"), Level.FAULT, "slack app token", "invalid_auth"),
    "a missing scope": (
        slack_faults(missing_scopes=frozenset({"files:write"})),
        Level.FAULT,
        "slack scopes",
        "lacks files:write; without it these fail: files.upload.v2",
    ),
    "a slow clock": (slack_faults(clock_ahead=60), Level.WARNING, "clock", "s behind Slack's"),
    "a wrong clock": (slack_faults(clock_ahead=-900), Level.FAULT, "clock", "s ahead of Slack's: no request"),
    "an archived channel": (
        _archive,
        Level.WARNING,
        "channels",
        "is_archived",
    ),
    "a channel without the bot": (
        lambda ward: ward.slack.workspace.onboarding.members.discard(ward.slack.workspace.bot.id),
        Level.WARNING,
        "channels",
        "not_in_channel",
    ),
    "Clust unreachable": (clust_faults(unreachable=True), Level.FAULT, "clust default", "can't be reached"),
    "Clust down": (clust_faults(down=True), Level.FAULT, "clust default", "or Clust is in trouble"),
    "a wrong Clust token": (clust_faults(refuse_token=True), Level.FAULT, "clust default", "refuses the API token"),
    "a web page": (clust_faults(html=True), Level.FAULT, "clust default", "no address of Clust's API"),
    "half an answer": (clust_faults(half_json=True), Level.FAULT, "clust default", "half of it"),
    "too many requests": (clust_faults(rate_limit=0), Level.FAULT, "clust default", "too many requests"),
    "a wrong address": (_move, Level.FAULT, "clust default", "/nowhere is no address of Clust's API"),
    "no right to the list": (
        clust_faults(forbidden=frozenset({"dossiers"})),
        Level.FAULT,
        "clust default",
        "may not read applications",
    ),
    "no right to one": (
        clust_faults(forbidden=frozenset({"dossiers/{id}"})),
        Level.FAULT,
        "clust default",
        "dossiers/{id} can't be read",
    ),
    "no right to templates": (
        clust_faults(forbidden=frozenset({"templates"})),
        Level.WARNING,
        "clust default",
        "templates can't be read: the form of a new application can offer none",
    ),
    "per_page ignored": (
        clust_faults(ignore_per_page=True),
        Level.WARNING,
        "clust default",
        "`per_page` is not honoured",
    ),
    "page ignored": (clust_faults(repeat_first_page=True), Level.FAULT, "clust default", "`page` is not honoured"),
    "the second page fails": (clust_faults(cut_page=2), Level.FAULT, "clust default", "second page can't be read"),
    "no total": (clust_faults(paging="none"), Level.WARNING, "clust default", "does not say how many applications"),
    "pages by a cursor, no total": (
        clust_faults(paging="cursor"),
        Level.WARNING,
        "clust default",
        "does not say how many applications",
    ),
    "filters ignored": (
        clust_faults(ignore_filters=True),
        Level.WARNING,
        "clust default",
        "not honoured: search, status",
    ),
    "no lateness in lists": (
        clust_faults(list_without=frozenset({"is_late"})),
        Level.WARNING,
        "clust default",
        "carry no `is_late`: *late* is never seen",
    ),
    "an unknown status": (
        lambda ward: ward.account.change(2, status="7_signed", status_string="Signed"),
        Level.WARNING,
        "clust default",
        '7_signed "Signed", 1 times: no rule knows it',
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_is_named(ward: Ward, broken: str) -> None:
    """The one thing that is broken is the worst that is found, with what to do about it."""
    breaks, level, about, words = BROKEN[broken]
    breaks(ward)
    findings = await ward.findings()
    named = [finding for finding in findings if words in finding.text]
    assert [(finding.level, finding.about) for finding in named] == [(level, about)]
    assert named[0].remedy
    assert exit_code(findings) == level
    wrong = {finding.about for finding in findings if finding.level is not Level.OK}
    assert wrong == {about}


async def test_a_wrong_address_is_told_with_the_right_one(ward: Ward) -> None:
    """Where another path of the same host answers the token, it is named."""
    right = ward.settings["clust_api_url"]
    _move(ward)
    (named,) = [finding for finding in await ward.findings() if finding.level is Level.FAULT]
    assert right in named.remedy


def test_a_token_goes_to_no_strange_host() -> None:
    """Clust's own other addresses are tried for one of Clust's own hosts alone."""
    assert candidates("https://clust.example.com/x") == [
        "https://clust.example.com/api",
        "https://clust.example.com/api/v2",
    ]
    assert candidates("https://evilclustdoc.com/api") == ["https://evilclustdoc.com/api/v2"]
    assert set(candidates("https://api.clustdoc.com/api")) >= set(CLUSTS_OWN) - {"https://api.clustdoc.com/api"}


async def test_what_an_admin_chose_counts(ward: Ward) -> None:
    """A status that was classified on the Home tab is known here too."""
    ward.account.change(2, status="7_signed", status_string="Signed")
    store = open_store(ward.settings["database_url"], posts_per_minute=300)
    (connection_id,) = await store.connections.ids()
    await store.connections.choose_status(connection_id, "7_signed", "submitted")
    await store.database.close()
    texts = [finding.text for finding in await ward.findings()]
    assert '7_signed "Signed", 1 times: submitted' in texts


@pytest.mark.parametrize(
    ("revision", "level", "words"), [("0001", Level.WARNING, "earlier version"), ("9999", Level.FAULT, "newer version")]
)
async def test_a_database_of_another_version(ward: Ward, revision: str, level: Level, words: str) -> None:
    """It is named, and left as it is; what stands in it is not looked at."""
    store = open_store(ward.settings["database_url"], posts_per_minute=300)
    async with store.database.write() as tx:
        await tx.execute(sa.text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608  a constant
    findings = await ward.findings()
    assert [(finding.about, finding.level) for finding in findings if words in finding.text] == [("database", level)]
    assert not [finding for finding in findings if finding.about == "channels"]
    async with store.database.read() as tx:
        assert (await tx.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one() == revision
    await store.database.close()


async def test_a_database_that_can_not_be_used(ward: Ward, tmp_path: Path) -> None:
    """A missing folder, a file that is no database, a server that is away: one fault each, and nothing is made."""
    (tmp_path / "letter.txt").write_text("Dear all, " * 200)
    for database_url, words in (
        (f"sqlite:///{tmp_path}/nowhere/bot.db", "There is no folder"),
        (f"sqlite:///{tmp_path}/letter.txt", "can't be used"),
        (f"postgresql://bot:hunter2@{ward.nowhere}/name", "can't be used"),
    ):
        ward.settings["database_url"] = database_url
        findings = await ward.findings()
        (named,) = [finding for finding in findings if finding.about == "database"]
        assert (named.level, words in named.text) == (Level.FAULT, True)
        assert "hunter2" not in named.text
    ward.settings["database_url"] = f"sqlite:///{tmp_path}/new.db"
    assert "the bot makes it when it starts" in " ".join(finding.text for finding in await ward.findings())
    assert not (tmp_path / "new.db").exists()


async def test_a_database_for_reading_takes_no_write(url: str) -> None:
    """Whoever opens it so can change nothing, on either database."""
    store = open_store(url, posts_per_minute=300, read_only=True)
    with pytest.raises(sa.exc.DBAPIError, match=r"readonly|read-only"):
        await store.connections.ensure("T1", "default", "http://clust", "x")
    await store.database.close()


@pytest.mark.parametrize(("broken", "code"), [(None, 0), ("no secret key", 1), ("Clust down", 2)])
async def test_the_exit_code_is_the_worst(ward: Ward, tmp_path: Path, broken: str | None, code: int) -> None:
    """For scripts: 0 all is well, 1 warnings, 2 faults; the lines end with how many there are of each."""
    if broken:
        BROKEN[broken][0](ward)
    given = {name.upper(): str(value) for name, value in ward.settings.items()}
    async with bot_process(tmp_path, "doctor", given) as bot:
        assert await bot.ended() == code
    assert bot.complaints == []
    assert bot.output.splitlines()[-1].endswith(f"{1 if code == 2 else 0} fault")
    assert all(secret not in bot.output for secret in (ward.account.token, ward.slack.bot_token))


async def test_wrong_settings_end_it_with_a_sentence(tmp_path: Path) -> None:
    """As for every command: each wrong one is named, and the code is 2."""
    async with bot_process(tmp_path, "doctor", {"PORT": "http"}) as bot:
        assert await bot.ended() == 2
    assert {"PORT", "SLACK_BOT_TOKEN"} <= {line.partition(":")[0] for line in bot.output.splitlines()}


def test_a_line_has_its_level_first_and_the_remedy_below() -> None:
    """As a terminal shows it, wrapped where it is long."""
    finding = Finding(Level.FAULT, "clock", "It is wrong. " * 12, "Mend it.")
    first, *more = as_lines(finding)
    assert first.startswith("fault    clock: It is wrong.")
    assert more[-1] == "         → Mend it."
    assert all(len(line) <= 100 for line in (first, *more))
    assert summary([finding, finding]) == "0 ok, 0 warning, 2 fault"


async def test_an_app_token_that_can_not_be_tried_is_not_called_wrong() -> None:
    """Without a network nobody knows whether Slack would take it."""
    with refusing() as nowhere:
        patient = SlackChecks(AsyncWebClient("xoxb-1", base_url=f"http://{nowhere}/"))
        finding = await patient.app_token("xapp-1")
    assert (finding.level, finding.about) == (Level.FAULT, "slack app token")
    assert finding.text.startswith("It can't be tried. ")
