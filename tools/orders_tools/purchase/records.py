"""The records that the ledger keeps of a purchase, and the findings about it."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import Field

from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import Address, Basket, FailedLine, Part, PlacedOrder, Value
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.vocabulary import Channel, IssueCode, Severity

READING_TIME = timedelta(seconds=1)
"""The minimum time that a person needs to read and answer a dialog."""
_CLOCK_SLACK = timedelta(minutes=1)
"""How far the clock may be set back before a recent yes counts as coming from the future."""


class Finding(Value):
    """Something about a preview that the person has to know; `details` fills its sentence and its remedy."""

    severity: Severity
    code: IssueCode
    offer_id: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class Approval(Value):
    """Who said yes: through which channel, and when.

    `shown_at` is when the answered text was rendered: the yes applies to what was known then. `by` is the name of the
    person, where the channel knows it.
    """

    channel: str
    at: datetime
    shown_at: datetime | None = None
    by: str | None = None

    @property
    def is_automatic(self) -> bool:
        """Whether the yes of a client's dialog came faster than a person can read it."""
        return self.channel == Channel.DIALOG and self.shown_at is not None and self.at - self.shown_at < READING_TIME


class Purchase(Value):
    """A previewed purchase as it was shown, and the state of its token.

    `address` is None once the consignee was erased. `digest` covers everything that was shown; see `shown_digest`.
    `sealed` says whether the ledger wrote it with its own key; an approval without our seal is None.
    """

    token: str
    owner: str
    sandbox: bool
    state: TokenState
    created_at: datetime
    expires_at: datetime
    basket: Basket
    address: Address | None
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    basket_digest: str
    digest: str
    approval: Approval | None = None
    fresh_token: str | None = None
    """The token of the fresh preview that replaced this one, for `price_changed`."""
    sealed: bool = False
    cards: tuple[ProductCard, ...] = ()
    """Catalogue data of the goods, shown with their lines. A line that the catalogue does not know has no card."""
    demand: Channel | None = None
    """The least channel of approval that counted when it was previewed; None for a dialog or less."""
    dialog_closed_at: datetime | None = None
    """When somebody said no in the client's dialog. It is then not shown again for this token."""
    dialog_unanswered_at: datetime | None = None
    """Since when the client has not returned from its dialog. It is then not shown again for this token either."""

    @property
    def orderable(self) -> bool:
        """Whether nothing that was found blocks the purchase."""
        return not any(finding.severity == "blocks" for finding in self.findings)

    @property
    def payable(self) -> int | None:
        """What the person pays for all parts, in fen; None if the upstream did not say."""
        return sum_or_none(order.payable for part in self.parts for order in part.answer.orders)

    @property
    def intact(self) -> bool:
        """Whether what is stored is still what was shown."""
        return self.digest == shown_digest(self)

    @property
    def genuine(self) -> bool:
        """Whether it may still lead to an order: this server wrote the row and recorded any yes in it."""
        return self.intact and self.sealed and (self.state is not TokenState.APPROVED or self.approval is not None)

    @property
    def dialog_declined(self) -> bool:
        """Whether its latest answer is a no in the client's dialog."""
        return self.state is TokenState.OPEN and self.dialog_closed_at is not None

    def unusable(self, now: datetime) -> bool:
        """Whether it expired, or its consignee was erased.

        Also true if the clock shows a time before the last change: it was set back, so the elapsed time is unknown.
        """
        latest = max(self.created_at, self.approval.at) if self.approval else self.created_at
        over = self.state is TokenState.EXPIRED or now >= self.expires_at or now < latest - _CLOCK_SLACK
        return over or self.address is None


class Verdict(Value):
    """The outcome of one create call, as far as the evidence proves it."""

    state: PlacementState
    evidence: str
    """An `EvidenceName`, or the problem with an answer that proves nothing."""
    orders: tuple[PlacedOrder, ...] = ()
    failed_lines: tuple[FailedLine, ...] = ()
    code: str | None = None
    message: str | None = None
    differences: tuple[Finding, ...] = ()
    """How the orders that were made differ from what was approved."""
    compared: bool = False
    """Whether every order was compared for that."""
    named: tuple[str, ...] = ()
    """Ids in the answer that may be orders of this call; only reading them shows whether they are."""


class Placement(Value):
    """One create call: what it sends, the deadline for its answer, and its outcome.

    `previewed_at` is when its price was last seen before it was sent. `candidates` are orders that look like its
    order but do not carry its reference; only a person can decide.
    """

    part_ref: str
    token: str
    state: PlacementState
    part: Part
    deadline: datetime
    dispatched_at: datetime | None
    verdict: Verdict | None
    previewed_at: datetime | None = None
    candidates: tuple[PlacedOrder, ...] = ()


class Similar(Value):
    """Another purchase by the same owner: of the same goods for the same consignee, or with the same reference.

    `same` is False for a purchase in doubt that only shares an offer, for any consignee.
    """

    purchase_ref: str
    state: PlacementState
    at: datetime
    same: bool = True


def sum_or_none(amounts: Any) -> int | None:
    """The sum of `amounts` in fen; None as soon as one of them is unknown."""
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


_STATE_FIELDS = {
    "state",
    "digest",
    "approval",
    "fresh_token",
    "created_at",
    "sealed",
    "dialog_closed_at",
    "dialog_unanswered_at",
}
"""Fields that change after a preview was shown and are therefore not in its digest."""


def _canonical_json(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def shown_digest(purchase: Purchase) -> str:
    """SHA-256 of everything that the person was shown and everything that will be sent."""
    content = purchase.model_dump(mode="json", exclude=_STATE_FIELDS)
    return hashlib.sha256(_canonical_json(_drop_empty(content))).hexdigest()


def _drop_empty(content: Any) -> Any:
    """`content` without empty fields, so that a field added later does not change the digests of stored rows."""
    if isinstance(content, list):
        return [_drop_empty(item) for item in cast("list[Any]", content)]
    if not isinstance(content, dict):
        return content
    fields = cast("dict[str, Any]", content)
    return {name: _drop_empty(value) for name, value in fields.items() if value not in (None, "", [], {})}


def short_digest(content: Any) -> str:
    """The first half of a SHA-256 of `content`: 32 characters."""
    return hashlib.sha256(_canonical_json(content)).hexdigest()[:32]
