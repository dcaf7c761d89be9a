"""Adds seals, when the text of a yes was shown, the end of a dialog, and what a create call made."""

from alembic import op
from sqlalchemy import Column, String

revision = "4"
down_revision = "3"


def upgrade() -> None:
    for column in (
        Column("seal", String(64)),
        Column("shown_at", String(32)),
        Column("approval_seal", String(64)),
        Column("dialog_closed_at", String(32)),
        Column("dialog_unanswered_at", String(32)),
    ):
        op.add_column("purchases", column)
    op.add_column("placements", Column("made_digest", String(64)))
    op.create_index("placements_by_made", "placements", ["owner", "made_digest", "settled_at"])
    op.create_index("placements_by_settling", "placements", ["owner", "settled_at"])
