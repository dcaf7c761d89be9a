"""What the tools need from the outside, as Protocols that the server implements."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from orders_tools.consent.channels import Demands
from orders_tools.consent.patience import Patience
from orders_tools.offers.model import Offer, OfferPage, OfferQuery
from orders_tools.orders.model import OrderPage, OrderQuery, UpstreamOrder
from orders_tools.purchase.model import Address, FailedLine, Line, Part, PlacedOrder, PreviewAnswer, Value
from orders_tools.purchase.records import Approval, Placement, Purchase, Similar, Verdict
from orders_tools.purchase.states import TokenState
from orders_tools.purchase.tokens import RandomBytes
from orders_tools.vocabulary import Unavailability, WhyUnknown

if TYPE_CHECKING:  # the renderer is not needed for the first reply
    from orders_prompts.renderer import Texts
    from orders_tools.consent.demand import Way


class UpstreamUnavailable(Exception):
    """The upstream gave no usable answer to a read or a preview; nothing was ordered. `why` names what was wrong.

    `reason` is "certificate" where it was not called, because it could not show who it is. `answered`: it did answer,
    and the answer cannot be read, so that another question may fare better. `too_large`: because it holds too much.
    """

    def __init__(
        self,
        why: str,
        kind: Unavailability = Unavailability.UNREADABLE,
        *,
        reason: str = "",
        answered: bool = False,
        too_large: bool = False,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind
        self.reason = reason
        self.answered = answered or too_large
        self.too_large = too_large


class UpstreamRefused(Exception):
    """The upstream answered a read or a preview with a refusal: its code and its words, not yet inert."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class OfferUnknown(Exception):
    """The catalogue told nothing of an offer. `told`: its own words, not yet inert, or what its answer lacks; or ""."""

    def __init__(self, why: WhyUnknown, detail: str = "") -> None:
        super().__init__(why.value)
        self.why = why
        self.detail = detail


class CreateReply(Value):
    """What came back from one create call. Only `connected` False says that nothing can have been sent.

    `complete` is True for a whole, readable envelope; `failure` names what was wrong where there is none. `orders` are
    those named where such an answer names orders, `named` the ids of orders that stand elsewhere in it. No id that the
    call itself carried is among them.
    """

    connected: bool
    complete: bool
    code: str | None = None
    message: str | None = None
    orders: tuple[PlacedOrder, ...] = ()
    failed_lines: tuple[FailedLine, ...] = ()
    failure: str | None = None
    named: tuple[str, ...] = ()
    unnamed_orders: int = 0
    """How many orders it lists without an id and without saying that they failed."""
    signs: tuple[str, ...] = ()
    """What in a refusal says that an order may exist, by kind: a long number, words, success, an amount."""


class Upstream(Protocol):
    """The ordering API."""

    async def preview(
        self, lines: Sequence[Line], address: Address, flow: str | None, ali_id: str | None = None
    ) -> PreviewAnswer:
        """What `lines` would cost. Raises UpstreamUnavailable or UpstreamRefused."""
        ...

    async def create(self, part: Part, address: Address) -> CreateReply:
        """Send one create call, once. Does not raise for what the network or the upstream does."""
        ...

    async def orders(self, query: OrderQuery) -> OrderPage:
        """One page of orders, newest first, or its beginning. Raises UpstreamUnavailable or UpstreamRefused."""
        ...

    async def order(self, order_id: str) -> UpstreamOrder | None:
        """One order whole; None where there is none. Raises UpstreamUnavailable or UpstreamRefused."""
        ...

    async def offer(self, offer_id: str) -> Offer:
        """What the catalogue says of one offer, soon or not at all. Raises OfferUnknown, and nothing else."""
        ...

    async def offers(self, query: OfferQuery) -> OfferPage:
        """One page of a search by keywords. Raises UpstreamUnavailable or UpstreamRefused."""
        ...


class ReferenceTaken(Exception):
    """Another purchase of this owner already claimed the reference."""


class RepeatedMeanwhile(Exception):
    """Another purchase of the same thing is in doubt, or was placed after the text of the yes; its reference."""

    def __init__(self, purchase_ref: str, *, in_doubt: bool, same: bool = True) -> None:
        super().__init__(purchase_ref)
        self.purchase_ref = purchase_ref
        self.in_doubt = in_doubt
        self.same = same
        """False where it only shares some offers, for whomever."""


