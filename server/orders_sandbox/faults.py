"""Faults of create, and prices that change; a new fault is one entry in the table."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

from orders_sandbox.json_text import Json
from orders_sandbox.offers import Offer
from orders_sandbox.refusals import Reason, cannot_be_done
from orders_sandbox.replies import Cut, Data, Half, Page, Reply, Silence


@dataclass(frozen=True)
class Placed:
    """What a create has just made: `amount` is its first order's, in fen; `answer` is the one without any fault."""

    order_id: str
    amount: int
    answer: Json


@dataclass(frozen=True)
class Fault:
    """One way to fail.

    reply: replaces the answer to a create after its orders were made.
    makes_nothing: the call is refused as busy, and no order is made.
    fails_part: of several orders, those of the offer fail, or the last where no offer is meant.
    moves_price: raises every second preview by a quarter.
    charges_more: create charges a tenth more than previewed.
    raises_later: the seller raises the price of the unpaid order.
    """

    shows: str
    reply: Callable[[Placed], Reply] | None = None
    makes_nothing: bool = False
    fails_part: bool = False
    moves_price: bool = False
    charges_more: bool = False
    raises_later: bool = False


def _lost_answer(_placed: Placed) -> Reply:
    return Cut(promised_bytes=412)


def _cut_body(placed: Placed) -> Reply:
    return Half(placed.answer)


def _hang(_placed: Placed) -> Reply:
    return Silence()


def _bad_gateway(_placed: Placed) -> Reply:
    return Page(502, "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>")


def _success_false(placed: Placed) -> Reply:
    return Data({"success": False, "orderId": placed.order_id, "totalSuccessAmount": placed.amount})


def _system_busy(_placed: Placed) -> Reply:
    raise cannot_be_done(SYSTEM_BUSY)


SYSTEM_BUSY = Reason("", "系统繁忙,请重试!")

_TABLE = {
    "lost-answer": Fault(
        "The order is made, then the connection is closed before any of the answer's body.", _lost_answer
    ),
    "cut-body": Fault("The order is made, then the answer's body ends in the middle.", _cut_body),
    "hang": Fault("The order is made, then no answer ever comes.", _hang),
    "bad-gateway": Fault("The order is made, then 502 and an HTML page answer.", _bad_gateway),
    "success-false": Fault(
        "The order is made and answered flat, success false beside its id, as in 1688's own samples (CONTRACT 4.2).",
        _success_false,
    ),
    "system-busy-ordered": Fault("The order is made, yet the answer says that the system is busy.", _system_busy),
    "system-busy-not-ordered": Fault("The system is busy, and no order is made.", makes_nothing=True),
    "part-fails": Fault(
        "Of several orders made by one call one fails, the last or the offer's: a partial success (CONTRACT 4.2).",
        fails_part=True,
    ),
    "price-rise": Fault(
        "Every second preview is 25 % dearer, and create charges what the last preview showed.", moves_price=True
    ),
    "created-dearer": Fault("Create charges a tenth more for the goods than the preview showed.", charges_more=True),
    "price-rise-after-creation": Fault(
        "Ten minutes after it is made, the seller raises the price of the order by 5.00 yuan.", raises_later=True
    ),
}

FAULTS: Mapping[str, str] = MappingProxyType({name: fault.shows for name, fault in _TABLE.items()})

EVERY_PREVIEW = "every-preview"


def active(offers: Sequence[Offer], switched_on: Set[str]) -> list[Fault]:
    """The faults that apply to a create of these offers, in the table's order."""
    names = switched_on | {offer.fault for offer in offers}
    return [fault for name, fault in _TABLE.items() if name in names]


def reply_after(placed: Placed, offers: Sequence[Offer], switched_on: Set[str]) -> Reply | None:
    """The faulty answer to this create, or None; if several apply, the first in the table's order.

    Raises:
        Refusal: the fault is to refuse although the orders were made.
    """
    replies = (fault.reply for fault in active(offers, switched_on) if fault.reply is not None)
    return next((reply(placed) for reply in replies), None)


def failing_orders(orders: Sequence[Sequence[Offer]], switched_on: Set[str]) -> set[int]:
    """The indexes of the orders of one call that fail; a single order never fails."""
    if len(orders) < 2:
        return set()
    own = {index for index, offers in enumerate(orders) if any(fault.fails_part for fault in active(offers, set()))}
    if not own and any(_TABLE[name].fails_part for name in switched_on):
        own = {len(orders) - 1}
    return own


def price_counter(offer: Offer, switched_on: Set[str]) -> str | None:
    """The name of the preview count that changes this offer's price; None if the price does not change."""
    if offer.fault is not None and _TABLE[offer.fault].moves_price:
        return f"offer-{offer.offer_id}"
    if any(_TABLE[name].moves_price for name in switched_on):
        return EVERY_PREVIEW
    return None
