"""`doctor --record`: what is read of an account, only by GET, and the file that was shown before it is written."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.clust import ClustClient, RateLimiter
from bot.clust.protocol import RateLimit
from bot.core.errors import ClustBusy, ClustError
from bot.core.profiles.profile import Profile, read_profile
from bot.doctor.recording import record_profile
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust, StandInAnswer
from tests.commands import run_command
from tests.conftest import Clock
from tests.doctor.conftest import Examined

PERSONAL = "Dupont"


class Personal(SandboxClust):
    """An account with a person in each header, error and key."""

    def respond(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> StandInAnswer:
        """Answer as the sandbox does, with a person added."""
        answer = super().respond(method, path, query, headers, body)
        return StandInAnswer(
            answer.status,
            {**answer.headers, f"x-{PERSONAL}": PERSONAL, "server": PERSONAL},
            answer.body.replace(b'"data": ', b'"%s": 1, "data": ' % PERSONAL.encode(), 1)
            .replace(b'{"message": "', b'{"%s": 1, "message": "%s' % ((PERSONAL.encode(),) * 2))
            .replace(b'"team": {', b'"team": {"%s": 1, ' % PERSONAL.encode()),
        )


def opened(account: SandboxClust) -> ClustClient:
    """Return a client of an account."""
    return ClustClient("http://clust/api", account.token, transport=SandboxClustTransport(account))


async def recorded(account: SandboxClust) -> Profile:
    """Record an account."""
    async with opened(account) as client:
        return await record_profile(client)


@pytest.fixture
def account(clock: Clock) -> SandboxClust:
    """An account with 120 applications."""
    account = Personal(clock=clock)
    account.populate(120)
    return account


async def test_what_an_account_is_like(account: SandboxClust) -> None:
    """Pages, order, keys, codes and errors, and only GETs."""
    profile = await recorded(account)
    assert {request.method for request in account.requests} == {"GET"}
    assert (profile.applications, profile.is_complete) == (120, True)
    listing = profile.list
    assert (listing.paging, listing.heeds_page, listing.heeds_per_page, listing.heeds_search) == (
        "full",
        True,
        True,
        True,
    )
    assert listing.order == "changed"
    assert listing.max_per_page is None
    assert profile.row_keys["contact.email"] == {"text": 120}
    assert "count_missing_items" not in profile.row_keys
    assert profile.single_keys["count_missing_items"] == {"number": 10}
    assert profile.single_keys["dossier_items.title"] == {"text": 10}
    assert sum(status.count for status in profile.statuses) == 120
    assert profile.errors["no_application"].status == 404
    assert profile.errors["no_application"].keys == {"message": {"text": 1}}
    assert set(profile.seconds) == {"list", "single"}
    assert PERSONAL.casefold() not in profile.as_text().casefold()


@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        ({"repeat_first_page": True}, {"heeds_page": False}),
        ({"ignore_per_page": True}, {"heeds_per_page": False}),
        ({"cap_per_page": 50}, {"max_per_page": 50}),
        ({"ignore_filters": True}, {"heeds_search": False}),
        ({"paging": "bare"}, {"paging": "bare"}),
        ({"paging": "flat", "rows_by_id": True}, {"paging": "flat", "rows_by_id": True}),
        ({"paging": "cursor"}, {"paging": "cursor"}),
        ({"counts_as_text": True}, {"counts_as_text": True}),
        ({"order": "created"}, {"order": "created"}),
    ],
)
async def test_what_an_account_does_otherwise(
    account: SandboxClust, faults: dict[str, Any], seen: dict[str, Any]
) -> None:
    """Each way in which an account may differ is in its profile."""
    for name, value in faults.items():
        setattr(account.faults, name, value)
    listing = (await recorded(account)).list
    assert {name: getattr(listing, name) for name in seen} == seen


async def test_an_application_counts_once_on_however_many_pages_it_is(clock: Clock) -> None:
    """Else a key that one application has would be on five."""
    account = SandboxClust(clock=clock)
    account.add(status="chez_marie")
    account.faults.repeat_first_page = True
    profile = await recorded(account)
    assert (profile.applications, profile.statuses, profile.other_statuses) == (1, (), 1)


async def test_accounts_of_one_and_of_none(clock: Clock) -> None:
    """What can't be seen is unknown."""
    account = SandboxClust(clock=clock)
    profile = await recorded(account)
    assert (profile.applications, profile.list.heeds_page, profile.list.order) == (0, None, None)
    account.add()
    profile = await recorded(account)
    assert (profile.applications, profile.list.heeds_page, profile.list.heeds_per_page) == (1, None, None)


