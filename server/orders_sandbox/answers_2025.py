"""The preview answer as documented in September 2025: an object, line money in yuan, sums in fen (CONTRACT 3.2)."""

from collections.abc import Iterable

from orders_sandbox.ids import number_below
from orders_sandbox.json_text import Json, JsonObject, yuan
from orders_sandbox.offers import Offer, Promotion
from orders_sandbox.pricing import PricedBasket, PricedLine, PricedOrder

_ESCROW = "买家下单5天内全款支付。自卖家发货起,买家需在10天内确认收货,确认收货后打款给卖家。"
_CREDIT = "使用诚e赊额度支付,确认收货后在账期内还款。"
_PERIOD = "按约定的账期结算。"
_MODELS = (
    ("assureTrade", "担保交易", "担保交易", _ESCROW),
    ("creditBuy", "诚e赊", "诚e赊", _CREDIT),
    ("period", "账期交易", "账期交易", _PERIOD),
)
_CREDIT_LIMIT = 20_000_000


def preview_2025(basket: PricedBasket, flow: str) -> JsonObject:
    """The preview's data: each order, and the three lists of special offers."""
    return {
        "orderPreviewResuslt": [_order(order, flow) for order in basket.orders],
        "postFeeByDescOfferList": _ids(offer for offer in basket.offers if offer.carriage_by_description),
        "consignOfferList": _ids(offer for offer in basket.offers if offer.consignment),
        "unsupportedCrossBorderPayOfferList": _ids(offer for offer in basket.offers if not offer.cross_border_pay),
    }


def _ids(offers: Iterable[Offer]) -> list[int]:
    return [offer.offer_id for offer in offers]


def _order(order: PricedOrder, flow: str) -> JsonObject:
    refusal = order.refusal
    note = next((offer.order_message for offer in order.offers if offer.order_message), None)
    return {
        "status": refusal is None,
        "resultCode": refusal.code if refusal else None,
        "message": refusal.text if refusal else note,
        "flowFlag": flow,
        "sumPayment": order.payment,
        "sumCarriage": order.carriage,
        "sumPaymentNoCarriage": order.goods,
        "discountFee": None,
        "additionalFee": None,
        "taoSampleSinglePromotion": not any(line.promotion for line in order.lines),
        "tradeModeNameList": order.trade_modes,
        "tradeModelList": _trade_models(order),
        "cargoList": [_line(line) for line in order.lines],
        "shopPromotionList": [],
        "payChannelList": [{"channel": "alipay", "avaliable": True}, {"channel": "shegou", "avaliable": True}],
        "payChannelInfos": [{"name": "shegou", "amountLimit": _CREDIT_LIMIT}],
    }


def _trade_models(order: PricedOrder) -> list[Json]:
    """Every trade model that the order's page would show; create only accepts those with opSupport."""
    if not order.trade_modes:
        return []
    wording = next((offer.trade_description for offer in order.offers if offer.trade_description), None)
    return [
        {
            "tradeType": trade_type,
            "name": name,
            "tradeWay": way,
            "description": wording or description,
            "opSupport": trade_type in order.trade_modes,
        }
        for trade_type, name, way, description in _MODELS
    ]


def _line(line: PricedLine) -> JsonObject:
    return {
        "offerId": line.offer.offer_id,
        "openOfferId": line.offer.open_offer_id,
        "specId": line.sku.spec_id,
        "skuId": line.sku.sku_id,
        "finalUnitPrice": yuan(line.unit_price),
        "amount": yuan(line.amount),
        "resultCode": line.refusal.code if line.refusal else None,
        "message": line.refusal.text if line.refusal else None,
        "cargoPromotionList": [_promotion(line.promotion, line.offer)] if line.promotion else [],
    }


def _promotion(promotion: Promotion, offer: Offer) -> JsonObject:
    return {
        "promotionId": str(number_below(10**12, f"promotion {offer.name}")),
        "selected": True,
        "text": promotion.text,
        "desc": promotion.description,
        "freePostage": False,
        "discountFee": promotion.off,
    }
