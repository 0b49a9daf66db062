"""Descriptions as they come: from files and addresses, in YAML and JSON, and everything that isn't one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.doctor.openapi import loading
from bot.doctor.openapi.loading import MAX_ALIASES, MAX_BYTES, MAX_DEPTH, load, parse

SMALL = {"openapi": "3.0.0", "paths": {"/dossiers": {"get": {}}}}


def refusal(content: bytes | str) -> str:
    """Return the sentence with which a description is refused."""
    with pytest.raises(UsageError) as refused:
        parse(content.encode() if isinstance(content, str) else content)
    return refused.value.sentence


@pytest.mark.parametrize("content", [json.dumps(SMALL), yaml.safe_dump(SMALL), "\ufeff" + yaml.safe_dump(SMALL)])
def test_yaml_and_json_are_read(content: str) -> None:
    """Both are the same description, with a byte order mark or without."""
    assert parse(content.encode()) == SMALL


def test_values_of_yaml() -> None:
    """Words mean what YAML's core schema says, and keys are text.

    Tags build nothing, and aliases are what they refer to.
    """
    text = """
    swagger: "2.0"
    paths: {/a: {get: {responses: {200: &ok {x: 1}, 201: *ok, [a]: ~, ? {b: c} : !!python/name:os.system x}}}}
    a: [yes, true, False, null, ~, -12, 1.5, "12", 2026-11-29]
    """
    tree = parse(text.encode())
    responses = tree["paths"]["/a"]["get"]["responses"]
    assert responses == {"200": {"x": 1}, "201": {"x": 1}, '["a"]': None, '{"b": "c"}': "x"}
    assert tree["a"] == ["yes", True, False, None, None, -12, "1.5", "12", "2026-11-29"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The description is empty."),
        (b"\xff\xfe\x00", "The description isn't UTF-8 text."),
        ("<!DOCTYPE html><html>", "This is a web page or XML, not an OpenAPI description."),
        ("{", "The description isn't valid JSON. See line 1."),
        ('{"openapi": 1' + "2" * 5000 + "}", "The description has a number that is too long."),
        ("[" * 100_000, "The description is nested more than 100 levels deep."),
        ("a: " + "[" * 200, "The description is nested more than 100 levels deep."),
        ("a: [\nb: c", "The description isn't valid YAML. See line 3."),
        ("a: \x07", "The description isn't valid YAML. See line 1."),
        ("a: *b", "The description isn't valid YAML. See line 1."),
        ("a: &b\n  c: *b", "The description is circular: `*b` on line 2 is part of itself."),
        ("just text", "This isn't an OpenAPI description: it has neither `openapi` nor `swagger` at its beginning."),
        ("[1]", "This isn't an OpenAPI description"),
        ("openapi: 4.0.0", "I can read OpenAPI 2 and 3. This is version 4.0.0."),
        ("swagger: '1.2'", "This is version 1.2."),
        ("openapi: 3.1.0", "The description has no paths."),
        ("openapi: 3.1.0\npaths: []", "The description has no paths."),
    ],
)
def test_what_is_no_description_says_so(content: bytes | str, sentence: str) -> None:
    """Each has a sentence about what it is, or where it is broken."""
    assert sentence in refusal(content)


def test_aliases_and_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many aliases, or many values, end the reading. A billion laughs is as large as its text."""
    assert "more than 10,000 aliases" in refusal("a: &a x\nb: [" + "*a, " * (MAX_ALIASES + 1) + "]")
    laughs = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert "neither" in refusal(laughs)
    monkeypatch.setattr(loading, "MAX_NODES", 10)
    assert "more than 10 values" in refusal("a: [" + "x, " * 11 + "]")


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_content_is_read_or_refused(content: str | bytes) -> None:
    """Whatever is in a file, it is a description or a sentence."""
    data = content.encode(errors="replace") if isinstance(content, str) else content
    assert refusal(data)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**17), 10**17)
        | st.text(st.characters(codec="ascii", categories=["L", "N"])),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=10,
    )
)
def test_yaml_is_read_as_its_library_reads_it(value: Any) -> None:
    """Plain values of JSON's kinds come back as PyYAML has written them."""
    tree = {**SMALL, "x": value}
    assert parse(yaml.safe_dump(tree).encode())["x"] == value


async def test_a_file(tmp_path: Path) -> None:
    """A file is read up to the limit. One that isn't there, or a folder, has a sentence."""
    path = tmp_path / "clust.yaml"
    path.write_bytes(b"x")
    assert await load(str(path)) == b"x"
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    for source, words in ((path, "larger than 10 MB"), (tmp_path, "Is a directory"), (tmp_path / "no", "No such file")):
        with pytest.raises(UsageError, match=words):
            await load(str(source))


class Web(httpx.AsyncBaseTransport):
    """Answers each address as the test says, and keeps what was asked."""

    def __init__(self, **answers: httpx.Response | Exception) -> None:
        self.answers, self.requests = answers, list[httpx.Request]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer by the last word of the path."""
        self.requests.append(request)
        answer = self.answers[request.url.path.strip("/")]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


def moved(location: str) -> httpx.Response:
    """Return a redirect."""
    return httpx.Response(302, headers={"location": location})


async def test_an_address() -> None:
    """An address is read without any token, and redirects are followed on its host."""
    web = Web(a=moved("/b"), b=moved("https://clust.invalid/c"), c=httpx.Response(200, content=b"x"))
    assert await load("https://clust.invalid/a", web) == b"x"
    assert all("authorization" not in request.headers for request in web.requests)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            moved("https://elsewhere.invalid/b"),
            "redirects to another host, https://elsewhere.invalid/b. If you trust it",
        ),
        (moved("http://clust.invalid/a"), "redirects to another host"),
        (moved("/a"), "redirects more than 3 times"),
        (httpx.Response(404), "https://clust.invalid/a responded with status 404."),
        (httpx.Response(200, content=b"x" * (MAX_BYTES + 1)), "larger than 10 MB"),
        (httpx.ConnectError("no route"), r"I can't reach https://clust.invalid/a \(no route\). Download"),
        (httpx.Response(200, headers={"content-encoding": "br"}, content=b"x"), "unexpected encoding"),
        (TimeoutError(), "TimeoutError"),
    ],
)
async def test_an_address_that_gives_nothing(answer: httpx.Response | Exception, sentence: str) -> None:
    """Each failure has its sentence."""
    with pytest.raises(UsageError, match=sentence):
        await load("https://clust.invalid/a", Web(a=answer))


def test_depth_is_counted_exactly() -> None:
    """As deep as the limit is still read."""
    deep = "x: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert "neither" in refusal(deep)
