"""From the lines asked for to what they cost and why they may not be ordered. All money in fen."""

from collections.abc import Callable
from dataclasses import dataclass

from orders_server.sandbox.catalogue import TRADE_MODES, Offer, Promotion, Sku, offer_of
from orders_server.sandbox.purchase_requests import CargoLine
from orders_server.sandbox.refusals import cannot_be_done


@dataclass(frozen=True)
class LineRefusal:
    """Why one line cannot be ordered: a code of CONTRACT 9.8 and the text beside it."""

    code: str
    text: str

    @property
    def message(self) -> str:
        """Code and text in one, as the envelope and the answers of 2026 carry them."""
        return f"{self.code}:{self.text}"


@dataclass(frozen=True)
class ChosenLine:
    """A line whose offer and variant exist; not priced yet."""

    offer: Offer
    sku: Sku
    quantity: int


@dataclass(frozen=True)
class PricedLine:
    """A line with its price: `amount` is what the line costs after its promotion."""

    offer: Offer
    sku: Sku
    quantity: int
    unit_price: int
    refusal: LineRefusal | None

    @property
    def promotion(self) -> Promotion | None:
        """The reduction on this line, or None."""
        return self.offer.promotion

    @property
    def amount(self) -> int:
        """What the line costs, in fen: unit price times quantity less the promotion (CONTRACT 3.2)."""
        return self.unit_price * self.quantity - (self.promotion.off if self.promotion else 0)


@dataclass(frozen=True)
class PricedBasket:
    """The one order that a basket of one seller becomes; the sums count every line, refused ones too."""

    lines: tuple[PricedLine, ...]

    @property
    def goods(self) -> int:
        """The goods without carriage, in fen."""
        return sum(line.amount for line in self.lines)

    @property
    def carriage(self) -> int:
        """The carriage in fen: the largest among the offers, since they travel together."""
        return max(line.offer.carriage for line in self.lines)

    @property
    def payment(self) -> int:
        """Goods and carriage, in fen: 1688's own total, without any fee of Xportcn's."""
        return self.goods + self.carriage

    @property
    def offers(self) -> list[Offer]:
        """The offers in the basket, each once, in the order of the lines."""
        return list(dict.fromkeys(line.offer for line in self.lines))

    @property
    def trade_modes(self) -> tuple[str, ...]:
        """What tradeType may be: the modes that all offers share, none where one offer has none."""
        return tuple(mode for mode in TRADE_MODES if all(mode in offer.trade_modes for offer in self.offers))

    @property
    def refusal(self) -> LineRefusal | None:
        """The first line's refusal, or None where every line can be ordered."""
        return next((line.refusal for line in self.lines if line.refusal), None)


def choose(lines: tuple[CargoLine, ...]) -> tuple[ChosenLine, ...]:
    """The offers and variants asked for. Refuses the whole call for the reasons that 1688 refuses it whole:
    an unknown offer, a specId that is missing or not the offer's, two sellers, a line twice (CONTRACT 9.8).
    """
    chosen = tuple(_choose_one(line) for line in lines)
    if len({line.offer.seller for line in chosen}) > 1:
        raise cannot_be_done("500_002:不支持不同卖家的商品同时下单")
    if len({line.sku.sku_id for line in chosen}) < len(chosen):
        raise cannot_be_done("Cargo list not duplicate is required")
    return chosen


def _choose_one(line: CargoLine) -> ChosenLine:
    offer = offer_of(line.offer_id)
    if offer is None:
        raise cannot_be_done("offer no exist")
    if line.spec_id is None:
        first, *others = offer.skus
        if others:
            raise cannot_be_done(f"500_002:商品{offer.offer_id}缺少specId")
        return ChosenLine(offer, first, line.quantity)
    for sku in offer.skus:
        if sku.spec_id == line.spec_id:
            return ChosenLine(offer, sku, line.quantity)
    raise cannot_be_done(f"500_003:specId不属于商品{offer.offer_id}")


def price(lines: tuple[ChosenLine, ...], is_dearer: Callable[[Offer], bool]) -> PricedBasket:
    """The basket with its prices; `is_dearer` says of which offers the price has risen by a quarter."""
    return PricedBasket(tuple(_price_one(line, is_dearer(line.offer)) for line in lines))


def _price_one(line: ChosenLine, dearer: bool) -> PricedLine:
    usual = line.offer.unit_price
    unit_price = (usual * 5 + 2) // 4 if dearer else usual
    return PricedLine(line.offer, line.sku, line.quantity, unit_price, _judge(line))


def _judge(line: ChosenLine) -> LineRefusal | None:
    offer = line.offer
    if line.quantity < offer.minimum:
        return LineRefusal("500_005", f"低于起订量,最小起订量{offer.minimum}")
    if line.quantity > offer.stock:
        return LineRefusal("500_004", f"库存不足,{offer.offer_id}_{line.sku.spec_id},剩余库存{offer.stock}")
    return None
