"""Adds the catalogue data of the goods at the time of their preview."""

from alembic import op
from sqlalchemy import Column, Text

revision = "5"
down_revision = "4"


def upgrade() -> None:
    op.add_column("purchases", Column("cards", Text))
