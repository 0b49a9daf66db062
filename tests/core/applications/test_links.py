"""Links are recognized whatever way they were copied, and never by guessing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.links import (
    LinkedApplication,
    LinkPattern,
    RecognizedLinks,
    clust_id,
    ids_in,
    link_key,
    link_keys,
    recognized,
)
from bot.core.applications.model import Application
from bot.core.errors import UsageError

LIST = "https://app.clust.example/app/dossiers/12"
CLIENT = "https://app.clust.example/portal/12-abc?token=secret"
ACME = LinkedApplication(1, Application(id="12", secured_list_url=LIST, public_url=CLIENT))
SAME_ID = LinkedApplication(2, Application(id="12", secured_list_url="https://eu.clust.example/d/12"))
PATTERN = LinkPattern.parse("https://app.clust.example/a/{id}")

COPIED = (
    LIST,
    f"{LIST}/",
    f"{LIST}.",
    f"{LIST}?utm_source=mail",
    f"{LIST}?a=1#items",
    f"{LIST}#items",
    "HTTPS://APP.CLUST.EXAMPLE/app/dossiers/12",
    "https://app.clust.example/APP/DOSSIERS/12",
    "https://app.clust.example.:443/app/dossiers/12",
    "http://app.clust.example:80/app/dossiers/12",
    f"  {LIST} ",
)
"""Ways in which the same link is pasted."""

OTHERS = (
    "https://app.clust.example/app/dossiers/123",
    "https://app.clust.example/app/dossiers",
    "https://app.clust.example:8443/app/dossiers/12",
    "https://app.clust.example@evil.example/app/dossiers/12",
    "https://evil.example/app.clust.example/app/dossiers/12",
    "ftp://app.clust.example/app/dossiers/12",
    "https://[app.clust.example/app/dossiers/12",
    "https://app.clust.example:port/app/dossiers/12",
    "https:///app/dossiers/12",
    "app/dossiers/12",
    "",
)


@pytest.mark.parametrize("url", COPIED)
def test_a_link_is_recognized_however_it_was_copied(url: str) -> None:
    """With another case, a trailing dot or slash, a port, a query or a fragment it leads to the same application."""
    assert recognized([url], [ACME]) == RecognizedLinks({url: ACME})


@pytest.mark.parametrize("url", OTHERS)
def test_another_address_is_not_the_application(url: str) -> None:
    """Another path, host, port or scheme leads nowhere, and what is no address either."""
    assert recognized([url], [ACME], [PATTERN]) == RecognizedLinks()


def test_punycode_and_its_letters_are_one_host() -> None:
    """A browser copies either."""
    assert link_key("https://xn--bcher-kva.example/d/1") == link_key("https://BÜCHER.example/d/1")
    assert link_keys("https://a..example/d/1") == link_keys("https://A..example/d/1") != ()  # no IDNA, and yet a name


def test_queries_and_fragments_that_lead_to_the_application_count() -> None:
    """A web application may have the ID there: then another ID is another link."""
    with_query = LinkedApplication(1, Application(id="1", secured_list_url="https://c.example/list?id=1#/open"))
    assert recognized(["https://c.example/list?id=1#/open"], [with_query]).applications
    assert not recognized(["https://c.example/list?id=2#/open"], [with_query]).applications


@pytest.mark.parametrize("url", [CLIENT, f"{CLIENT}#top", CLIENT.replace("https", "HTTPS")])
def test_a_client_page_never_becomes_an_application(url: str) -> None:
    """Anyone with it can open it, so it isn't shown, although a pattern would fit."""
    pattern = LinkPattern.parse("https://app.clust.example/portal/{id}-abc")
    assert recognized([url, LIST], [ACME], [pattern]) == RecognizedLinks({LIST: ACME}, has_client_page=True)


