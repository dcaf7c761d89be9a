"""The first schema: purchases, consignees, placements, events, settings."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String, Text, text

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("settings", Column("name", String(64), primary_key=True), Column("value", Text, nullable=False))
    op.create_table(
        "purchases",
        Column("token", String(40), primary_key=True),
        Column("owner", Text, nullable=False),
        Column("purchase_ref", String(64), nullable=False),
        Column("state", String(20), nullable=False),
        Column("sandbox", Integer, nullable=False),
        Column("created_at", String(32), nullable=False),
        Column("expires_at", String(32), nullable=False),
        Column("basket", Text, nullable=False),
        Column("parts", Text, nullable=False),
        Column("findings", Text, nullable=False),
        Column("basket_digest", String(64), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("approved_through", String(40)),
        Column("approved_at", String(32)),
        Column("fresh_token", String(40)),
    )
    op.create_index("purchases_by_reference", "purchases", ["owner", "purchase_ref"])
    op.create_index("purchases_by_basket", "purchases", ["owner", "basket_digest"])
    op.create_index("purchases_waiting", "purchases", ["owner", "state", "expires_at"])
    op.create_index(
        "purchases_claimed_once",
        "purchases",
        ["owner", "purchase_ref"],
        unique=True,
        sqlite_where=text("state = 'claimed'"),
        postgresql_where=text("state = 'claimed'"),
    )
    op.create_table(
        "consignees",
        Column("token", String(40), ForeignKey("purchases.token"), primary_key=True),
        Column("address", Text, nullable=False),
    )
    op.create_table(
        "placements",
        Column("owner", Text, primary_key=True),
        Column("part_ref", String(64), primary_key=True),
        Column("token", String(40), ForeignKey("purchases.token"), nullable=False),
        Column("position", Integer, nullable=False),
        Column("state", String(20), nullable=False),
        Column("part", Text, nullable=False),
        Column("deadline", String(32), nullable=False),
        Column("dispatched_at", String(32)),
        Column("settled_at", String(32)),
        Column("verdict", Text),
    )
    op.create_index("placements_by_token", "placements", ["token"])
    op.create_index("placements_by_state", "placements", ["owner", "state"])
    op.create_table(
        "events",
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("at", String(32), nullable=False),
        Column("token", String(40), nullable=False),
        Column("part_ref", String(64)),
        Column("from_state", String(20)),
        Column("to_state", String(20), nullable=False),
        Column("why", Text, nullable=False),
    )
    op.create_index("events_by_token", "events", ["token"])
