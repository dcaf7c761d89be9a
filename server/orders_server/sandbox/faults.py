"""What can go wrong although the order is made, and prices that move; adding a fault is one entry in the table."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType

from orders_server.sandbox.catalogue import Offer
from orders_server.sandbox.replies import Cut, Data, Page, Reply


@dataclass(frozen=True)
class Placed:
    """An order that has just been made; `amount` in fen, as 1688 counts it."""

    order_id: str
    amount: int


@dataclass(frozen=True)
class Fault:
    """One way to misbehave: `reply` replaces the answer to a create, `moves_price` raises every second preview."""

    shows: str
    reply: Callable[[Placed], Reply] | None = None
    moves_price: bool = False


def _lost_answer(_placed: Placed) -> Reply:
    return Cut(promised_bytes=412)


def _bad_gateway(_placed: Placed) -> Reply:
    return Page(502, "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>")


def _success_false(placed: Placed) -> Reply:
    return Data({"success": False, "orderId": placed.order_id, "totalSuccessAmount": placed.amount})


_TABLE = {
    "lost-answer": Fault(
        "The order is made, then the connection is closed before any of the answer's body.", _lost_answer
    ),
    "bad-gateway": Fault("The order is made, then 502 and an HTML page answer.", _bad_gateway),
    "success-false": Fault(
        "The order is made and answered flat, success false beside its id, as in 1688's own samples (CONTRACT 4.2).",
        _success_false,
    ),
    "price-rise": Fault(
        "Every second preview is 25 % dearer, and create charges what the last preview showed.", moves_price=True
    ),
}

FAULTS: Mapping[str, str] = MappingProxyType({name: fault.shows for name, fault in _TABLE.items()})

EVERY_PREVIEW = "every-preview"


def reply_after(placed: Placed, offers: list[Offer], switched_on: Set[str]) -> Reply | None:
    """The misbehaviour that answers this create, or None; of several, the first in the table's order."""
    active = switched_on | {offer.fault for offer in offers}
    for name, fault in _TABLE.items():
        if name in active and fault.reply is not None:
            return fault.reply(placed)
    return None


def price_counter(offer: Offer, switched_on: Set[str]) -> str | None:
    """The name of the count of previews that moves this offer's price, or None where the price stands still."""
    if offer.fault is not None and _TABLE[offer.fault].moves_price:
        return f"offer-{offer.offer_id}"
    if any(_TABLE[name].moves_price for name in switched_on):
        return EVERY_PREVIEW
    return None
