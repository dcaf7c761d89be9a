"""Adds when the price of a create call was last seen before it was sent."""

from alembic import op
from sqlalchemy import Column, String

revision = "2"
down_revision = "1"


def upgrade() -> None:
    op.add_column("placements", Column("previewed_at", String(32)))