class Ledger(Protocol):
    """Durable memory of purchases. Every method may raise StoreUnavailable; True means that the change was made."""

    async def save_preview(self, purchase: Purchase) -> None: ...

    async def purchase(self, owner: str, token: str) -> Purchase | None: ...

    async def claimed(self, owner: str, purchase_ref: str) -> Purchase | None:
        """The claimed purchase with this reference."""
        ...

    async def approve(self, purchase: Purchase, approval: Approval) -> bool:
        """Record a yes to exactly what is stored, sealed; one given in a dialog not after a no in a dialog."""
        ...

    async def withdraw(self, purchase: Purchase, now: datetime) -> bool:
        """Take back a yes that is not enough: the token is open again."""
        ...

    async def decline(self, purchase: Purchase, channel: str, now: datetime, by: str | None = None) -> bool:
        """Record a no that is final; False where the token is neither open nor approved."""
        ...

    async def close_dialog(self, purchase: Purchase, now: datetime) -> bool:
        """Record a no in the client's dialog: a yes given elsewhere is taken back, the token is open."""
        ...

    async def note_dialog(self, purchase: Purchase, unanswered_at: datetime | None) -> None:
        """Keep since when a dialog of an open token has no answer; None where the client came back from it."""
        ...

    async def expire(self, purchase: Purchase, now: datetime) -> bool:
        """Close a token that was met after its time, for good."""
        ...

    async def supersede(self, purchase: Purchase, fresh: Purchase, now: datetime) -> bool:
        """Close an approved token as `price_changed` and store the fresh preview, both or neither."""
        ...

    async def claim(
        self, purchase: Purchase, parts: Sequence[Part], previewed_at: datetime, now: datetime, deadline: datetime
    ) -> bool:
        """Use up the token and write down every create call to come, the first one as dispatched.

        False where the token does not carry exactly this yes, expired or changed. Raises ReferenceTaken, or
        RepeatedMeanwhile where the same thing is in doubt, or was placed after the text of the yes was rendered.
        """
        ...

    async def dispatch(self, owner: str, part_ref: str, now: datetime, deadline: datetime) -> bool: ...

    async def placements(self, owner: str, token: str) -> list[Placement]: ...

    async def record(self, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> bool: ...

    async def enrich(self, owner: str, part_ref: str, verdict: Verdict, now: datetime) -> None:
        """Add what a later read found about orders already recorded; a difference leaves an event."""
        ...

    async def in_doubt(self, owner: str) -> list[Placement]:
        """Every placement whose outcome is not settled, oldest first."""
        ...

    async def taken(self, owner: str, part_ref: str, order_ids: Sequence[str]) -> set[str]:
        """Those of `order_ids` that are recorded as another placement's."""
        ...

    async def references(self, owner: str, among: Sequence[str]) -> set[str]:
        """Those of `among` that are references of this owner's purchases, however they are written."""
        ...

    async def placement_of(self, owner: str, order_id: str, part_ref: str | None) -> Placement | None:
        """The create call that `order_id` is recorded for, or else the one with this reference."""
        ...

    async def similar(self, purchase: Purchase, since: datetime) -> list[Similar]:
        """Other purchases of the same thing, or with the same reference, in doubt or placed after `since`."""
        ...

    async def gap(self, since: datetime) -> Literal["replaced", "older"] | None:
        """ "replaced" or "older" if, after `since`, the ledger was found not to be the earlier one."""
        ...

    async def waiting(self, owner: str, now: datetime) -> list[Purchase]:
        """Orderable purchases, open or approved, that have not expired, oldest first."""
        ...


class ApprovalPage(Protocol):
    """The page on which a person approves a purchase."""

    async def address(self, purchase: Purchase) -> str | None:
        """The link to the page for this purchase, which is started if necessary; None if there is no page."""
        ...


class Notices(Protocol):
    """Tells people elsewhere, once, that a purchase waits, and what became of it. Returns at once and never fails."""

    def waits(self, purchase: Purchase, ways: Sequence["Way"], client: str) -> None: ...

    def answered(self, purchase: Purchase, state: TokenState, channel: str = "", by: str | None = None) -> None: ...


class Proofs(Protocol):
    """What passkeys signed."""

    async def is_signed(self, purchase: Purchase) -> bool:
        """Whether a passkey of the person who said yes signed exactly this purchase. May raise StoreUnavailable."""
        ...


@dataclass(frozen=True)
class Policy:
    """The operator's rules of a purchase."""

    approval: Demands = field(default_factory=Demands)
    """The least channel of approval that counts, by the amount to pay."""
    preview_ttl: timedelta = timedelta(minutes=15)
    send_window: timedelta = timedelta(seconds=60)
    """How long an answer to a create call may take before its outcome is unknown."""
    flow: str | None = None
    trade_type: str | None = None
    more_refusals: tuple[str, ...] = ()
    """Beginnings of messages that the operator knows to mean that no order was made, beside the documented ones."""
    release_after: timedelta = timedelta(hours=24)
    """How long after its deadline a person may release a send that was never found."""
    note_reference: bool = True
    """Whether the reference also travels at the end of the buyer's note."""
    reference_returned: bool = True
    """Whether orders come back with the reference that was sent, so that a look for it can find one."""
    ali_id: str | None = None
    """The 1688 account that buys, where the developer has several."""
    order_history: bool = True
    """Whether orders are also looked for in the upstream's old table."""
    consignees: Mapping[str, Address] = field(default_factory=dict[str, Address])


@dataclass(frozen=True)
class Purchasing:
    """Everything the tools work with."""

    upstream: Upstream
    ledger: Ledger
    texts: "Texts"
    clock: Callable[[], datetime]
    random_bytes: RandomBytes
    owner: str
    sandbox: bool
    policy: Policy
    uninterrupted: Callable[[], AbstractContextManager[object]]
    """Shields what is inside from cancellation."""
    program: str = "xportcn-orders"
    """The command that runs this program in a terminal, with its full path."""
    client: str = ""
    """What the client of this call calls itself."""
    shows_dialogs: bool = False
    """Whether the client of this call declared that it shows dialogs."""
    page: ApprovalPage | None = None
    """Where a person can approve in a browser; None if no page is served."""
    notices: Notices | None = None
    """Who else is told of purchases that wait, if anybody."""
    proofs: Proofs | None = None
    """What passkeys signed; without it, no yes of a passkey counts."""
    patience: Patience = field(default_factory=Patience)
    """How long a later call waits for a person's answer, and which tokens had a first call."""
    reports_progress: Callable[[], AbstractContextManager[object]] = nullcontext
    """Reports progress to the client of this call during what is inside."""
