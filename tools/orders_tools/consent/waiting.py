"""A later call with a token that waits: it waits for the person's answer and goes on by itself."""

from datetime import timedelta

from orders_tools.consent.demand import is_approved
from orders_tools.ports import Purchasing
from orders_tools.purchase.readiness import stored_purchase
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.vocabulary import Channel

_LOOK_SECONDS = 0.5
_PAGE_ORDERS = timedelta(seconds=30)
"""How long after a yes the page is given to order by itself."""
_IN_FLIGHT = frozenset({PlacementState.CLAIMED, PlacementState.DISPATCHED})


async def wait_for_answer(purchasing: Purchasing, purchase: Purchase) -> Purchase:
    """The purchase once somebody answered and what followed is known, or as it is after the patience of a call.

    Raises:
        ToolFault: TOKEN_INVALID, the stored row is not what was shown any more.
    """
    left = purchasing.patience.seconds
    with purchasing.reports_progress():
        while left > 0 and await _waits(purchasing, purchase):
            await purchasing.patience.sleep(min(_LOOK_SECONDS, left))
            left -= _LOOK_SECONDS
            purchase = await stored_purchase(purchasing, purchase.token)
    return purchase


async def _waits(purchasing: Purchasing, purchase: Purchase) -> bool:
    """Whether there is something to wait for: an answer, or what another process makes of it."""
    if purchase.state is TokenState.CLAIMED:
        placements = await purchasing.ledger.placements(purchasing.owner, purchase.token)
        return any(placement.state in _IN_FLIGHT for placement in placements)
    if purchase.unusable(purchasing.clock()):
        return False
    if purchase.state is TokenState.APPROVED and is_approved(purchasing, purchase):
        return _page_orders(purchasing, purchase)
    return purchase.state in {TokenState.OPEN, TokenState.APPROVED}


def _page_orders(purchasing: Purchasing, purchase: Purchase) -> bool:
    """Whether the page may still be about to order what was approved on it."""
    given = purchase.approval
    on_page = given is not None and given.channel in {Channel.PAGE, Channel.PASSKEY}
    return given is not None and on_page and purchasing.clock() - given.at < _PAGE_ORDERS