def test_a_pattern_finds_the_application_by_its_id() -> None:
    """In the middle of an address too, but an ID that no application has leads nowhere."""
    in_the_middle = LinkPattern.parse("https://app.clust.example/x/{id}/edit?mode=all")
    assert in_the_middle.id_in("https://app.clust.example/X/Ab-1_c/edit?mode=all#top") == "Ab-1_c"
    assert ids_in("https://app.clust.example/a/12?x=1", [PATTERN, in_the_middle]) == {"12"}
    assert recognized(["https://app.clust.example/a/12"], [ACME], [PATTERN]).applications
    assert not recognized(["https://app.clust.example/a/13"], [ACME], [PATTERN]).applications
    assert not recognized(["https://app.clust.example/a/12/13"], [ACME], [PATTERN]).applications


def test_nothing_is_guessed_among_accounts() -> None:
    """An ID that two accounts have is that of the account that is meant, and no one's where neither is."""
    url = "https://app.clust.example/a/12"
    assert recognized([url], [ACME, SAME_ID], [PATTERN], meant=2) == RecognizedLinks({url: SAME_ID})
    assert recognized([url], [ACME, SAME_ID], [PATTERN]) == RecognizedLinks()
    twin = LinkedApplication(2, Application(id="9", secured_list_url=LIST.upper()))
    assert recognized([LIST], [ACME, twin]) == RecognizedLinks({LIST: ACME})  # letter by letter


@pytest.mark.parametrize(
    "text",
    [
        "https://app.clust.example/a/",
        "https://app.clust.example/{id}/{id}",
        "https://{id}.clust.example/a",
        "ftp://app.clust.example/{id}",
        "{id}",
        "https://[bad/{id}",
    ],
)
def test_a_pattern_without_one_id_in_its_path_is_refused(text: str) -> None:
    """The sentence names it, and what would be right."""
    with pytest.raises(UsageError) as refused:
        LinkPattern.parse(text)
    assert "`{id}` once" in refused.value.sentence


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=5))
def test_any_text_is_answered(url: str, others: list[str]) -> None:
    """Whatever is pasted raises nothing and is the same twice, and what is recognized leads to a stored application."""
    for text in (url, f"https://{url}", f"https://app.clust.example/a/{url}", *others):
        assert link_keys(text) == link_keys(text)
        assert set(recognized([text], [ACME], [PATTERN]).applications.values()) <= {ACME}


@given(st.sampled_from(COPIED), st.text("abc=&%1", max_size=20), st.text("abc/?=", max_size=20))
def test_query_and_fragment_never_matter_behind_a_plain_link(url: str, query: str, fragment: str) -> None:
    """Trackers and anchors are added to links on their way."""
    plain = url.strip().partition("#")[0].partition("?")[0]
    assert link_key(LIST) in link_keys(f"{plain}?{query}#{fragment}")


@given(st.from_regex(r"[A-Za-z0-9_-]{1,100}", fullmatch=True))
def test_every_id_is_read_from_its_pattern(application_id: str) -> None:
    """Any ID that Clust may give comes back as it is."""
    assert PATTERN.id_in(f"https://app.clust.example/a/{application_id}?x") == application_id


@pytest.mark.parametrize(
    ("text", "application_id"),
    [
        ("123", "123"),
        (" #123 ", "123"),
        ("A-17_b", "A-17_b"),
        ("https://app.clustdoc.com/app/dossiers/123", "123"),
        ("HTTPS://app.clustdoc.com/app/dossiers/123/", "123"),
        ("http://localhost:8000/app/dossiers/123?tab=2#top", "123"),
        ("https://app.clustdoc.com/app/dossiers/123#item-4", "123"),
        ("https://app.clustdoc.com/#/dossiers/123", "123"),
        ("app.clustdoc.com/app/dossiers/123", "123"),
        ("clust.invalid/123", "123"),
        ("https://app.clustdoc.com/app/dossiers", None),
        ("https://app.clustdoc.com/app/dossiers/?page=2", None),
        ("https://app.clustdoc.com/app/dossiers/v12", None),
        ("https://app.clustdoc.com?id=/12", None),
        ("https://12", None),
        ("app/dossiers/123", None),
        ("12 13", None),
        ("#", None),
        ("é", None),
        ("", None),
        ("1" * 101, None),
    ],
)
def test_ids_and_links_are_recognized(text: str, application_id: str | None) -> None:
    """An id is understood alone, after a `#`, and at the end of a link's path, also where the scheme was left out."""
    assert clust_id(text) == application_id
