"""The files in `deploy/` and the Procfile: they load, name what exists, and run where that can be tried."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from cryptography.fernet import Fernet

from bot.http.probes import create_probes
from bot.http.server import listen, served
from bot.observability.metrics import METRICS
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from tests.bot_process import PROJECT, BotProcess
from tests.dashboard_panels import completed, metrics_without_panel
from tests.processes import environment
from tests.slack.conftest import Account

DEPLOY = PROJECT / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
RULES = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
UNIT = (DEPLOY / "clust-bot@.service").read_text()

SAMPLES = {sample: row for row in METRICS for sample in row.samples}
OF_PROMETHEUS = {"up": {"job", "instance"}}


NEW_PANELS = completed({**DASHBOARD, "panels": []})
"""A dashboard with the panels that `make docs` writes for new metrics, here for all of them."""


def _queries() -> Iterator[tuple[str, str]]:
    for panel in (*DASHBOARD["panels"], *NEW_PANELS["panels"]):
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


@pytest.mark.parametrize("place_and_query", list(_queries()), ids=lambda case: case[0])
def test_each_query_asks_for_what_exists(place_and_query: tuple[str, str]) -> None:
    """The bot exports its metrics, with the labels that it selects and groups by."""
    where, query = place_and_query
    names = set(re.findall(r"\bclustbot_\w+|\bup\b", query))
    assert names, where
    assert names <= SAMPLES.keys() | OF_PROMETHEUS.keys()
    labels = {"le"}.union(*(set(SAMPLES[name].labels) if name in SAMPLES else OF_PROMETHEUS[name] for name in names))
    used = {label.strip() for group in re.findall(r"by \(([^)]*)\)", query) for label in group.split(",")}
    used |= set(re.findall(r"[{,](\w+)(?:=~|=|!=)", query))
    assert used <= labels


def test_the_dashboard_shows_every_metric() -> None:
    """What is counted can be seen: `make docs` adds a panel for a new metric, and leaves the others as they are."""
    assert metrics_without_panel(DASHBOARD) == []
    assert metrics_without_panel({**DASHBOARD, "panels": []}) == [*METRICS]
    one = completed({**DASHBOARD, "panels": DASHBOARD["panels"][:-2]})
    assert one["panels"][:-1] == DASHBOARD["panels"][:-2]
    assert metrics_without_panel(one) == []


@pytest.mark.parametrize(
    "dashboard", [DASHBOARD, NEW_PANELS, completed({**DASHBOARD, "panels": DASHBOARD["panels"][:9]})]
)
def test_the_dashboard_is_whole(dashboard: dict[str, Any]) -> None:
    """Grafana: each panel has an id, a place of its own, a data source to be chosen, and legends that name labels."""
    panels: list[dict[str, Any]] = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    occupied: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & occupied
        occupied |= cells
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            legend = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert legend <= set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", target["expr"]))))
    assert [one["name"] for one in dashboard["templating"]["list"]] == ["datasource"]


def test_each_alert_says_what_to_do() -> None:
    """A summary, a description, a severity."""
    for group in RULES["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert rule["annotations"]["summary"]
            assert rule["annotations"]["description"].endswith(".")


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, check=False)  # noqa: S603  tools of the machine
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool comes with Prometheus")
def test_prometheus_loads_them() -> None:
    """By its own tool, where there is one."""
    _run("promtool", "check", "config", "prometheus.yml")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze comes with systemd")
def test_systemd_loads_the_unit(tmp_path: Path) -> None:
    """By its own tool, where there is one, with the program's path replaced by the one here."""
    unit = UNIT.replace("/opt/clust-bot/.venv/bin/python", sys.executable).replace("/opt/clust-bot", str(PROJECT))
    (tmp_path / "clust-bot@.service").write_text(unit)
    _run("systemd-analyze", "verify", str(tmp_path / "clust-bot@worker.service"))


def test_the_unit_does_not_begin_again_with_wrong_settings() -> None:
    """Exit code 2 is theirs, and it gets longer to end than it needs."""
    assert "RestartPreventExitStatus=2" in UNIT
    assert int(re.findall(r"^TimeoutStopSec=(\d+)", UNIT, re.MULTILINE)[0]) > 10


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze comes with systemd")
def test_the_unit_is_shut_in(tmp_path: Path) -> None:
    """B13: systemd's own judgment of what the unit may do beyond its work: little (0 is nothing, 10 everything)."""
    name = tmp_path / "clust-bot@.service"
    name.write_text(UNIT)
    _run("systemd-analyze", "security", "--offline=yes", "--threshold=15", str(name))


@pytest.mark.parametrize(
    "line",
    [
        "ProtectProc=invisible",
        "SystemCallArchitectures=native",
        "MemoryDenyWriteExecute=yes",
        "IPAddressDeny=link-local",
        "SystemCallFilter=~@privileged @resources",
    ],
)
def test_the_unit_denies_what_the_bot_never_needs(line: str) -> None:
    """B13: each of these stands in the unit."""
    assert line in UNIT.splitlines()


