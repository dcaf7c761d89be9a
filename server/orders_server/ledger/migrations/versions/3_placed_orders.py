"""Adds a table from an order's id to the create call that it is recorded for."""

import json

from alembic import op
from sqlalchemy import Column, String, Text, text

revision = "3"
down_revision = "2"


def upgrade() -> None:
    table = op.create_table(
        "placed_orders",
        Column("owner", Text, primary_key=True),
        Column("order_id", String(128), primary_key=True),
        Column("part_ref", String(64), primary_key=True),
    )
    verdicts = text("SELECT owner, part_ref, verdict FROM placements WHERE verdict IS NOT NULL")
    rows = [
        {"owner": row.owner, "order_id": order_id, "part_ref": row.part_ref}
        for row in op.get_bind().execute(verdicts)
        for order_id in {order["order_id"] for order in json.loads(row.verdict)["orders"]}
    ]
    if rows:
        op.bulk_insert(table, rows)
