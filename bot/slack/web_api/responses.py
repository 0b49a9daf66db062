"""Responses of Slack's Web API, parsed once into frozen values: no other module looks into a response.

`ask` makes one call. A missing key or a wrong type (a list for an object, a body that isn't an object) raises
SlackBroken. A key that the documentation calls optional has a default, and null counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.errors import OutcomeUnclear, SlackBroken
from bot.core.notifications.slack_exceptions import Doing
from bot.core.permissions import SlackUser, Workspace
from bot.slack.web_api.client import SLACK_TROUBLE, delivery_error

WORKSPACE_URL = "https://slack.com/"
"""The address of a workspace if Slack doesn't give it."""

STUMBLES = (AttributeError, TypeError, ValueError, LookupError, RecursionError)
"""What Slack's library raises over an unexpected body: not an object, not UTF-8, or nested too deeply."""

SLACK_ID = re.compile(r"[A-Z0-9]{1,40}")
"""The form of an id of Slack. Anything else is never stored."""

Id = Annotated[str, Field(pattern=rf"^{SLACK_ID.pattern}$")]
Ts = Annotated[str, Field(pattern=r"^[0-9]{1,20}\.[0-9]{1,20}$")]
Filled = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """An object within a response, or the response itself. Null counts as absent."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", defer_build=True)  # which spares the start

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {key: one for key, one in value.items() if one is not None} if isinstance(value, Mapping) else value


Response = TypeVar("Response", bound=Part)


async def ask(call: Awaitable[AsyncSlackResponse], kind: type[Response], doing: Doing = Doing.ASKING) -> Response:
    """Call the Web API and return the response as `kind`. Raises the DeliveryError for the failure.

    If Slack accepted a post, but the response isn't a `kind`, the outcome is unclear: the message may well be there.
    """
    try:
        return read(kind, (await accepted(call, doing)).data)
    except SlackBroken as error:
        if doing is Doing.POSTING:
            raise OutcomeUnclear(error.sentence) from error
        raise


async def accepted(call: Awaitable[AsyncSlackResponse], doing: Doing = Doing.ASKING) -> AsyncSlackResponse:
    """Call the Web API and return the library's response with `ok: true`, for callers that need its headers.

    Raises the DeliveryError for the failure.
    """
    try:
        return await call
    except (SlackApiError, *SLACK_TROUBLE) as error:
        raise delivery_error(error, doing) from error
    except STUMBLES as error:
        raise SlackBroken from error


def read(kind: type[Response], data: object) -> Response:
    """Return the body of a response as `kind`. Raises SlackBroken, which names keys and no values."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        keys = ", ".join(dict.fromkeys(".".join(map(str, one["loc"])) for one in wrong if one["loc"]))
        raise SlackBroken(f"({keys[:200]})" if keys else "") from None


def scopes_of(response: AsyncSlackResponse) -> frozenset[str] | None:
    """Return the scopes of the token that made a call (the header `x-oauth-scopes`), or None if Slack didn't say."""
    headers: Mapping[str, str] = response.headers or {}
    header = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    return None if header is None else frozenset(scope.strip() for scope in header.split(",")) - {""}


class Accepted(Part):
    """A response of which only `ok: true` matters."""


class Identity(Part):
    """`auth.test`: the token's owner."""

    team_id: Id
    user_id: Id
    user: str = "the bot"
    team: str = ""
    bot_id: Id | None = None
    enterprise_id: Id | None = None
    url: Filled = WORKSPACE_URL

    @property
    def workspace(self) -> Workspace:
        """The workspace that the bot serves with this token."""
        return Workspace(self.team_id, self.enterprise_id, self.user_id, self.bot_id or "", self.url)


class EnterpriseUser(Part):
    """Who a person is in their organization (Slack: types, user)."""

    enterprise_id: Id
    teams: Sequence[Id] | None = None
    is_admin: bool = False
    is_owner: bool = False


class FetchedUser(Part):
    """A user object (Slack: types, user). What Slack leaves out about guests and bots stays unknown (rule W1)."""

    id: Id
    team_id: Id
    deleted: bool = False
    is_bot: bool | None = None
    is_restricted: bool | None = None
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    is_owner: bool = False
    tz: str = "UTC"
    locale: str | None = None
    real_name: str | None = None
    enterprise_user: EnterpriseUser | None = None

    @property
    def person(self) -> SlackUser:
        """What permissions need of a person."""
        org = self.enterprise_user
        return SlackUser(
            id=self.id,
            team_id=self.team_id,
            enterprise_id=org.enterprise_id if org else None,
            teams=frozenset(org.teams) if org and org.teams is not None else None,
            is_guest=True if self.is_ultra_restricted else self.is_restricted,
            is_stranger=self.is_stranger,
            is_admin=self.is_admin or self.is_owner,
            is_org_admin=org is not None and (org.is_admin or org.is_owner),
            is_bot=self.is_bot,
            is_active=not self.deleted,
            zone=self.tz,
            locale=self.locale,
            name=self.real_name or "",
        )


