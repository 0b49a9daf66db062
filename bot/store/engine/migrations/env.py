"""Alembic's entry point. Migrates with the connection, and inside the transaction, of `migrate`."""

from alembic import context

from bot.store.engine.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()