async def test_single_reads_that_fail_are_left_out(account: SandboxClust) -> None:
    """A profile of the list alone is one too."""
    account.faults.forbidden = frozenset({"dossiers/{id}"})
    profile = await recorded(account)
    assert profile.single_keys == {}
    assert profile.errors["no_application"].status == 403
    account.faults.forbidden, account.faults.bare = frozenset(), True
    assert (await recorded(account)).single_is_bare


async def test_rows_without_a_usable_id_are_not_read_singly(clock: Clock) -> None:
    """Nor does an ID lead anywhere else."""
    account = SandboxClust(clock=clock)
    account.faults.stale_list = [b'{"id": null}', b'{"id": null, "a": 1}', b'{"id": "../users"}', b'{"title": "x"}']
    profile = await recorded(account)
    assert profile.applications == 3
    assert all("users" not in request.path or "dossiers" in request.path for request in account.requests)


async def test_the_budget_of_polls_is_kept(account: SandboxClust, clock: Clock) -> None:
    """Of what Clust allows, 70 % at most is used in a minute (rule R3)."""
    account.faults.rate_limit = 10
    waits: list[float] = []
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        waits.append(seconds)
        now += seconds
        clock.forward(seconds)

    limiter = RateLimiter(lambda: now, sleep)
    limiter.record_limit(RateLimit(10, 10))
    transport = SandboxClustTransport(account)
    async with ClustClient("http://clust/api", account.token, transport=transport, rate_limiter=limiter) as client:
        await record_profile(client)
    assert waits
    assert len(account.requests) <= 7 * (1 + sum(waits) / 60)


@pytest.mark.parametrize(
    "fault", [{"down": True}, {"html": True}, {"half_json": True}, {"throttle": {"retry-after": "300"}}]
)
async def test_an_account_that_cant_be_read_has_no_profile(account: SandboxClust, fault: dict[str, Any]) -> None:
    """Its error says why."""
    for name, value in fault.items():
        setattr(account.faults, name, value)
    with pytest.raises(ClustError):
        await recorded(account)


class Listless(SandboxClust):
    """An account that answers with an object without rows."""

    def respond(self, *_request: object) -> StandInAnswer:
        """Answer so."""
        return StandInAnswer(200, {}, b'{"status": "ok"}')


async def test_a_list_that_is_none_is_an_error(clock: Clock) -> None:
    """An object without rows is not an account without applications."""
    with pytest.raises(ClustError, match="no list"):
        await recorded(Listless(clock=clock))


async def test_a_long_wait_ends_it(account: SandboxClust) -> None:
    """The person who runs it gets a message, and doesn't wait for a quarter of an hour."""
    limiter = RateLimiter()
    limiter.record_429(600)
    transport = SandboxClustTransport(account)
    async with ClustClient("http://clust/api", account.token, transport=transport, rate_limiter=limiter) as client:
        with pytest.raises(ClustBusy):
            await record_profile(client)
    assert not account.requests


async def command(examined: Examined, folder: Path, *words: str, answer: str = "yes\n") -> tuple[int, str]:
    """Run the doctor with what is typed when it asks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(answer))
        return await asyncio.to_thread(run_command, folder, "doctor", *words, settings=examined.environment)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_file_is_shown_before_it_is_written(examined: Examined, tmp_path: Path) -> None:
    """What is printed is what is written, after a yes. Otherwise nothing is written, and nothing is overwritten."""
    file = tmp_path / "profile.json"
    code, printed = await command(examined, tmp_path, "--record", str(file), answer="no\n")
    assert (code, file.exists()) == (0, False)
    assert "Nothing was written." in printed
    code, printed = await command(examined, tmp_path, "--record", str(file))
    assert code == 0
    assert file.read_text() in printed
    assert read_profile(file.read_text()).applications == 3
    code, printed = await command(examined, tmp_path, "--record", str(file))
    assert (code, printed.count("\n")) == (2, 1)
    assert "must be a new file" in printed


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_which_account_is_asked(examined: Examined, tmp_path: Path) -> None:
    """An account that is not there is answered with those that are, and one that fails with why."""
    file = str(tmp_path / "profile.json")
    code, printed = await command(examined, tmp_path, "--record", file, "--account", "emea")
    assert code == 2
    assert printed.strip() == "Unknown account emea. Connected accounts: default."
    examined.account.faults.refuse_token = True
    code, printed = await command(examined, tmp_path, "--record", file)
    assert code == 2
    assert "token" in printed
    examined.settings.pop("clust_api_token")
    code, printed = await command(examined, tmp_path, "--record", file)
    assert code == 2
