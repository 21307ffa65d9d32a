"""What a lead marks while reading items."""

from __future__ import annotations

from alembic import op

from workbench.collection.schema import triage

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table; a store made today has it already."""
    triage.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    """Takes it away."""
    triage.drop(op.get_bind())
