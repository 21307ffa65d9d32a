"""The first tables: batches, items, people, leases, judgements, verdicts, events."""

from __future__ import annotations

from alembic import op

from workbench.collection.schema import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables. The next change of them copies this list out of `schema` first, so that 0001 stays as it is."""
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Takes them away."""
    metadata.drop_all(op.get_bind())
