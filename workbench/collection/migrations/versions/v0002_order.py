"""The index of what is handed out next stands in the order of handing out: the greater priority first."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the index anew; a store made today has it already."""
    op.execute("DROP INDEX IF EXISTS item_wanting")
    op.create_index("item_wanting", "item", ["batch", "role", "wanting", text("priority DESC"), "place"])


def downgrade() -> None:
    """The order before."""
    op.execute("DROP INDEX IF EXISTS item_wanting")
    op.create_index("item_wanting", "item", ["batch", "role", "wanting", "priority", "place"])
