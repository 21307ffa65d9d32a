"""Run by Alembic with the connection `store` gives it; nobody calls it by hand."""

from __future__ import annotations

from alembic import context

from workbench.collection.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
