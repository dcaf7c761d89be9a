"""The ledger port over SQL: every change of state is one guarded update and its event, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    select,
)
from sqlalchemy.exc import IntegrityError

from orders_server.ledger import lists
from orders_server.ledger import placements as sent
from orders_server.ledger import purchases as tokens
from orders_server.ledger.continuity import GapKind
from orders_server.ledger.repeats import similar
from orders_server.ledger.schema import placements, purchases
from orders_server.ledger.seals import Seals
from orders_server.ledger.stamps import stamp
from orders_server.ledger.store import Store
from orders_tools.ports import ReferenceTaken
from orders_tools.purchase.model import Part
from orders_tools.purchase.records import Approval, Placement, Purchase, Similar, Verdict
from orders_tools.purchase.states import IN_DOUBT, PlacementState, TokenState

_OWNERS = select(purchases.c.owner).distinct().order_by(purchases.c.owner)


class SqlLedger:
    """Durable memory of purchases in `store`, sealed by `seals`. Every method may raise StoreUnavailable."""

    def __init__(self, store: Store, seals: Seals) -> None:
        self._store = store
        self._seals = seals
        self._noes: set[str] = set()
        """Tokens whose no could not be written yet."""

    async def save_preview(self, purchase: Purchase) -> None:
        """Store an open purchase and its consignee."""
        await self._store.writing(tokens.add_preview, self._seals, purchase)

    async def purchase(self, owner: str, token: str) -> Purchase | None:
        """The purchase that `owner`'s token stands for."""
        of_the_owner = purchases.c.owner == owner, purchases.c.token == token
        return await self._store.reading(tokens.find_one, self._seals, *of_the_owner)

    async def claimed(self, owner: str, purchase_ref: str) -> Purchase | None:
        """The claimed purchase with this reference."""
        return await self._store.reading(
            tokens.find_one,
            self._seals,
            purchases.c.owner == owner,
            purchases.c.purchase_ref == purchase_ref,
            purchases.c.state == TokenState.CLAIMED.value,
        )

    async def approve(self, purchase: Purchase, approval: Approval) -> bool:
        """Record a sealed yes to exactly what is stored; False if the token can no longer be approved."""
        return await self._store.writing(tokens.approve, self._seals, purchase, approval)

    async def withdraw(self, purchase: Purchase, now: datetime) -> bool:
        """Take back a yes that is not enough: the token is open again. False if it is neither open nor approved."""
        return await self._store.writing(tokens.withdraw, purchase, now)

    async def decline(self, purchase: Purchase, channel: str, now: datetime, by: str | None = None) -> bool:
        """Record a final no; False if the token is neither open nor approved."""
        return await self._store.writing(tokens.decline, purchase, channel, now, by)

    async def close_dialog(self, purchase: Purchase, now: datetime) -> bool:
        """Record a no in the client's dialog: it withdraws a yes given elsewhere, and the token is open again."""
        self._noes.add(purchase.token)
        closed = await self._store.writing(tokens.close_dialog, purchase, now)
        self._noes.discard(purchase.token)
        return closed

    async def note_dialog(self, purchase: Purchase, unanswered_at: datetime | None) -> None:
        """Store since when the dialog of an open token has had no answer; None if the client returned from it."""
        await self._store.writing(tokens.note_dialog, purchase, unanswered_at)

    async def expire(self, purchase: Purchase, now: datetime) -> bool:
        """Close a token for good that was found after its expiry."""
        return await self._store.writing(tokens.expire, purchase, now)

    async def supersede(self, purchase: Purchase, fresh: Purchase, now: datetime) -> bool:
        """Close an approved token as `price_changed` and store the fresh preview, in one transaction."""
        return await self._store.writing(tokens.supersede, self._seals, purchase, fresh, now)

    async def claim(
        self, purchase: Purchase, parts: Sequence[Part], previewed_at: datetime, now: datetime, deadline: datetime
    ) -> bool:
        """Use up the token and insert every create call to come, the first one as dispatched.

        False if the token does not have exactly this yes, expired or changed. Raises ReferenceTaken, or
        RepeatedMeanwhile if the same goods are in doubt, or were placed after the text of the yes was rendered.
        """
        if purchase.token in self._noes:
            await self.close_dialog(purchase, now)
            return False
        try:
            return await self._store.writing(sent.claim, self._seals, purchase, parts, previewed_at, now, deadline)
        except IntegrityError as error:
            raise ReferenceTaken(purchase.basket.purchase_ref) from error

    async def dispatch(self, owner: str, part_ref: str, now: datetime, deadline: datetime) -> bool:
        """Mark one create call as about to be sent; False if it is not waiting to be sent."""
        times = {"deadline": stamp(deadline), "dispatched_at": stamp(now)}
        return await self._store.writing(
            sent.move, owner, part_ref, PlacementState.DISPATCHED, now, "dispatch", **times
        )

    async def placements(self, owner: str, token: str) -> list[Placement]:
        """The create calls of a purchase, in the order in which they are sent."""
        query = select(placements).where(placements.c.owner == owner, placements.c.token == token)
        return await self._store.reading(sent.placements_by, query.order_by(placements.c.position))

    async def record(self, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> bool:
        """Record the outcome of a create call; False if it is already settled."""
        return await self._store.writing(sent.record, owner, part_ref, verdict, now)

    async def enrich(self, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> None:
        """Add what a later read found about recorded orders; a difference writes an event."""
        await self._store.writing(sent.enrich, owner, part_ref, verdict, now)

    async def owners(self) -> list[str]:
        """All owners of purchases in this ledger."""
        return await self._store.reading(lambda connection: list(connection.scalars(_OWNERS)))

    async def in_doubt(self, owner: str) -> list[Placement]:
        """Every placement whose outcome is not settled, oldest first."""
        query = select(placements).where(
            placements.c.owner == owner, placements.c.state.in_([state.value for state in IN_DOUBT])
        )
        return await self._store.reading(sent.placements_by, query.order_by(placements.c.deadline))

    async def taken(self, owner: str, part_ref: str, order_ids: Sequence[str]) -> set[str]:
        """The ids in `order_ids` that are recorded for another placement."""
        return await self._store.reading(sent.taken, owner, part_ref, order_ids) if order_ids else set()

    async def references(self, owner: str, among: Sequence[str]) -> set[str]:
        """The texts in `among` that are references of this owner's purchases, in any spelling."""
        return await self._store.reading(sent.references, owner, among)

    async def placement_of(self, owner: str, order_id: str, part_ref: str | None) -> Placement | None:
        """The create call that `order_id` is recorded for, or else the one with this reference."""
        return await self._store.reading(sent.placement_of, owner, order_id, part_ref)

    async def similar(self, purchase: Purchase, since: datetime) -> list[Similar]:
        """Other purchases like this one, or with the same reference, in doubt or placed after `since`.

        Placed purchases are found by the digest of what was ordered. Those placed since this preview are compared like
        those in doubt, in any spelling of the consignee.
        """
        return await self._store.reading(similar, purchase, since)

    async def waiting(self, owner: str, now: datetime) -> list[Purchase]:
        """Orderable purchases, open or approved, that have not expired, oldest first."""
        return (await self._store.reading(tokens.waiting, self._seals, owner, now))[0]

    async def named(self, owner: str, purchase_ref: str) -> list[Purchase]:
        """This owner's purchases with the reference, in whatever state, the newest first."""
        return await self._store.reading(lists.named, self._seals, owner, purchase_ref)

    async def ended(self, owner: str, since: datetime, now: datetime) -> list[Purchase]:
        """Purchases that were decided or expired, of those that could still be answered at `since`; newest first."""
        return await self._store.reading(lists.ended, self._seals, owner, since, now)

    async def unsealed(self, owner: str, now: datetime) -> int:
        """The number of waiting rows left out because another key sealed them or they were edited."""
        return (await self._store.reading(tokens.waiting, self._seals, owner, now))[1]

    async def gap(self, since: datetime) -> GapKind | None:
        """ "replaced" or "older" if, after `since`, the ledger was found to differ from the earlier one."""
        if not self._store.is_open:
            await self._store.open()
        gap = self._store.gap
        return gap.kind if gap and gap.at > since else None
