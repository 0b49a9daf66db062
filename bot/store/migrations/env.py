"""Alembic's entry: migrates over the connection, and inside the transaction, that `bot.store.migrate` hands in."""

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()