class UserInfo(Part):
    """`users.info`."""

    user: FetchedUser


class Conversation(Part):
    """A conversation object (Slack: types, conversation). Its keys differ by kind. A direct message has few."""

    id: Id
    name: str = ""
    is_im: bool = False
    is_mpim: bool = False
    is_private: bool | None = None
    is_archived: bool = False
    is_member: bool | None = None
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    is_org_shared: bool = False
    user: Id | None = None
    """The person a direct message is with."""

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct message, of two or of several."""
        return self.is_im or self.is_mpim

    @property
    def is_public(self) -> bool:
        """Whether everyone in the workspace may know about it. False unless Slack says so."""
        return self.is_private is False and not self.is_direct

    @property
    def is_shared(self) -> bool:
        """Whether another organization reads it, or soon will."""
        return self.is_ext_shared or self.is_pending_ext_shared

    @property
    def is_joined(self) -> bool:
        """Whether the bot is in it: Slack shows non-public conversations to members only."""
        return self.is_direct or (self.is_private is True if self.is_member is None else self.is_member)


class ConversationInfo(Part):
    """`conversations.info`."""

    channel: Conversation


class _OpenedConversation(Part):
    id: Id


class ConversationOpened(Part):
    """`conversations.open`."""

    channel: _OpenedConversation


class _Cursor(Part):
    next_cursor: str = ""


class MessagePage(Part):
    """One page of a list."""

    response_metadata: _Cursor = _Cursor()

    @property
    def next_cursor(self) -> str:
        """The cursor of the next page, empty on the last one."""
        return self.response_metadata.next_cursor


class Members(MessagePage):
    """`conversations.members`."""

    members: Sequence[Id]


class Conversations(MessagePage):
    """`users.conversations`."""

    channels: Sequence[Conversation]


class FetchedMessage(Part):
    """What finding posts needs of a message. Its metadata may be another app's."""

    ts: Ts
    metadata: Any = None

    def payload(self, event_type: str) -> Mapping[str, Any]:
        """Return the payload of the message's metadata. Empty for another type (Slack: Message metadata)."""
        if not isinstance(self.metadata, Mapping) or self.metadata.get("event_type") != event_type:
            return {}
        payload = self.metadata.get("event_payload")
        return payload if isinstance(payload, Mapping) else {}


class History(MessagePage):
    """`conversations.history` and `conversations.replies`: one page of messages."""

    messages: Sequence[FetchedMessage]


class Posted(Part):
    """`chat.postMessage`."""

    ts: Ts


class UploadAddress(Part):
    """`files.getUploadURLExternal`: where the bytes of a file go."""

    upload_url: Annotated[str, Field(pattern=r"^https?://")]
    file_id: Id


class _UserGroup(Part):
    id: Id
    name: str
    handle: str


class Groups(Part):
    """`usergroups.list`."""

    usergroups: Sequence[_UserGroup]


class GroupMembers(Part):
    """`usergroups.users.list`."""

    users: Sequence[Id]


class _OpenedView(Part):
    id: Filled


class ViewOpened(Part):
    """`views.open` and `views.push`."""

    view: _OpenedView


class SocketAddress(Part):
    """`apps.connections.open`."""

    url: Annotated[str, Field(pattern=r"^wss?://")]


class Renewed(Part):
    """`oauth.v2.access` for a refresh token (Slack: Token rotation)."""

    access_token: Filled
    refresh_token: Filled
    expires_in: Annotated[int, Field(gt=0)]


class _Named(Part):
    id: Id
    name: str = ""


class _Installer(Part):
    id: Id


class Granted(Part):
    """`oauth.v2.access` for a code: where the app was installed, who installed it, and its token.

    Exactly one of the workspace and the organization owns the installation.
    """

    access_token: Filled
    bot_user_id: Id
    scope: str = ""
    is_enterprise_install: bool = False
    team: _Named | None = None
    enterprise: _Named | None = None
    authed_user: _Installer
    refresh_token: Filled | None = None
    expires_in: Annotated[int, Field(gt=0)] | None = None

    @property
    def place(self) -> _Named:
        """The organization or workspace that owns the token. Raises SlackBroken if neither is named."""
        place = self.enterprise if self.is_enterprise_install else self.team
        if place is None:
            raise SlackBroken("(enterprise)" if self.is_enterprise_install else "(team)")
        return place
