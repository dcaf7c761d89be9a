"""The ledger's tables. Times are UTC text of one length, so that they sort; documents are JSON text."""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

VERSION = 6
"""The version of this schema; a ledger with a higher one belongs to a newer server."""

metadata = MetaData()

settings = Table(
    "settings", metadata, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False)
)

purchases = Table(
    "purchases",
    metadata,
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
    Column("seal", String(64)),
    Column("shown_at", String(32)),
    Column("approval_seal", String(64)),
    Column("dialog_closed_at", String(32)),
    Column("dialog_unanswered_at", String(32)),
    Column("cards", Text),
    Column("demand", String(40)),
    Column("approved_by", Text),
    Index("purchases_by_reference", "owner", "purchase_ref"),
    Index("purchases_by_basket", "owner", "basket_digest"),
    Index("purchases_waiting", "owner", "state", "expires_at"),
    # A reference can be claimed only once, even by two callers at the same moment.
    Index(
        "purchases_claimed_once",
        "owner",
        "purchase_ref",
        unique=True,
        sqlite_where=text("state = 'claimed'"),
        postgresql_where=text("state = 'claimed'"),
    ),
)

consignees = Table(
    "consignees",
    metadata,
    Column("token", String(40), ForeignKey("purchases.token"), primary_key=True),
    Column("address", Text, nullable=False),
)
"""The ledger's only table with consignees. Its rows can be deleted; their purchases keep their outcomes."""

placements = Table(
    "placements",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("part_ref", String(64), primary_key=True),
    Column("token", String(40), ForeignKey("purchases.token"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("part", Text, nullable=False),
    Column("previewed_at", String(32)),
    Column("deadline", String(32), nullable=False),
    Column("dispatched_at", String(32)),
    Column("settled_at", String(32)),
    Column("verdict", Text),
    Column("made_digest", String(64)),
    Index("placements_by_token", "token"),
    Index("placements_by_state", "owner", "state"),
    Index("placements_by_made", "owner", "made_digest", "settled_at"),
    Index("placements_by_settling", "owner", "settled_at"),
)

placed_orders = Table(
    "placed_orders",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("order_id", String(128), primary_key=True),
    Column("part_ref", String(64), primary_key=True),
)
"""The create call that an order is recorded for; an index finds it by the order's id."""

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("token", String(40), nullable=False),
    Column("part_ref", String(64)),
    Column("from_state", String(20)),
    Column("to_state", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Index("events_by_token", "token"),
)

people = Table(
    "people",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("removed_at", String(32)),
    Column("seal", String(64), nullable=False),
    Index(
        "people_named_once",
        "name",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
)
"""Who may answer on the approval page; `seal` covers the row, so that nobody without the key adds a person."""

pairing_codes = Table(
    "pairing_codes",
    metadata,
    Column("code_digest", String(64), primary_key=True),
    Column("person", String(40), ForeignKey("people.person"), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("used_at", String(32)),
)

code_failures = Table(
    "code_failures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
)
"""Wrong pairing codes since the last one that was made; after ten of them no open code counts any more."""

browsers = Table(
    "browsers",
    metadata,
    Column("session_digest", String(64), primary_key=True),
    Column("person", String(40), ForeignKey("people.person"), nullable=False),
    Column("paired_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("seal", String(64), nullable=False),
    Index("browsers_by_person", "person"),
)
"""Paired browsers: the digest of each one's session cookie, which alone says who answers."""

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", String(400), primary_key=True),
    Column("person", String(40), ForeignKey("people.person"), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("removed_at", String(32)),
    Column("vouched_by", String(400)),
    Column("seal", String(64), nullable=False),
    Index("passkeys_by_person", "person"),
)
"""Keys that sign approvals; `vouched_by` is the earlier key that allowed this one, None for a first key."""

challenges = Table(
    "challenges",
    metadata,
    Column("nonce_digest", String(64), primary_key=True),
    Column("purpose", String(20), nullable=False),
    Column("person", String(40), nullable=False),
    Column("token", String(40)),
    Column("digest", String(64)),
    Column("expires_at", String(32), nullable=False),
    Column("used_at", String(32)),
)
"""Questions to a passkey, each answered once at most."""

signatures = Table(
    "signatures",
    metadata,
    Column("token", String(40), ForeignKey("purchases.token"), primary_key=True),
    Column("document", Text, nullable=False),
)
"""What a passkey signed for a purchase: all that is needed to verify it later without this server."""

notices = Table(
    "notices",
    metadata,
    Column("token", String(40), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("at", String(32), nullable=False),
)
"""Messages that were sent about a purchase that waits, so that each is sent once."""

hook_decisions = Table(
    "hook_decisions",
    metadata,
    Column("signature_digest", String(64), primary_key=True),
    Column("at", String(32), nullable=False),
)
"""Signed decisions of another system that were used; one that comes again is refused."""
