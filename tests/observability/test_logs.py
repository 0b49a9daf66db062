"""What is logged, and how secrets are kept out of it."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.observability.logs import MASK, QUIET, configure_logging
from tests.commands import logging_restored

SECRETS = ("xoxb-hush", "xoxb-hush-longer", 'quo"te\\hush', "p@ss hüsh")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Leave logging as it was found."""
    with logging_restored():
        yield


@pytest.fixture(params=["console", "json"])
def style(request: pytest.FixtureRequest) -> str:
    """Either way of writing a line."""
    name: str = request.param
    return name


def read(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was logged, which is on standard error alone."""
    out, output = capsys.readouterr()
    assert not out
    return output


def read_json(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the logged lines as objects."""
    return [json.loads(line) for line in read(capsys).splitlines()]


def hushed(output: str) -> bool:
    """Return whether something was masked, and nothing of a secret is left."""
    return MASK in output and "hush" not in output and "h\\u00fcsh" not in output and "hüsh" not in output


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(capsys: pytest.CaptureFixture[str], style: str, secret: str) -> None:
    """In the message, a value, inside a value, and a bound value nothing of a secret is left, in either style."""
    configure_logging("INFO", style, SECRETS)
    log = structlog.get_logger("bot.test")
    message = f"message {secret}"
    log.info(message)
    assert hushed(read(capsys))
    log.info("value", url=secret)
    assert hushed(read(capsys))
    log.info("deep", request={"headers": [f"Bearer {secret}"]})
    assert hushed(read(capsys))
    log.bind(token=secret).info("bound")
    assert hushed(read(capsys))
    log.info("formatted %s", secret)
    assert hushed(read(capsys))


def fail(secret: str) -> None:
    """Raise an error that another one caused. Both contain the secret."""
    local = f"local words of {secret[:1]}"
    try:
        {local: 1}[secret]
    except KeyError as error:
        raise RuntimeError(f"cannot use {secret}") from error


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_a_traceback_is_masked(capsys: pytest.CaptureFixture[str], style: str, secret: str) -> None:
    """An error with a secret, and the error that caused it, are logged without it and without local variables."""
    configure_logging("INFO", style, SECRETS)
    try:
        fail(secret)
    except RuntimeError:
        structlog.get_logger("bot.test").exception("failed")
        logging.getLogger("library").exception("failed")
    output = read(capsys)
    assert hushed(output)
    assert output.count("RuntimeError") >= 2
    assert "local words" not in output


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_a_librarys_record_is_masked(capsys: pytest.CaptureFixture[str], style: str, secret: str) -> None:
    """What a library logs by itself, with arguments, goes the same way."""
    configure_logging("INFO", style, SECRETS)
    logging.getLogger("library").warning("sent %s to %r", secret, [secret])
    assert hushed(read(capsys))


@pytest.mark.parametrize("name", ["p%40ss%20h%C3%BCsh", "p%40ss+h%C3%BCsh"])
def test_a_secret_in_an_address_is_masked(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A secret as an address writes it is one too."""
    configure_logging("INFO", "json", SECRETS)
    logging.getLogger("library").warning("https://host/?token=%s", name)
    assert f"token={MASK}" in read(capsys)


@pytest.mark.parametrize(
    "planted",
    [
        "xoxb-1234-5678-abcDEF",
        "xoxp-1-2-3-abc",
        "xoxe.xoxb-1-My-long",
        "xoxe-1-My0refresh",
        "xapp-1-A012-345-abcdef",
        "Bearer 12|Abc+def/ghi==",
        "bearer%20abc.def-ghi",
        "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE=",
    ],
)
def test_what_looks_like_a_secret_is_masked(capsys: pytest.CaptureFixture[str], style: str, planted: str) -> None:
    """Tokens of other workspaces and keys in the wrong place, which no setting names, are masked by their looks."""
    configure_logging("INFO", style, [])
    log = structlog.get_logger("bot.test")
    for line in (f"refused: {planted}", f"refused:{planted}, again", f'{{"token": "{planted}"}}'):
        log.warning("said", body=line, headers=[planted], nested={"key": planted})
        logging.getLogger("library").error(line)
    try:
        fail(planted)
    except RuntimeError:
        log.exception("failed")
    output = read(capsys)
    assert MASK in output
    assert planted not in output
    assert planted.rpartition(" ")[2] not in output


@pytest.mark.parametrize(
    "harmless",
    ["xoxb", "the bearer of this", "sha256=" + "a" * 64, "C012AB3CD", "a" * 44, "status=1_open&page=2", "U0123|ana"],
)
def test_what_is_no_secret_stays(capsys: pytest.CaptureFixture[str], harmless: str) -> None:
    """IDs, hashes and words are logged unchanged."""
    configure_logging("INFO", "json", [])
    structlog.get_logger("bot.test").info(harmless)
    assert json.loads(read(capsys))["event"] == harmless


def test_nobody_forges_a_line(capsys: pytest.CaptureFixture[str], style: str) -> None:
    """A line break in a value starts no new line, in either style."""
    configure_logging("INFO", style, [])
    structlog.get_logger("bot.test").info("one\r\n2026-03-02 forged", value="two\nthree")
    logging.getLogger("library").warning("four\nfive")
    assert len(read(capsys).splitlines()) == 2


def test_without_secrets_nothing_is_masked(capsys: pytest.CaptureFixture[str], style: str) -> None:
    """An empty secret, which would be everywhere, masks nothing."""
    configure_logging("INFO", style, ["", "other"])
    structlog.get_logger("bot.test").info("plain", value="words")
    output = read(capsys)
    assert MASK not in output
    assert "words" in output


def test_json_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each event is one line with its level, logger, time and values, our own and a library's alike."""
    configure_logging("INFO", "json", ["hush"])
    structlog.get_logger("bot.test").info("polled", pages=3, note="two\nlines")
    logging.getLogger("library").warning("heard %s", "it")
    ours, theirs = read_json(capsys)
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {"event": "polled", "level": "info", "logger": "bot.test", "pages": 3, "note": "two\nlines"}
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("heard it", "warning", "library")


def test_a_line_for_a_terminal_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal's line has the message and the values, and no color that a file would keep as signs."""
    configure_logging("INFO", "console", [])
    structlog.get_logger("bot.test").info("polled", pages=3)
    output = read(capsys)
    assert "polled" in output
    assert "pages=3" in output
    assert "\x1b" not in output


def test_bound_values_are_in_each_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A reference bound for the time of a request stands in each of its lines."""
    configure_logging("INFO", "json", [])
    with structlog.contextvars.bound_contextvars(reference="abc"):
        structlog.get_logger("bot.test").warning("one")
    structlog.get_logger("bot.test").warning("two")
    assert [line.get("reference") for line in read_json(capsys)] == ["abc", None]


@pytest.mark.parametrize(("level", "heard"), [("DEBUG", 3), ("INFO", 2), ("WARNING", 1), ("ERROR", 0)])
def test_the_level_is_kept(capsys: pytest.CaptureFixture[str], level: str, heard: int) -> None:
    """Nothing below the level is written."""
    configure_logging(level, "json", [])
    log = structlog.get_logger("bot.test")
    log.debug("one")
    log.info("two")
    log.warning("three")
    assert len(read_json(capsys)) == heard


@pytest.mark.parametrize("name", QUIET)
def test_libraries_log_from_warning_on(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Their lesser records hold addresses and bodies, and are not written even when the bot is asked for all."""
    configure_logging("DEBUG", "json", [])
    logging.getLogger(name).debug("POST https://slack.com/api {'text': 'private'}")
    logging.getLogger(f"{name}.inner").info("HTTP Request: GET https://clust.invalid/api")
    logging.getLogger(f"{name}.inner").warning("trouble")
    assert [line["event"] for line in read_json(capsys)] == ["trouble"]


def test_configuring_again_replaces(capsys: pytest.CaptureFixture[str]) -> None:
    """A second configuration writes each line once, with the new secrets."""
    configure_logging("INFO", "json", [])
    configure_logging("INFO", "json", ["hush"])
    structlog.get_logger("bot.test").info("hush")
    assert [line["event"] for line in read_json(capsys)] == [MASK]


@pytest.mark.parametrize("secret", ["password", "delivery", "Benachrichtigung"])
def test_no_part_of_an_ordinary_word_is_masked(capsys: pytest.CaptureFixture[str], style: str, secret: str) -> None:
    """C11: a secret that is a word is masked where it stands alone, in every form, and in no longer word."""
    configure_logging("INFO", style, [secret])
    longer = f"{secret}s un{secret} {secret}wort"
    logging.getLogger("library").warning("%s", longer)
    assert longer in read(capsys)
    for alone in (
        secret,
        f"a:{secret}@b",
        f"x\n{secret}",
        f"x\t{secret}\n",
        f"%3A{secret}",
        f"{secret}2",
        f"_{secret}_",
    ):
        logging.getLogger("library").warning("%r %s", alone, alone)
        written = read(capsys)
        assert MASK in written
        assert secret not in written
