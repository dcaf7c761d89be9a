"""What each purchase demands of its approval, and who may answer on the approval page."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String, Text, text

revision = "6"
down_revision = "5"


def upgrade() -> None:
    op.add_column("purchases", Column("demand", String(40)))
    op.add_column("purchases", Column("approved_by", Text))
    _add_people()
    _add_passkeys()
    _add_messages()


def _add_people() -> None:
    op.create_table(
        "people",
        Column("person", String(40), primary_key=True),
        Column("name", Text, nullable=False),
        Column("added_at", String(32), nullable=False),
        Column("removed_at", String(32)),
        Column("seal", String(64), nullable=False),
    )
    live = text("removed_at IS NULL")
    op.create_index("people_named_once", "people", ["name"], unique=True, sqlite_where=live, postgresql_where=live)
    op.create_table(
        "pairing_codes",
        Column("code_digest", String(64), primary_key=True),
        Column("person", String(40), ForeignKey("people.person"), nullable=False),
        Column("expires_at", String(32), nullable=False),
        Column("used_at", String(32)),
    )
    op.create_table(
        "code_failures",
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("at", String(32), nullable=False),
    )
    op.create_table(
        "browsers",
        Column("session_digest", String(64), primary_key=True),
        Column("person", String(40), ForeignKey("people.person"), nullable=False),
        Column("paired_at", String(32), nullable=False),
        Column("seen_at", String(32), nullable=False),
        Column("expires_at", String(32), nullable=False),
        Column("seal", String(64), nullable=False),
    )
    op.create_index("browsers_by_person", "browsers", ["person"])


def _add_passkeys() -> None:
    op.create_table(
        "passkeys",
        Column("credential_id", String(400), primary_key=True),
        Column("person", String(40), ForeignKey("people.person"), nullable=False),
        Column("public_key", Text, nullable=False),
        Column("sign_count", Integer, nullable=False),
        Column("added_at", String(32), nullable=False),
        Column("removed_at", String(32)),
        Column("vouched_by", String(400)),
        Column("seal", String(64), nullable=False),
    )
    op.create_index("passkeys_by_person", "passkeys", ["person"])
    op.create_table(
        "challenges",
        Column("nonce_digest", String(64), primary_key=True),
        Column("purpose", String(20), nullable=False),
        Column("person", String(40), nullable=False),
        Column("token", String(40)),
        Column("digest", String(64)),
        Column("expires_at", String(32), nullable=False),
        Column("used_at", String(32)),
    )
    op.create_table(
        "signatures",
        Column("token", String(40), ForeignKey("purchases.token"), primary_key=True),
        Column("document", Text, nullable=False),
    )


def _add_messages() -> None:
    op.create_table(
        "notices",
        Column("token", String(40), primary_key=True),
        Column("kind", String(20), primary_key=True),
        Column("at", String(32), nullable=False),
    )
    op.create_table(
        "hook_decisions",
        Column("signature_digest", String(64), primary_key=True),
        Column("at", String(32), nullable=False),
    )
