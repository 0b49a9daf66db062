"""Codes and tokens: what is redeemed once, what expires, and what each refusal is called."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.web_api.oauth import CODE_LIFE_SECONDS, TOKEN_LIFE_SECONDS, GrantedTokens, OAuth
from bot.sandbox.slack.web_api_call import Arguments, WebApiRefusal
from bot.sandbox.slack.workspace import HOME, Enterprise, SlackTeam

URI = "https://bot.test/slack/oauth_redirect"
IN_ENTERPRISE = SlackTeam("T2", "Second", "second", Enterprise("E1", "Both"))


class StandingClock:
    """A clock that moves when it is set."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def seconds() -> StandingClock:
    """Return the clock."""
    return StandingClock()


@pytest.fixture
def oauth(seconds: StandingClock) -> OAuth:
    """Return the registration of an app that no one installed yet."""
    return OAuth(seconds, "id", "secret")


def code_for(oauth: OAuth, team: SlackTeam = HOME, *, is_org_wide: bool = False) -> str:
    """Allow the app, and return the code."""
    query = {"client_id": "id", "scope": "chat:write", "redirect_uri": URI}
    return oauth.allow(query, team, "U1", is_org_wide=is_org_wide)


def redeem(oauth: OAuth, code: str, **arguments: Any) -> dict[str, Any]:
    """Exchange a code for a token."""
    return oauth.access(Arguments({"code": code, "redirect_uri": URI, **arguments}), ("id", "secret"))


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """Return the code that a call is refused with."""
    with pytest.raises(WebApiRefusal) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_a_code_is_redeemed_once_in_time_and_for_its_address(oauth: OAuth, seconds: StandingClock) -> None:
    """A person who installs again gets the same token."""
    code = code_for(oauth)
    answer = redeem(oauth, code)
    oauth.admit(answer["access_token"])
    assert answer["authed_user"] == {"id": "U1"}
    assert answer["team"]["id"] == HOME.id
    assert redeem(oauth, code_for(oauth))["access_token"] == answer["access_token"]
    assert refusal(redeem, oauth, code) == "invalid_code"
    assert refusal(redeem, oauth, code_for(oauth), redirect_uri="https://elsewhere") == "bad_redirect_uri"
    old = code_for(oauth)
    seconds.now += CODE_LIFE_SECONDS + 1
    assert refusal(redeem, oauth, old) == "invalid_code"


def test_the_app_has_to_be_the_one_that_is_registered(oauth: OAuth) -> None:
    """Slack asks for its ID and secret, in a header or as arguments."""
    sent = Arguments({"client_id": "id", "client_secret": "wrong"})
    assert refusal(oauth.access, sent, None) == "bad_client_secret"
    assert refusal(oauth.access, Arguments({}), ("other", "secret")) == "invalid_client_id"
    assert refusal(redeem, oauth, "", grant_type="password") == "invalid_grant_type"
    assert refusal(oauth.allow, {"client_id": "other"}, HOME, "U1", is_org_wide=False) == "invalid_client_id"
    assert refusal(oauth.allow, {"client_id": "id"}, HOME, "U1", is_org_wide=False) == "no_scopes"
    oauth.failures.append("fatal_error")
    assert refusal(redeem, oauth, code_for(oauth)) == "fatal_error"


def test_a_token_that_rotates_expires(oauth: OAuth, seconds: StandingClock) -> None:
    """A refresh token can be used once. The token before it stays valid until it expires."""
    oauth.is_rotating = True
    first = redeem(oauth, code_for(oauth))
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = redeem(oauth, "", **refresh)
    oauth.admit(first["access_token"])
    assert refusal(redeem, oauth, "", **refresh) == "invalid_refresh_token"
    seconds.now += TOKEN_LIFE_SECONDS
    assert refusal(oauth.admit, second["access_token"]) == "token_expired"


def test_each_token_that_is_no_good_has_a_code(oauth: OAuth) -> None:
    """None, an unknown one, a revoked one, and that of an installation that ended."""
    token = redeem(oauth, code_for(oauth))["access_token"]
    assert refusal(GrantedTokens(oauth).admit, token, "app") == "not_allowed_token_type"
    oauth.revoked.add(token)
    codes = [refusal(oauth.admit, each) for each in ("", "xoxb-unknown", token)]
    assert codes == ["not_authed", "invalid_auth", "token_revoked"]
    oauth.of_token(token).is_ended = True
    assert refusal(oauth.admit, token) == "account_inactive"


def test_an_enterprise_has_one_token_for_its_workspaces(oauth: OAuth) -> None:
    """Where it is installed for all, no workspace can install it by itself."""
    answer = redeem(oauth, code_for(oauth, IN_ENTERPRISE, is_org_wide=True))
    assert (answer["team"], answer["is_enterprise_install"]) == (None, True)
    assert answer["access_token"] in oauth.org_wide
    assert oauth.live("E1") is oauth.of_token(answer["access_token"])
    assert refusal(redeem, oauth, code_for(oauth, IN_ENTERPRISE)) == "cannot_install_an_org_installed_app"
