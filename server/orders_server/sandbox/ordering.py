"""Preview and create (CONTRACT 3 and 4)."""

from orders_server.sandbox.answers_2025 import preview_2025
from orders_server.sandbox.answers_2026 import preview_2026
from orders_server.sandbox.catalogue import Offer
from orders_server.sandbox.faults import Placed, price_counter, reply_after
from orders_server.sandbox.fields import Fields
from orders_server.sandbox.options import SandboxOptions
from orders_server.sandbox.orders import OrderRecord, make_order
from orders_server.sandbox.pricing import ChosenLine, PricedBasket, choose, price
from orders_server.sandbox.purchase_requests import read_create, read_preview
from orders_server.sandbox.refusals import cannot_be_done
from orders_server.sandbox.replies import Data, Reply
from orders_server.sandbox.store import OrderStore
from orders_server.sandbox.wire import JsonObject

BEST_FLOW = "fenxiaonew"


class OrderDesk:
    """Where baskets are priced and orders are made."""

    def __init__(self, options: SandboxOptions, store: OrderStore) -> None:
        self._options = options
        self._store = store

    def preview(self, body: JsonObject) -> Reply:
        """What the basket would cost now, in the shape of the sandbox's generation."""
        request = read_preview(Fields(body))
        lines = choose(request.lines)
        names = (price_counter(line.offer, self._options.faults) for line in lines)
        self._store.count_previews(name for name in names if name is not None)
        basket = self._price(lines)
        if self._options.generation == "2025":
            return Data(preview_2025(basket, request.flow or BEST_FLOW))
        return Data(preview_2026(basket))

    def create(self, body: JsonObject) -> Reply:
        """Makes the order and says so, unless a fault of the offer or of the sandbox answers in its place.

        A repeated outOrderId makes a second order: 1688 documents no idempotency (CONTRACT 9.6).
        """
        request = read_create(Fields(body))
        basket = self._price(choose(request.lines))
        trade_type = _trade_type(basket, request.trade_type)
        moment = self._options.clock()
        order = self._store.add(
            lambda sequence: make_order(self._options.seed, sequence, moment, trade_type, basket, body)
        )
        misbehaviour = reply_after(Placed(order.order_id, order.total), basket.offers, self._options.faults)
        return misbehaviour or Data(_created(order))

    def _price(self, lines: tuple[ChosenLine, ...]) -> PricedBasket:
        counts = self._store.preview_counts()

        def is_dearer(offer: Offer) -> bool:
            previews = counts.get(price_counter(offer, self._options.faults) or "", 0)
            return previews > 0 and previews % 2 == 0

        return price(lines, is_dearer)


def _trade_type(basket: PricedBasket, asked: str | None) -> str:
    """The trade type of the order; unasked, 1688 takes credit where it is offered (CONTRACT 4.1)."""
    if basket.refusal is not None:
        raise cannot_be_done(basket.refusal.message)
    if not basket.trade_modes:
        raise cannot_be_done("500_001:该商品不支持在线交易")
    if asked is None:
        return "creditBuy" if "creditBuy" in basket.trade_modes else basket.trade_modes[0]
    if asked not in basket.trade_modes:
        raise cannot_be_done(f"not support tradeType:【{asked}】")
    return asked


def _created(order: OrderRecord) -> JsonObject:
    """1688's answer to a create of one order, amounts in fen without Xportcn's fee (CONTRACT 4.2)."""
    result: JsonObject = {
        "success": True,
        "orderId": order.order_id,
        "totalSuccessAmount": order.total,
        "postFee": order.carriage,
        "failedOfferList": [],
    }
    return {"result": result, "success": True}
