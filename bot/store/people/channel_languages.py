"""The language that a channel's notifications are written in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.channel_settings import MessageStyle
from bot.store.engine.tables import channels, installations, people, subscriptions, workspaces


async def channel_language(tx: AsyncConnection, team_id: str, channel_id: str) -> str | None:
    """Return the language of a channel's notifications, as a locale.

    As set, else the locale of who subscribed the channel first, else of who installed the app. None if nothing of that
    is recorded: with a bot token from the settings, no one installed it.
    """
    of_channel = sa.and_(channels.c.team_id == team_id, channels.c.channel_id == channel_id)
    in_channel = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.channel_id == channel_id)
    of_owner = sa.and_(people.c.team_id == team_id, people.c.user_id == subscriptions.c.created_by)
    # An organization's installation serves many workspaces, so a workspace's is looked up in `workspaces`.
    serves = sa.and_(workspaces.c.installation_id == installations.c.id, workspaces.c.team_id == team_id)
    of_installer = sa.and_(people.c.team_id == team_id, people.c.user_id == installations.c.installed_by)
    first = sa.select(people.c.locale).select_from(subscriptions.join(people, of_owner)).where(in_channel)
    living = sa.select(people.c.locale).select_from(installations.join(workspaces, serves).join(people, of_installer))
    style = sa.select(channels.c.style).where(of_channel).scalar_subquery()
    oldest = first.order_by(subscriptions.c.id).limit(1).scalar_subquery()
    installer = living.where(installations.c.ended_at.is_(None)).scalar_subquery()
    row = (await tx.execute(sa.select(style, sa.func.coalesce(oldest, installer)))).one()
    chosen = MessageStyle.model_validate_json(row[0]).language if row[0] else None
    return chosen or row[1]
