"""What the catalogue said of the goods when they were previewed."""

from alembic import op
from sqlalchemy import Column, Text

revision = "5"
down_revision = "4"


def upgrade() -> None:
    op.add_column("purchases", Column("cards", Text))