DENIES_WRITING_WHAT_RUNS = """
import ctypes, runpy, sys
sys.argv = ["bot", "run"]
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
    print("this kernel can't", flush=True)
else:
    runpy.run_module("bot", run_name="__main__")
"""


async def test_it_works_without_memory_that_is_written_and_run(tmp_path: Path) -> None:
    """B13: the bot keeps that promise of MemoryDenyWriteExecute: the kernel holds it to it while it answers."""
    account = Account()
    async with SandboxSlack() as slack, serve_clust(account) as clust_url:
        key = Fernet.generate_key().decode()
        url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
        settings = environment(slack, clust_url, account.token, url, PORT="0", LOG_FORMAT="json", SECRET_KEY=key)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", DENIES_WRITING_WHAT_RUNS),
            env=settings,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout
        try:
            async with asyncio.timeout(60):
                async for line in process.stdout:
                    if b"this kernel can't" in line:
                        pytest.skip("Linux denies that since 6.3")
                    if b'"listening"' in line:
                        break
            slack.events_url = f"http://127.0.0.1:{json.loads(line)['port']}/slack/events"
            answer = await (await slack.command("/clust", "help")).answer()
            assert "/clust list" in answer.text
        finally:
            process.kill()
            await process.wait()


def test_the_container_holds_what_is_there() -> None:
    """What is copied exists, and it runs as a user without rights."""
    copied = [line.split()[1] for line in CONTAINERFILE.splitlines() if line.startswith("COPY")]
    assert copied == ["requirements.txt", "bot"]
    assert all((PROJECT / name).exists() for name in copied)
    user = re.findall(r"^USER (\S+)", CONTAINERFILE, re.MULTILINE)
    assert user == ["10001"]
    assert CONTAINERFILE.index("USER") < CONTAINERFILE.index("\nCMD")


async def test_the_containers_health_check_works() -> None:
    """The command in it is 0 while the process answers on METRICS_PORT, and not 0 when it does not."""
    (command,) = re.findall(r"HEALTHCHECK .*\\\n +CMD (\[.*\])", CONTAINERFILE)
    _, flag, program = json.loads(command)

    async def check(port: int) -> int:
        env = {**os.environ, "METRICS_PORT": str(port)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, flag, program, env=env, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    async def nothing() -> bytes:
        return b""

    async def fine() -> tuple[()]:
        return ()

    listening = listen("METRICS_PORT", "127.0.0.1", 0)
    port = listening.getsockname()[1]
    async with served(create_probes(fine, nothing), listening):
        assert await check(port) == 0
    assert await check(port) != 0


@pytest.mark.long
async def test_the_procfile_runs(tmp_path: Path, postgresql_url: str) -> None:
    """With honcho: web, two workers and PostgreSQL.

    A command is answered and each event comes once, and then all end.
    """
    account = Account()
    for title in ("Acme", "Birch", "Cedar"):
        account.add(title=title)
    async with SandboxSlack() as slack, serve_clust(account) as clust_url:
        settings = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "CLUST_API_TOKEN": account.token,
            "CLUST_API_URL": clust_url,
            "DATABASE_URL": postgresql_url,
            "LISTEN_HOST": "127.0.0.1",
            "METRICS_PORT": "0",
            "POLL_INTERVAL": "0.3",
        }
        procfile = str(PROJECT / "Procfile")
        command = (
            "-f",
            procfile,
            "-d",
            str(tmp_path),
            "start",
            "-p",
            "0",
            "-c",
            "web=1,worker=2",
            "web",
            "worker",
        )
        log = tmp_path / "honcho.log"
        with log.open("wb") as output:
            honcho = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "honcho", *command),
                env=settings,
                cwd=tmp_path,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            web = BotProcess(honcho, log)
            slack.events_url = f"http://127.0.0.1:{await web.port()}/slack/events"
            metrics_port = await web.port("metrics")
            await (await slack.command("/clust", "subscribe all")).answer()
            await account.read(3)
            for number in (1, 2, 3):
                account.make_late(number)
            await slack.wait_for(lambda: len(slack.messages("onboarding")) >= 3)
            address = f"http://127.0.0.1:{metrics_port}/metrics"
            async with aiohttp.ClientSession() as session, session.get(address) as response:
                assert "clustbot_database_up 1.0" in await response.text()
            honcho.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                await honcho.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(honcho.pid, signal.SIGKILL)
            await honcho.wait()
            logged = log.read_text()
            print(logged)  # noqa: T201  shown where the test fails
        assert sorted(message.text.count("Late") > 0 for message in slack.messages("onboarding")) == [True] * 3
    assert {"web.1", "worker.1", "worker.2"} <= set(re.findall(r"\b(?:web|worker)\.\d", logged))
    assert "Traceback" not in logged
