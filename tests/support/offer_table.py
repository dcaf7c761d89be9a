"""What a purchase of each offer of the sandbox comes to, in both generations of its answers, to the fen."""

from dataclasses import dataclass
from typing import Any

from orders_sandbox import CATALOGUE
from support.house import offer_id

ANOTHER_OFFER = "Take another offer for this product."
SPEC_ID = "Take spec_id from get_offer, and name seller_open_id on each line where the sellers differ."
XINJIANG = {"province": "新疆维吾尔自治区", "city": "乌鲁木齐市", "area": "天山区"}
GANSU = {"province": "甘肃省", "city": "兰州市", "area": "城关区"}
GUANGDONG = {"province": "广东省", "city": "深圳市", "area": "南山区"}


@dataclass(frozen=True)
class Asked:
    """A line of a basket: `colour` names a variant of the offer, `own_seller` its seller."""

    offer: str
    quantity: int = 1
    colour: int | None = None
    own_seller: bool = False

    def argument(self) -> dict[str, Any]:
        offer = CATALOGUE[self.offer]
        line: dict[str, Any] = {"offer_id": offer_id(self.offer), "quantity": self.quantity}
        if self.colour is not None:
            line["spec_id"] = offer.skus[self.colour].spec_id
        if self.own_seller:
            line["seller_open_id"] = offer.seller.open_id
        return line


@dataclass(frozen=True)
class Row:
    """One basket, the decision and the money.

    money: goods, carriage, payable in 2025, payable in 2026 with the sandbox's fee; "" where the preview is refused.
    outcome: of create, and of create again after a comma; or the code of a refusal.
    orders: payable and carriage of each order made; None stands for one order of all that was previewed.
    blocks, warns, notes: the codes of issues, each with its offer or "-"; those under `only` in one generation alone.
    reason, remedy: what stands in the blocker's words, and what it says to do, word for word.
    fresh: the money of the preview that create shows where a price has changed; agreed to, it is placed.
    failed: offer, the upstream's code, reason and remedy of the lines that create did not order.
    """

    asked: tuple[Asked, ...]
    money: str
    outcome: str = "placed"
    orders: tuple[str, ...] | None = None
    issues: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    remedy: str = ""
    fresh: str = ""
    failed: tuple[tuple[str, str, str, str], ...] = ()
    carriage_is_final: tuple[bool, bool] = (True, True)
    region: tuple[tuple[str, str], ...] = ()
    flow: str | None = None

    def __str__(self) -> str:
        named = "+".join(f"{line.offer}-{line.quantity}" for line in self.asked)
        return "-".join(filter(None, (named, dict(self.region).get("province"), self.flow)))


def one(offer: str, quantity: int, money: str, outcome: str = "placed", **named: Any) -> Row:
    return Row((Asked(offer, quantity),), money, outcome, **named)


def blocked(offer: str, quantity: int, money: str, code: str, reason: str, remedy: str, **named: Any) -> Row:
    issues = (f"blocks {code} {offer}",)
    return one(offer, quantity, money, "NOT_ORDERABLE", issues=issues, reason=reason, remedy=remedy, **named)


def refused(asked: tuple[Asked, ...], reason: str, remedy: str) -> Row:
    return Row(asked, "", "UPSTREAM_REJECTED", reason=reason, remedy=remedy)


def to(region: dict[str, str], quantity: int, money: str) -> Row:
    return one("carriage-by-weight", quantity, money, region=tuple(region.items()))


