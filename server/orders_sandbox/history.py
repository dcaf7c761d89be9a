"""Past orders for a long list, all derived from the seed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from orders_sandbox.catalogue import CATALOGUE
from orders_sandbox.course import NEVER_PAID, PAY_SECONDS, Course, Parcel
from orders_sandbox.fields import Fields
from orders_sandbox.json_text import Json, JsonObject
from orders_sandbox.offers import TRADE_MODES
from orders_sandbox.orders import OrderRecord, make_order
from orders_sandbox.pricing import ChosenLine, PricedOrder, price
from orders_sandbox.purchase_requests import read_consignee

SPAN = timedelta(days=426)
_HOUR = 3600
_DAY = 24 * _HOUR

_HOME = ("plain", "promotion", "free-carriage", "two-colours", "tiered-price", "carriage-by-weight", "consignment")
_OTHER = ("other-seller", "other-seller-free-carriage", "other-seller-short-stock")
_NOTES = (None, None, "请尽快发货", "易碎,请包装好", "发货前请联系")
_PLACES = (
    ("浙江省", "金华市", "义乌市", "330782"),
    ("广东省", "深圳市", "宝安区", "440306"),
    ("广西壮族自治区", "崇左市", "凭祥市", "451481"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "650102"),
)


def history(seed: int, count: int, start: datetime) -> list[OrderRecord]:
    """This many past orders, oldest first, spread over the fourteen months before `start` and denser towards it.

    Their sequences run from 1 - count to 0, so that their ids are lower than those of the orders made later.
    """
    return [_order(seed, 1 - number, _moment(start, number, count)) for number in range(count, 0, -1)]


def _moment(start: datetime, number: int, count: int) -> datetime:
    """When the number-th order before the start was made; the newest half falls into the last quarter of the time."""
    share = ((2 * number - 1) / (2 * count)) ** 2
    return start - SPAN * share - timedelta(seconds=number)


def _order(seed: int, sequence: int, moment: datetime) -> OrderRecord:
    chance = Random(f"order {seed} {sequence}")
    lines = _lines(chance)
    body = _request(chance, sequence, lines)
    consignee = read_consignee(Fields(body))
    [priced] = price(lines, None, consignee, lambda line: line.offer.price_of(line.quantity)).orders
    course = chance.choices([kind for kind, _ in _COURSES], [weight for _, weight in _COURSES])[0](chance, priced)
    return make_order(seed, sequence, moment, chance.choice(TRADE_MODES), priced, body, course=course)


def _lines(chance: Random) -> tuple[ChosenLine, ...]:
    """One to four lines of one seller, each of them orderable."""
    names = chance.choice((_HOME, _HOME, _OTHER))
    chosen = chance.sample(names, chance.randint(1, min(4, len(names))))
    offers = [CATALOGUE[name] for name in chosen]
    return tuple(
        ChosenLine(offer, chance.choice(offer.skus), chance.randint(1, min(offer.stock, 12))) for offer in offers
    )


def _request(chance: Random, sequence: int, lines: tuple[ChosenLine, ...]) -> JsonObject:
    province, city, area, code = chance.choice(_PLACES)
    body: dict[str, Json] = {
        "flow": "fenxiaonew",
        "addressParam": {
            "fullName": f"测试收货人{chance.randint(1, 9)}",
            "mobile": f"1350000{chance.randint(0, 9999):04d}",
            "provinceText": province,
            "cityText": city,
            "areaText": area,
            "address": f"测试路{chance.randint(1, 200)}号",
            "districtCode": code,
        },
        "cargoParamList": [
            {"offerId": line.offer.offer_id, "specId": line.sku.spec_id, "quantity": line.quantity} for line in lines
        ],
    }
    note = chance.choice(_NOTES)
    if note is not None:
        body["message"] = note
    if chance.random() < 0.7:
        body["outOrderId"] = f"PAST-{1 - sequence:05d}"
    return body


def _bought(chance: Random, priced: PricedOrder) -> Course:
    """Paid, sent in one parcel, received and completed; four of ten parcels are signed for."""
    paid = chance.randint(60, 2 * _DAY)
    sent = paid + chance.randint(_HOUR, 3 * _DAY)
    signed = sent + chance.randint(2 * _DAY, 7 * _DAY) if chance.random() < 0.4 else None
    done = sent + chance.randint(8 * _DAY, 10 * _DAY)
    return Course(paid=paid, parcels=(Parcel(sent, _all(priced)),), signed=signed, completed=done)


def _bought_in_parts(chance: Random, priced: PricedOrder) -> Course:
    """Sent in two parcels, days apart; a single line is divided between them."""
    paid = chance.randint(60, _DAY)
    sent = paid + chance.randint(_HOUR, 2 * _DAY)
    rest = sent + chance.randint(3 * _DAY, 9 * _DAY)
    every = _all(priced)
    parcels = (Parcel(sent, every[:1]), Parcel(rest, every[1:] or every))
    return Course(paid=paid, parcels=parcels, completed=rest + 10 * _DAY)


def _refunded_after_receipt(chance: Random, priced: PricedOrder) -> Course:
    """Half of the first line is returned, or the seller refuses; the order is completed in either case."""
    paid = chance.randint(60, _DAY)
    sent = paid + chance.randint(_HOUR, 2 * _DAY)
    signed = sent + 3 * _DAY
    asked = signed + chance.randint(_HOUR, _DAY)
    end = chance.choice(("refundsuccess", "refundsuccess", "refundclose"))
    return Course(
        paid=paid,
        parcels=(Parcel(sent, _all(priced)),),
        signed=signed,
        completed=asked + 5 * _DAY,
        refunds=((asked, "waitselleragree"), (asked + 2 * _DAY, end)),
        refunded=priced.lines[0].amount // 2,
    )


def _refunded_before_shipment(chance: Random, priced: PricedOrder) -> Course:
    """Paid, never sent, and refunded in full, which closes the order."""
    paid = chance.randint(60, _DAY)
    asked = paid + chance.randint(_HOUR, 2 * _DAY)
    back = asked + chance.randint(_HOUR, 2 * _DAY)
    return Course(
        paid=paid,
        closed=back,
        close_reason="other",
        closed_by="CLOSE_TRADE_BY_BUYER",
        refunds=((asked, "waitselleragree"), (back, "refundsuccess")),
        refunded=priced.payment,
    )


def _never_paid(_chance: Random, _priced: PricedOrder) -> Course:
    return NEVER_PAID


def _cancelled(reason: str, by: str) -> Callable[[Random, PricedOrder], Course]:
    def course(chance: Random, _priced: PricedOrder) -> Course:
        return Course(closed=chance.randint(60, PAY_SECONDS - 1), close_reason=reason, closed_by=by)

    return course


_COURSES: tuple[tuple[Callable[[Random, PricedOrder], Course], int], ...] = (
    (_bought, 56),
    (_bought_in_parts, 15),
    (_refunded_after_receipt, 6),
    (_refunded_before_shipment, 5),
    (_never_paid, 8),
    (_cancelled("buyerCancel", "CLOSE_TRADE_BY_BUYER"), 6),
    (_cancelled("sellerGoodsLack", "CLOSE_TRADE_BY_SELLER"), 4),
)
"""What may happen to an order, and how many times in a hundred."""


def _all(priced: PricedOrder) -> tuple[int, ...]:
    return tuple(range(len(priced.lines)))
