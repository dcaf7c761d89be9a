"""The rules that a line must meet to be ordered (CONTRACT 9.8); adding a rule is one entry in the table."""

from collections.abc import Callable
from dataclasses import dataclass

from orders_sandbox.offers import Offer, Sku
from orders_sandbox.refusals import NO_ONLINE_TRADING, Reason


@dataclass(frozen=True)
class LineFacts:
    """What the rules need about a line; `seller_pieces` and `seller_amount` (fen) sum all lines of its seller."""

    offer: Offer
    sku: Sku
    quantity: int
    unit_price: int
    flow: str | None
    seller_pieces: int
    seller_amount: int


_Rule = Callable[[LineFacts], Reason | None]


def _suspended(line: LineFacts) -> Reason | None:
    if line.offer.standing == "on sale":
        return None
    return Reason("FAIL_BIZ_PRODUCT_TRADE_STAT_ERROR", NO_ONLINE_TRADING.text)


def _is_consignable(line: LineFacts) -> Reason | None:
    if line.flow != "saleproxy" or line.offer.consignment:
        return None
    return Reason("500_007", "无代销关系,不能使用saleproxy下单")


def _priced(line: LineFacts) -> Reason | None:
    return None if line.unit_price > 0 else Reason("500_008", "sku价格为0")


def _enough(line: LineFacts) -> Reason | None:
    least = line.offer.minimum
    return None if line.quantity >= least else Reason("500_005", f"低于起订量,最小起订量{least}")


def _enough_for_wholesale(line: LineFacts) -> Reason | None:
    least = line.offer.wholesale_minimum
    return None if line.quantity >= least else Reason("500_009", f"低于批发起批量,最小起批量{least}")


def _whole_lots(line: LineFacts) -> Reason | None:
    lot = line.offer.lot
    if line.quantity % lot == 0:
        return None
    return Reason("QUANTITY_UNMATCH_SELLUNIT_SCALE", f"购买数量必须是销售单位的整数倍,每批{lot}")


def _not_too_many(line: LineFacts) -> Reason | None:
    most = line.offer.maximum
    if most is None or line.quantity <= most:
        return None
    return Reason("FAIL_BIZ_FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY", f"超过最大可订购数量{most}")


def _in_stock(line: LineFacts) -> Reason | None:
    left = line.offer.stock
    if line.quantity <= left:
        return None
    return Reason("500_004", f"库存不足,{line.offer.offer_id}_{line.sku.spec_id},剩余库存{left}")


def _mixed(line: LineFacts) -> Reason | None:
    batch = line.offer.mixed_batch
    if batch is None or line.seller_pieces >= batch.pieces or line.seller_amount >= batch.amount:
        return None
    return Reason("500_006", f"不满足混批条件,满{batch.pieces}件或{batch.amount // 100}元起混批")


_RULES: tuple[_Rule, ...] = (
    _suspended,
    _is_consignable,
    _priced,
    _enough,
    _enough_for_wholesale,
    _whole_lots,
    _not_too_many,
    _in_stock,
    _mixed,
)


def reason_against(line: LineFacts) -> Reason | None:
    """Why the line cannot be ordered, by the first rule that it breaks; None if it breaks none."""
    return next(filter(None, (rule(line) for rule in _RULES)), None)