ROWS = (
    one("plain", 1, "29.00 6.00 35.00 35.88"),
    one("plain", 7, "203.00 6.00 209.00 214.23"),
    one("promotion", 1, "13.21 3.50 16.71 17.13"),
    one("promotion", 2, "27.11 3.50 30.61 31.38"),
    one("free-carriage", 1, "18.00 0.00 18.00 18.45"),
    one(
        "carriage-by-description",
        1,
        "10.00 0.00 10.00 10.25",
        only=(("2025", "warns CARRIAGE_BY_DESCRIPTION carriage-by-description"),),
        carriage_is_final=(False, True),
    ),
    blocked(
        "no-cross-border-pay", 1, "10.00 6.00 16.00 16.40", "NO_CROSS_BORDER_PAY", "cross-border pay", ANOTHER_OFFER
    ),
    blocked("minimum-quantity", 2, "20.00 6.00 26.00 26.65", "MINIMUM_QUANTITY", "minimum of 3", "Order 3 or more."),
    one("minimum-quantity", 3, "30.00 6.00 36.00 36.90"),
    one("short-stock", 5, "50.00 6.00 56.00 57.40"),
    blocked("short-stock", 6, "60.00 6.00 66.00 67.65", "SHORT_STOCK", "in stock: 5 left", "Order 5 or fewer."),
    one(
        "no-order-mode",
        1,
        "10.00 6.00 16.00 16.40",
        "NOT_ORDERABLE",
        only=(("2025", "blocks NO_ORDER_MODE no-order-mode"), ("2026", "blocks NOT_SELLABLE no-order-mode")),
        remedy=ANOTHER_OFFER,
    ),
    one("seller-texts", 1, "14.00 6.00 20.00 20.50", only=(("2025", "notes UPSTREAM_NOTE -"),)),
    one("other-seller", 1, "10.00 6.00 16.00 16.40"),
    Row(
        (Asked("plain"), Asked("other-seller")),
        "39.00 12.00 51.00 52.28",
        orders=("35.00 6.00", "16.00 6.00"),
        issues=("notes CUT_BY_SELLER -",),
    ),
    Row(
        (Asked("plain", own_seller=True), Asked("other-seller", 2, own_seller=True)),
        "49.00 12.00 61.00 62.53",
        orders=("35.00 6.00", "26.00 6.00"),
    ),
    refused((Asked("two-colours"),), "The SKU is missing", SPEC_ID),
    Row((Asked("two-colours", 2, colour=1),), "20.00 6.00 26.00 26.65"),
    Row((Asked("two-colours", 2, colour=0), Asked("two-colours", 3, colour=1)), "50.00 6.00 56.00 57.40"),
    one("tiered-price", 9, "90.00 6.00 96.00 98.40"),
    one("tiered-price", 10, "90.00 6.00 96.00 98.40"),
    one("tiered-price", 99, "891.00 6.00 897.00 919.43"),
    one("tiered-price", 100, "750.00 6.00 756.00 774.90"),
    one("carriage-by-weight", 1, "45.00 6.50 51.50 52.79"),
    one("carriage-by-weight", 3, "135.00 9.50 144.50 148.11"),
    to(GUANGDONG, 1, "45.00 11.00 56.00 57.40"),
    to(GANSU, 1, "45.00 20.00 65.00 66.63"),
    to(XINJIANG, 1, "45.00 35.00 80.00 82.00"),
    to(XINJIANG, 3, "135.00 65.00 200.00 205.00"),
    Row((Asked("carriage-by-weight"), Asked("plain")), "74.00 6.50 80.50 82.51"),
    one("consignment", 1, "10.00 6.00 16.00 16.40", only=(("2025", "warns CONSIGNMENT consignment"),)),
    one(
        "consignment",
        2,
        "20.00 6.00 26.00 26.65",
        only=(("2025", "warns CONSIGNMENT consignment"),),
        flow="saleproxy",
    ),
    blocked(
        "plain",
        2,
        "58.00 6.00 64.00 65.60",
        "NO_CONSIGNMENT_RELATION",
        "no consignment relation",
        "Leave out flow, or name general.",
        flow="saleproxy",
    ),
    blocked("lot-multiple", 5, "50.00 6.00 56.00 57.40", "LOT_MULTIPLE", "the lot of 6", "Order 6."),
    one("lot-multiple", 6, "60.00 6.00 66.00 67.65"),
    blocked("lot-multiple", 7, "70.00 6.00 76.00 77.90", "LOT_MULTIPLE", "the lot of 6", "Order 6 or 12."),
    refused((Asked("delisted"),), "It is not sold online now", ANOTHER_OFFER),
    blocked("not-sellable", 1, "10.00 6.00 16.00 16.40", "NOT_SELLABLE", "not sold online now", ANOTHER_OFFER),
    blocked(
        "mixed-batch",
        9,
        "90.00 6.00 96.00 98.40",
        "MIXED_BATCH",
        "mixed-batch condition is not met",
        "Add more of this seller's offers until they are 10 pieces or 100 CNY together.",
    ),
    one("mixed-batch", 10, "100.00 6.00 106.00 108.65"),
    Row((Asked("mixed-batch", 2), Asked("plain", 3)), "107.00 6.00 113.00 115.83"),
    blocked(
        "wholesale-minimum", 11, "110.00 6.00 116.00 118.90", "MINIMUM_QUANTITY", "minimum of 12", "Order 12 or more."
    ),
    one("wholesale-minimum", 12, "120.00 6.00 126.00 129.15"),
    blocked("zero-price", 1, "0.00 6.00 6.00 6.15", "ZERO_PRICE", "the price is 0", ANOTHER_OFFER),
    one("price-rise", 1, "10.00 6.00 16.00 16.40", "price_changed", fresh="12.50 6.00 18.50 18.96"),
    one("lost-answer", 1, "10.00 6.00 16.00 16.40", "unknown, placed"),
    one("bad-gateway", 1, "10.00 6.00 16.00 16.40", "unknown, placed"),
    one("success-false", 1, "10.00 6.00 16.00 16.40"),
    one("price-rise-after-creation", 1, "10.00 6.00 16.00 16.40"),
    one("maximum-quantity", 200, "2000.00 6.00 2006.00 2056.15"),
    blocked(
        "maximum-quantity",
        201,
        "2010.00 6.00 2016.00 2066.40",
        "MAXIMUM_QUANTITY",
        "over the maximum of 200",
        "Order 200 or fewer.",
    ),
    one("split", 1, "99.00 25.00 124.00 127.10"),
    Row(
        (Asked("plain"), Asked("split")),
        "128.00 31.00 159.00 162.98",
        orders=("35.00 6.00", "124.00 25.00"),
        issues=("notes SPLIT -",),
    ),
    one("split-part-fails", 1, "150.00 30.00 180.00 184.50"),
    Row(
        (Asked("plain"), Asked("split-part-fails")),
        "179.00 36.00 215.00 220.38",
        "partly_placed",
        orders=("35.00 6.00",),
        issues=("notes SPLIT -",),
        failed=(("split-part-fails", "500_004", "下单时库存不足", "Order fewer, or take another SKU."),),
    ),
    one("other-seller-free-carriage", 1, "26.00 0.00 26.00 26.65"),
    Row(
        (Asked("other-seller-free-carriage", own_seller=True), Asked("free-carriage", own_seller=True)),
        "44.00 0.00 44.00 45.10",
        orders=("26.00 0.00", "18.00 0.00"),
    ),
    one("other-seller-short-stock", 3, "30.00 6.00 36.00 36.90"),
    Row((Asked("many-variants", 2, colour=299),), "20.00 6.00 26.00 26.65"),
    Row((Asked("hostile-seller", 1, colour=1),), "8.00 6.00 14.00 14.35"),
    blocked(
        "other-seller-short-stock", 4, "40.00 6.00 46.00 47.15", "SHORT_STOCK", "in stock: 3 left", "Order 3 or fewer."
    ),
)
