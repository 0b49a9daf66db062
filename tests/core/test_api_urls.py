"""Addresses of APIs: one spelling for each, and nothing that leads elsewhere than it seems to (B2, B11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.api_urls import base_url, is_within_clust, same_origin
from bot.core.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("https://api.clustdoc.com/api", "https://api.clustdoc.com/api"),
        ("HTTPS://API.Clustdoc.com/api/", "https://api.clustdoc.com/api"),
        ("https://api.clustdoc.com.:443/api", "https://api.clustdoc.com/api"),
        ("http://clust.example:80", "http://clust.example"),
        ("http://clust.example:8080/a/b", "http://clust.example:8080/a/b"),
        ("https://clust.example:80/api", "https://clust.example:80/api"),
        ("https://bücher.example/api", "https://xn--bcher-kva.example/api"),
        ("https://XN--BCHER-KVA.example/api", "https://xn--bcher-kva.example/api"),
        ("http://127.0.0.1:9000/api", "http://127.0.0.1:9000/api"),
        ("http://[0:0::1]:9000/api", "http://[::1]:9000/api"),
        ("http://clust_1:3000", "http://clust_1:3000"),
    ],
)
def test_an_address_is_spelled_in_one_way(typed: str, spelled: str) -> None:
    """B2: upper case, a final dot or slash, the usual port and punycode make no other address."""
    assert base_url(typed) == spelled
    assert base_url(spelled) == spelled
    assert same_origin(typed, spelled)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "clust.example/api", "//clust.example", "ftp://clust.example", "file:///etc/passwd", "javascript:a(1)"),
        *("https://user:pw@clust.example", "https://user@clust.example", "https://@clust.example", "https://:@a.b"),
        *("https://clust.example?", "https://clust.example/api?a=b", "https://clust.example#", "https://a.b/api#x"),
        *("https://clust.example\\@evil.example", "https://clust.example\\.evil.example", "https://a.b/\\c"),
        *("https://clust.example/\n", "https://clust\t.example", "https://a b.c", "https://a.b/c d", "https://a.b\x00"),
        *("https://\uff11\uff12\uff17.0.0.1", "https://\u2460\u2461\u2466.0.0.1", "https://a.b:\uff18\uff10"),
        *("https://clust\u3002example", "https://\uff43\uff4c\uff55\uff53\uff54.example", "https://a.b/\u00e9"),
        *(
            "http://2130706433",
            "http://0x7f000001",
            "http://0x7f.1",
            "http://127.1",
            "http://0177.0.0.1",
            "http://1.2.3",
        ),
        *(
            "http://127.0.0.1..",
            "http://256.0.0.1",
            "http://[::1",
            "http://[v1.x]",
            "http://[::1%25eth0]",
            "http://::1",
        ),
        *(
            "https://clust.example:",
            "https://clust.example:0",
            "https://clust.example:65536",
            "https://clust.example:x",
        ),
        *("https://clust.example/../admin", "https://a.b/%2e%2e/c", "https://a.b/%252e%252e/c", "https://%61.b"),
        *("https:///api", "https://", "https://.example", "https://a..b", "https://-a.b", "https://a.b-"),
        f"https://{'a.' * 130}b",
    ],
)
def test_what_could_lead_elsewhere_is_refused(typed: str) -> None:
    """B11: one check refuses users, queries, fragments, odd signs and odd notations of IP addresses."""
    with pytest.raises(UsageError):
        base_url(typed)


@pytest.mark.parametrize(
    "other",
    [
        *("http://api.clustdoc.com/api", "https://api.clustdoc.com:8443/api", "https://sandbox.clustdoc.com/api"),
        *("https://api.clustdoc.com.evil.example/api", "https://xn--cust-lqa.com/api", "nonsense"),
    ],
)
def test_another_scheme_host_or_port_is_another_place(other: str) -> None:
    """B2: what was given for one place is not for these, but another path of the same host is the same place."""
    assert not same_origin("https://api.clustdoc.com/api", other)
    assert same_origin("https://api.clustdoc.com/api", "https://API.clustdoc.com/v2")


@pytest.mark.parametrize(
    ("url", "within"),
    [
        ("https://clustdoc.com/api", True),
        ("https://eu.API.clustdoc.com./api", True),
        ("http://api.clustdoc.com/api", False),
        ("https://api.clustdoc.com:8443", False),
        ("https://notclustdoc.com", False),
        ("https://clustdoc.com.evil.example", False),
        ("https://10.0.0.1", False),
        ("https://[::ffff:10.0.0.1]", False),
    ],
)
def test_where_many_workspaces_may_go(url: str, within: bool) -> None:
    """B11: only https, the usual port, and hosts of the domain."""
    assert is_within_clust(url) is within


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_are_read_or_refused(host: str, path: str) -> None:
    """B11: whatever is typed is refused in one sentence, or is an address whose spelling is its own."""
    try:
        spelled = base_url(f"https://{host}/{path}")
    except UsageError:
        return
    assert spelled.isascii()
    assert base_url(spelled) == spelled
    assert same_origin(spelled, f"https://{host}")
