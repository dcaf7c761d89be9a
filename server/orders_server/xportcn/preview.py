"""Reads both generations of the preview answer. The form of the answer decides the unit of line amounts."""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Annotated, Any

from orders_server.xportcn.errors import unwrap
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
from orders_tools.ports import UpstreamRefused
from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, Generation, PreviewAnswer
from orders_tools.rules.preview_rules import refuses

_SUCCESS = frozenset({None, "", "200"})
_LONGEST_AMOUNT = 14
"""More digits before or after the point than any amount of money has."""


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
    success: WireFlag = None
    resultCode: WireId = None
    errorCode: WireId = None
    message: WireText = None
    errorMsg: WireText = None
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
    """The preview in the `data` of an answer. A refused order may lack its lines and sums.

    Raises:
        Unreadable: it has neither form, or lacks a required field.
        UpstreamRefused: it says that it failed, and contains no order.
    """
    if (items := as_list(data)) is not None:
        previews = [read(WirePreview, item, f"data[{number}]") for number, item in enumerate(items)]
        generation = _generation(previews, "data", "2026")
        return PreviewAnswer(generation=generation, orders=_orders(previews, "data", generation))
    if as_object(data) is None:
        raise Unreadable("the field data, which is neither an object nor a list")
    whole = read(WirePreview2025, data, "data")
    code, message = unwrap(whole.errorCode, whole.errorMsg)
    if not whole.orderPreviewResuslt:
        if whole.success is False or whole.errorCode:
            raise UpstreamRefused(code or "", message or "")
        raise Unreadable("the field data.orderPreviewResuslt")
    where = "data.orderPreviewResuslt"
    generation = _generation(whole.orderPreviewResuslt, where, "2025")
    return PreviewAnswer(
        generation=generation,
        status=False if whole.success is False else None,
        result_code=code,
        message=message or None,
        orders=_orders(whole.orderPreviewResuslt, where, generation),
        carriage_by_description=tuple(filter(None, whole.postFeeByDescOfferList)),
        consignment=tuple(filter(None, whole.consignOfferList)),
        no_cross_border_pay=tuple(filter(None, whole.unsupportedCrossBorderPayOfferList)),
    )


def _generation(previews: Sequence[WirePreview], where: str, usual: Generation) -> Generation:
    """The generation of the answer, by the field with its lines; `usual` if every order was refused without lines."""
    shapes: set[Generation] = set()
    for number, preview in enumerate(previews):
        if preview.cargoList is not None and preview.orderItemTOList is not None:
            raise Unreadable(f"the field {where}[{number}], which has its lines in cargoList and in orderItemTOList")
        if preview.cargoList is not None or preview.orderItemTOList is not None:
            shapes.add("2025" if preview.orderItemTOList is None else "2026")
    if len(shapes) > 1 or not previews:
        raise Unreadable(f"the field {where}, which holds no preview or mixes two forms")
    return shapes.pop() if shapes else usual


def _orders(previews: Sequence[WirePreview], where: str, generation: Generation) -> tuple[AnsweredOrder, ...]:
    return tuple(_order(preview, f"{where}[{number}]", generation) for number, preview in enumerate(previews))


def _order(preview: WirePreview, where: str, generation: Generation) -> AnsweredOrder:
    code, message = unwrap(
        preview.errorCode if preview.resultCode in _SUCCESS and preview.errorCode else preview.resultCode,
        preview.errorMsg if preview.message is None else preview.message,
    )
    lines = preview.cargoList if generation == "2025" else preview.orderItemTOList
    name = "cargoList" if generation == "2025" else "orderItemTOList"
    order = AnsweredOrder(
        flow=preview.flowFlag or None,
        trade_types=_trade_types(preview),
        goods=preview.sumPaymentNoCarriage,
        carriage=preview.sumCarriage,
        sum_payment=preview.sumPayment,
        total_payment=preview.sumTotalPayment,
        discount=preview.discountFee,
        surcharge=preview.additionalFee,
        status=False if preview.success is False else preview.status,
        result_code=code,
        message=message,
        lines=tuple(
            _line(line, f"{where}.{name}[{number}]", in_yuan=generation == "2025")
            for number, line in enumerate(lines or ())
        ),
    )
    if not refuses(order, generation):
        if lines is None:
            raise Unreadable(f"the lines of {where}, which are neither in cargoList nor in orderItemTOList")
        if order.payable is None:
            raise Unreadable(f"the field {where}.sumPayment")
    return order


def _trade_types(preview: WirePreview) -> tuple[str, ...] | None:
    """The values that create may send as `tradeType`. `opSupport: false` excludes a type; a missing one does not."""
    if preview.tradeModeNameList is None:
        return None
    refused = {model.tradeType for model in preview.tradeModelList if model.opSupport is False}
    return tuple(name for name in preview.tradeModeNameList if name and name not in refused)


def _line(line: WireLine, where: str, *, in_yuan: bool) -> AnsweredLine:
    if line.offerId is None:
        raise Unreadable(f"the field {where}.offerId")
    unit_price = _fen(line.finalUnitPrice, in_yuan=in_yuan)
    code, message = unwrap(line.resultCode, line.message)
    return AnsweredLine(
        offer_id=line.offerId,
        spec_id=line.specId,
        sku_id=line.skuId,
        unit_price=_whole_fen(unit_price),
        unit_price_exact=f"{unit_price:f}" if unit_price is not None and _whole_fen(unit_price) is None else None,
        amount=_whole_fen(_fen(line.amount, in_yuan=in_yuan)),
        promotions=tuple(promotion.text for promotion in line.cargoPromotionList if promotion.text),
        result_code=code,
        message=message,
    )


def _fen(amount: Decimal | None, *, in_yuan: bool) -> Decimal | None:
    """`amount` in fen, exactly; None if it is out of range."""
    if amount is None or abs(amount.adjusted()) > _LONGEST_AMOUNT:
        return None
    with localcontext() as context:
        context.prec = 60
        return amount.scaleb(2) if in_yuan else amount


def _whole_fen(fen: Decimal | None) -> int | None:
    """`fen` as an integer; None if it is not whole, because then it cannot be summed."""
    return None if fen is None or fen % 1 else int(fen)
