"""The preview answer as documented in April 2026: an array, all money in fen (CONTRACT 3.3)."""

from orders_sandbox.json_text import JsonObject
from orders_sandbox.pricing import PricedBasket, PricedLine

_NO_CROSS_BORDER_PAY = "不支持跨境宝支付"


def preview_2026(basket: PricedBasket) -> list[JsonObject]:
    """The preview's data: one element per order."""
    return [
        {
            "sumCarriage": order.carriage,
            "sumPayment": order.payment,
            "sumTotalPayment": order.payment + service_fee(order.payment),
            "sumPaymentNoCarriage": order.goods,
            "orderItemTOList": [_line(line) for line in order.lines],
        }
        for order in basket.orders
    ]


def service_fee(payment: int) -> int:
    """2.5 % of the payment, in fen, half up: the sandbox's own invention, because the real formula is unknown."""
    return (payment * 25 + 500) // 1000


def _line(line: PricedLine) -> JsonObject:
    return {
        "amount": line.amount,
        "message": _message(line),
        "finalUnitPrice": line.unit_price,
        "specId": line.sku.spec_id,
        "skuId": line.sku.sku_id,
        "offerId": line.offer.offer_id,
        "openOfferId": line.offer.open_offer_id,
    }


def _message(line: PricedLine) -> str | None:
    """The message of a line, which is this form's only way to report a problem; None if there is no problem."""
    if line.obstacle:
        return line.obstacle.message
    return None if line.offer.cross_border_pay else _NO_CROSS_BORDER_PAY
