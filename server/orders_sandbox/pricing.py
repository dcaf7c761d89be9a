"""Turns the lines asked for into orders with prices, and the reasons why they cannot be made. Money in fen."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from orders_sandbox.carriage import carriage_of
from orders_sandbox.catalogue import offer_of
from orders_sandbox.line_rules import LineFacts, reason_against
from orders_sandbox.offers import TRADE_MODES, Offer, Promotion, Sku
from orders_sandbox.purchase_requests import CargoLine, Consignee
from orders_sandbox.refusals import NO_ONLINE_TRADING, Reason, RefusedLine, cannot_be_done, lines_refused


@dataclass(frozen=True)
class ChosenLine:
    """A line whose offer and variant exist; not priced yet."""

    offer: Offer
    sku: Sku
    quantity: int


@dataclass(frozen=True)
class PricedLine:
    """A line with its price: `amount` is the price of the line after its promotion."""

    offer: Offer
    sku: Sku
    quantity: int
    unit_price: int
    refusal: Reason | None

    @property
    def promotion(self) -> Promotion | None:
        """The reduction on this line, or None."""
        return self.offer.promotion

    @property
    def amount(self) -> int:
        """The price of the line in fen: unit price times quantity less the promotion (CONTRACT 3.2)."""
        return _amount(self.offer, self.unit_price, self.quantity)

    @property
    def obstacle(self) -> Reason | None:
        """Why create would not order this line: its refusal, or that its offer has no trade mode; otherwise None."""
        return self.refusal or (None if self.offer.trade_modes else NO_ONLINE_TRADING)


@dataclass(frozen=True)
class PricedOrder:
    """One order of a basket; the sums count every line, refused ones too."""

    lines: tuple[PricedLine, ...]
    consignee: Consignee

    @property
    def goods(self) -> int:
        """The goods without carriage, in fen."""
        return sum(line.amount for line in self.lines)

    @property
    def carriage(self) -> int:
        """The carriage in fen."""
        return carriage_of(((line.offer, line.quantity) for line in self.lines), self.consignee)

    @property
    def payment(self) -> int:
        """Goods and carriage, in fen: 1688's own total, without any fee of Xportcn's."""
        return self.goods + self.carriage

    @property
    def offers(self) -> list[Offer]:
        """The offers in the order, each once, in the order of the lines."""
        return list(dict.fromkeys(line.offer for line in self.lines))

    @property
    def trade_modes(self) -> tuple[str, ...]:
        """The possible values of tradeType: the modes that all offers share; empty if one offer has none."""
        return tuple(mode for mode in TRADE_MODES if all(mode in offer.trade_modes for offer in self.offers))

    @property
    def refusal(self) -> Reason | None:
        """The refusal of the first line that has one; None if every line can be ordered."""
        return next((line.refusal for line in self.lines if line.refusal), None)


@dataclass(frozen=True)
class PricedBasket:
    """The orders that a basket becomes: 1688 calls more than one a split (CONTRACT 9.10)."""

    orders: tuple[PricedOrder, ...]

    @property
    def offers(self) -> list[Offer]:
        """The offers of all orders."""
        return [offer for order in self.orders for offer in order.offers]

    @property
    def trade_modes(self) -> tuple[str, ...]:
        """The values of tradeType that all orders allow."""
        return tuple(mode for mode in TRADE_MODES if all(mode in order.trade_modes for order in self.orders))

    @property
    def obstacles(self) -> tuple[RefusedLine, ...]:
        """Every line that create would refuse."""
        return tuple(
            RefusedLine(line.offer.offer_id, line.sku.spec_id, line.obstacle)
            for order in self.orders
            for line in order.lines
            if line.obstacle
        )


def choose(lines: tuple[CargoLine, ...], several_sellers: bool) -> tuple[ChosenLine, ...]:
    """The requested offers and variants. Refuses the whole call for the reasons for which 1688 does, with all such
    lines at once: an unknown offer, a specId that is missing or not the offer's, a line twice (CONTRACT 9.8), and
    two sellers, unless the sandbox takes several.
    """
    found = [_choose_one(line) for line in lines]
    refused = [
        RefusedLine(line.offer_id, line.spec_id, choice)
        for line, choice in zip(lines, found, strict=True)
        if isinstance(choice, Reason)
    ]
    if refused:
        raise lines_refused(refused)
    chosen = tuple(choice for choice in found if isinstance(choice, ChosenLine))
    if len({line.offer.seller for line in chosen}) > 1 and not several_sellers:
        raise _all_refused(lines, Reason("500_002", "不支持不同卖家的商品同时下单"))
    if len({line.sku.sku_id for line in chosen}) < len(chosen):
        raise _all_refused(lines, Reason("", "Cargo list not duplicate is required"))
    return chosen


def _all_refused(lines: tuple[CargoLine, ...], reason: Reason) -> Exception:
    return cannot_be_done(reason, lines=(RefusedLine(line.offer_id, line.spec_id, reason) for line in lines))


def _choose_one(line: CargoLine) -> ChosenLine | Reason:
    offer = offer_of(line.offer_id)
    if offer is None or offer.standing == "delisted":
        return Reason("", "offer no exist")
    if line.spec_id is None:
        first, *others = offer.skus
        if others:
            return Reason("500_002", f"商品{offer.offer_id}缺少specId")
        return ChosenLine(offer, first, line.quantity)
    for sku in offer.skus:
        if sku.spec_id == line.spec_id:
            return ChosenLine(offer, sku, line.quantity)
    return Reason("500_003", f"specId不属于商品{offer.offer_id}")


def price(
    lines: tuple[ChosenLine, ...], flow: str | None, consignee: Consignee, unit_price: Callable[[ChosenLine], int]
) -> PricedBasket:
    """The basket with its prices, divided into orders: one per seller, and one for each offer that ships alone, in
    the order of their first lines.
    """
    prices = {line: unit_price(line) for line in lines}
    priced = [
        PricedLine(
            line.offer, line.sku, line.quantity, prices[line], reason_against(_line_facts(line, lines, prices, flow))
        )
        for line in lines
    ]
    keys = list(dict.fromkeys(map(_order_key, priced)))
    ordered = groupby(sorted(priced, key=lambda line: keys.index(_order_key(line))), _order_key)
    return PricedBasket(tuple(PricedOrder(tuple(group), consignee) for _, group in ordered))


def _order_key(line: PricedLine) -> tuple[str, str | None]:
    return line.offer.seller.login_id, line.offer.name if line.offer.ships_alone else None


def _line_facts(
    line: ChosenLine, lines: tuple[ChosenLine, ...], prices: dict[ChosenLine, int], flow: str | None
) -> LineFacts:
    sellers = [other for other in lines if other.offer.seller == line.offer.seller]
    return LineFacts(
        offer=line.offer,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=prices[line],
        flow=flow,
        seller_pieces=sum(other.quantity for other in sellers),
        seller_amount=sum(_amount(other.offer, prices[other], other.quantity) for other in sellers),
    )


def _amount(offer: Offer, unit_price: int, quantity: int) -> int:
    return unit_price * quantity - (offer.promotion.off if offer.promotion else 0)
