"""Preview and create (CONTRACT 3 and 4)."""

from dataclasses import replace
from datetime import timedelta

from orders_sandbox.answers_2025 import preview_2025
from orders_sandbox.answers_2026 import preview_2026, service_fee
from orders_sandbox.course import NEVER_PAID, Course
from orders_sandbox.create_answers import ANSWERS, Created
from orders_sandbox.faults import SYSTEM_BUSY, Placed, active, failing_orders, price_counter, reply_after
from orders_sandbox.fields import Fields
from orders_sandbox.json_text import JsonObject
from orders_sandbox.offers import Offer
from orders_sandbox.options import SandboxOptions
from orders_sandbox.orders import OrderRecord, make_order
from orders_sandbox.pricing import ChosenLine, PricedBasket, PricedOrder, choose, price
from orders_sandbox.purchase_requests import CargoLine, CreateRequest, PreviewRequest, read_create, read_preview
from orders_sandbox.refusals import (
    NO_ONLINE_TRADING,
    Reason,
    RefusedLine,
    cannot_be_done,
    lines_refused,
    wrong_parameter,
)
from orders_sandbox.replies import Data, Reply
from orders_sandbox.store import OrderStore

BEST_FLOW = "fenxiaonew"
_LATER = timedelta(minutes=10)
_RISE = 500
_SPLIT_CHANGED = Reason("", "拆单结果发生了变化")
"""1688's message if preview and create disagree (CONTRACT 9.8)."""


class OrderDesk:
    """Prices baskets and makes orders."""

    def __init__(self, options: SandboxOptions, store: OrderStore) -> None:
        self._options = options
        self._switches = options.switches
        self._store = store
        self._previewed: set[frozenset[ChosenLine]] = set()

    def preview(self, body: JsonObject) -> Reply:
        """The current price of the basket, in the form of the sandbox's generation."""
        request = read_preview(Fields(body))
        lines = self._choose(request.lines)
        self._previewed.add(frozenset(lines))
        names = (price_counter(line.offer, self._options.faults) for line in lines)
        self._store.count_previews(name for name in names if name is not None)
        basket = self._price(lines, request, creating=False)
        if self._options.generation == "2025":
            return Data(preview_2025(basket, request.flow or BEST_FLOW))
        return Data(preview_2026(basket))

    def create(self, body: JsonObject) -> Reply:
        """Makes the orders and answers with them, unless a fault of an offer or of the sandbox replaces the answer.

        By default a repeated outOrderId makes a second order: 1688 documents no idempotency (CONTRACT 9.6).
        """
        body = self._apply_reference_switch(body)
        request = read_create(Fields(body))
        if earlier := self._earlier_orders(request.out_order_id):
            return self._create_answer(Created(earlier, (), split=len(earlier) > 1))
        lines = self._choose(request.lines)
        if self._switches.preview_first == "checked" and frozenset(lines) not in self._previewed:
            raise cannot_be_done(_SPLIT_CHANGED)
        basket = self._price(lines, request, creating=True)
        trade_type = _trade_type(basket, request.trade_type)
        if any(fault.makes_nothing for fault in active(basket.offers, self._options.faults)):
            raise cannot_be_done(SYSTEM_BUSY)
        created = self._make(basket, trade_type, body)
        first = created.orders[0]
        answer = self._create_answer(created)
        placed = Placed(first.order_id, first.total, answer.value)
        return reply_after(placed, basket.offers, self._options.faults) or answer

    def _create_answer(self, created: Created) -> Data:
        return Data(ANSWERS[self._switches.create_answer](created))

    def _apply_reference_switch(self, body: JsonObject) -> JsonObject:
        if self._switches.out_order_id == "echoed" or body.get("outOrderId") is None:
            return body
        if self._switches.out_order_id == "refused":
            raise wrong_parameter("outOrderId")
        return {name: value for name, value in body.items() if name != "outOrderId"}

    def _earlier_orders(self, out_order_id: str | None) -> list[OrderRecord]:
        """Earlier orders with this number, returned instead of new ones; empty if new ones have to be made."""
        if out_order_id is None or self._switches.repeated_out_order_id == "second-order":
            return []
        made = [order for order in self._store.orders() if order.out_order_id == out_order_id]
        if made and self._switches.repeated_out_order_id == "refused":
            raise cannot_be_done(Reason("", "outOrderId重复"))
        return made

    def _make(self, basket: PricedBasket, trade_type: str, body: JsonObject) -> Created:
        failed = failing_orders([order.offers for order in basket.orders], self._options.faults)
        made = [order for index, order in enumerate(basket.orders) if index not in failed]
        moment, seed = self._options.clock(), self._options.seed

        def records(sequence: int) -> list[OrderRecord]:
            return [
                make_order(
                    seed, sequence + index, moment, trade_type, order, body, self._fee(order), self._course(order)
                )
                for index, order in enumerate(made)
            ]

        return Created(
            self._store.add(records),
            [
                RefusedLine(line.offer.offer_id, line.sku.spec_id, Reason("500_004", "下单时库存不足"))
                for index in sorted(failed)
                for line in basket.orders[index].lines
            ],
            split=len(basket.orders) > 1,
        )

    def _fee(self, order: PricedOrder) -> int:
        return service_fee(order.payment) if self._switches.charge == "total-payment" else 0

    def _course(self, order: PricedOrder) -> Course:
        if any(fault.raises_later for fault in active(order.offers, self._options.faults)):
            return replace(NEVER_PAID, risen=int(_LATER.total_seconds()), rise=_RISE)
        return NEVER_PAID

    def _choose(self, lines: tuple[CargoLine, ...]) -> tuple[ChosenLine, ...]:
        return choose(lines, several_sellers=self._switches.sellers == "several")

    def _price(
        self, lines: tuple[ChosenLine, ...], request: PreviewRequest | CreateRequest, creating: bool
    ) -> PricedBasket:
        counts = self._store.preview_counts()
        faults = self._options.faults

        def is_dearer(offer: Offer) -> bool:
            previews = counts.get(price_counter(offer, faults) or "", 0)
            return previews > 0 and previews % 2 == 0

        def unit_price(line: ChosenLine) -> int:
            usual = line.offer.price_of(line.quantity)
            if is_dearer(line.offer):
                usual = (usual * 5 + 2) // 4
            if creating and any(fault.charges_more for fault in active([line.offer], faults)):
                usual = (usual * 11 + 5) // 10
            return usual

        return price(lines, request.flow, request.consignee, unit_price)


def _trade_type(basket: PricedBasket, asked: str | None) -> str:
    """The trade type of the orders; if none is requested, 1688 uses credit if it is offered (CONTRACT 4.1)."""
    if basket.obstacles:
        raise lines_refused(basket.obstacles)
    if not basket.trade_modes:
        raise cannot_be_done(NO_ONLINE_TRADING)
    if asked is None:
        return "creditBuy" if "creditBuy" in basket.trade_modes else basket.trade_modes[0]
    if asked not in basket.trade_modes:
        raise cannot_be_done(Reason("", f"not support tradeType:【{asked}】"))
    return asked
