"""Both generations of the preview answer, from the wire to the domain. The shape decides the unit of line money."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from orders_server.xportcn.wire import (
    NoneIsEmpty,
    Unreadable,
    Wire,
    WireAmount,
    WireFen,
    WireFlag,
    WireId,
    WireText,
    as_list,
    as_object,
    read,
)
from orders_tools.money import fen_from_yuan
from orders_tools.ports import UpstreamRefused
from orders_tools.purchase import AnsweredLine, AnsweredOrder, Generation, PreviewAnswer


class WirePromotion(Wire):
    text: WireText = None
    desc: WireText = None
    selected: WireFlag = None


class WireTradeModel(Wire):
    tradeType: WireText = None
    opSupport: WireFlag = None


class WireLine(Wire):
    offerId: WireId = None
    specId: WireId = None
    skuId: WireId = None
    amount: WireAmount = None
    finalUnitPrice: WireAmount = None
    resultCode: WireId = None
    message: WireText = None
    cargoPromotionList: Annotated[tuple[WirePromotion, ...], NoneIsEmpty] = ()


class WirePreview(Wire):
    """One order of a preview: the sums are fen in both generations (CONTRACT 9.3)."""

    status: WireFlag = None
    resultCode: WireId = None
    message: WireText = None
    sumPayment: WireFen = None
    sumCarriage: WireFen = None
    sumPaymentNoCarriage: WireFen = None
    sumTotalPayment: WireFen = None
    discountFee: WireFen = None
    additionalFee: WireFen = None
    flowFlag: WireText = None
    tradeModeNameList: list[WireText] | None = None
    tradeModelList: Annotated[tuple[WireTradeModel, ...], NoneIsEmpty] = ()
    cargoList: list[WireLine] | None = None
    orderItemTOList: list[WireLine] | None = None


class WirePreview2025(Wire):
    """The object that holds a preview of 2025 (CONTRACT 3.2); `success` and its kind are 1688's own."""

    success: WireFlag = None
    errorCode: WireId = None
    errorMsg: WireText = None
    orderPreviewResuslt: list[WirePreview] | None = None
    postFeeByDescOfferList: Annotated[tuple[WireId, ...], NoneIsEmpty] = ()
    consignOfferList: Annotated[tuple[WireId, ...], NoneIsEmpty] = ()
    unsupportedCrossBorderPayOfferList: Annotated[tuple[WireId, ...], NoneIsEmpty] = ()


def preview_answer(data: Any) -> PreviewAnswer:
    """The `data` of a preview answer, as the domain has it.

    Raises:
        Unreadable: it has neither shape, or a field that an order cannot do without.
        UpstreamRefused: it says itself that it failed.
    """
    if (items := as_list(data)) is not None:
        previews = [read(WirePreview, item, f"data.{number}") for number, item in enumerate(items)]
        return PreviewAnswer(generation=_generation(previews), orders=_orders(previews))
    if as_object(data) is None:
        raise Unreadable("the field data, which is neither an object nor a list")
    whole = read(WirePreview2025, data, "data")
    if not whole.orderPreviewResuslt:
        if whole.success is False or whole.errorCode:
            raise UpstreamRefused(whole.errorCode or "", whole.errorMsg or "")
        raise Unreadable("the field data.orderPreviewResuslt")
    return PreviewAnswer(
        generation=_generation(whole.orderPreviewResuslt),
        orders=_orders(whole.orderPreviewResuslt),
        carriage_by_description=tuple(filter(None, whole.postFeeByDescOfferList)),
        consignment=tuple(filter(None, whole.consignOfferList)),
        no_cross_border_pay=tuple(filter(None, whole.unsupportedCrossBorderPayOfferList)),
    )


def _generation(previews: Sequence[WirePreview]) -> Generation:
    shapes: set[Generation] = set()
    for preview in previews:
        if (preview.cargoList is None) == (preview.orderItemTOList is None):
            raise Unreadable("the lines of a preview, which are neither in cargoList nor in orderItemTOList")
        shapes.add("2025" if preview.orderItemTOList is None else "2026")
    if len(shapes) != 1:
        raise Unreadable("the field data, which holds no preview or mixes two forms")
    return shapes.pop()


def _orders(previews: Sequence[WirePreview]) -> tuple[AnsweredOrder, ...]:
    return tuple(_order(preview) for preview in previews)


def _order(preview: WirePreview) -> AnsweredOrder:
    in_yuan = preview.orderItemTOList is None
    lines = (preview.cargoList if in_yuan else preview.orderItemTOList) or []
    if preview.sumPayment is None and preview.sumTotalPayment is None:
        raise Unreadable("the field sumPayment")
    return AnsweredOrder(
        flow=preview.flowFlag or None,
        trade_types=_trade_types(preview),
        goods=preview.sumPaymentNoCarriage,
        carriage=preview.sumCarriage,
        sum_payment=preview.sumPayment,
        total_payment=preview.sumTotalPayment,
        discount=preview.discountFee,
        surcharge=preview.additionalFee,
        status=preview.status,
        result_code=preview.resultCode,
        message=preview.message,
        lines=tuple(_line(line, in_yuan=in_yuan) for line in lines),
    )


def _trade_types(preview: WirePreview) -> tuple[str, ...] | None:
    """What `tradeType` may be in create: `opSupport: false` excludes, its absence does not."""
    if preview.tradeModeNameList is None:
        return None
    refused = {model.tradeType for model in preview.tradeModelList if model.opSupport is False}
    return tuple(name for name in preview.tradeModeNameList if name and name not in refused)


def _line(line: WireLine, *, in_yuan: bool) -> AnsweredLine:
    if line.offerId is None:
        raise Unreadable("the field offerId of a line")
    return AnsweredLine(
        offer_id=line.offerId,
        spec_id=line.specId,
        sku_id=line.skuId,
        unit_price=_fen(line.finalUnitPrice, in_yuan=in_yuan),
        amount=_fen(line.amount, in_yuan=in_yuan),
        promotions=tuple(promotion.text for promotion in line.cargoPromotionList if promotion.text),
        result_code=line.resultCode,
        message=line.message,
    )


def _fen(amount: Decimal | None, *, in_yuan: bool) -> int | None:
    """`amount` in fen; None where it is not a whole number of fen, because then it cannot be summed."""
    try:
        return None if amount is None else fen_from_yuan(amount if in_yuan else amount.scaleb(-2))
    except ValueError:
        return None
