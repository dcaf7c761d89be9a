"""Results from records: what a tool answers, in the one place where words from outside become inert."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from orders_prompts.inert import identifier, inert, quoted
from orders_tools.comparing import charged_now
from orders_tools.judgement import asked_for, carriage_is_final
from orders_tools.money import CURRENCY, yuan, yuan_or_none
from orders_tools.orders import UpstreamLine, UpstreamOrder, UpstreamParcel, close_code, parcel_status
from orders_tools.purchase import AnsweredLine, AnsweredOrder, FailedLine, Line, Part, PlacedOrder
from orders_tools.records import Finding, Placement, Purchase, sum_or_none
from orders_tools.refused import NOTHING_TOLD, refusal, upstream_code
from orders_tools.results import (
    Closed,
    Issue,
    LineRefused,
    MaskedConsignee,
    OrderLine,
    OrderMade,
    OrderMoney,
    OrderRow,
    OrderView,
    Parcel,
    PreviewLine,
    PreviewOrder,
    PreviewResult,
    PriceChange,
    Totals,
    UnsupportedOffer,
)

if TYPE_CHECKING:
    from orders_prompts.renderer import Texts


MOST_PROMOTIONS = 3
"""How many of a line's promotions are shown: a seller could bury the total under them."""


def preview_result(purchase: Purchase, texts: "Texts") -> PreviewResult:
    """The stored preview as `preview_order` answers it, summary included."""
    result = preview_facts(purchase, texts)
    result.summary = texts.render("preview", preview=result.model_dump())
    return result


def preview_facts(purchase: Purchase, texts: "Texts") -> PreviewResult:
    """The stored preview for another text to quote from: all but its summary."""
    findings = _each_once(purchase.findings)
    issues = [issue(finding, texts) for finding in findings]
    return PreviewResult(
        preview_token=purchase.token,
        expires_at=purchase.expires_at,
        orderable=purchase.orderable,
        currency=CURRENCY,
        totals=_totals([order for part in purchase.parts for order in part.answer.orders]),
        carriage_is_final=carriage_is_final(purchase.parts),
        orders=[_order(part, order) for part in purchase.parts for order in part.answer.orders],
        unsupported_offers=_unsupported(findings, issues),
        issues=issues,
        purchase_ref=purchase.basket.purchase_ref,
        sandbox=purchase.sandbox,
        summary="",
    )


def dialog(purchase: Purchase, repeats: Sequence[Finding], texts: "Texts") -> str:
    """What the person reads before saying yes: everything that will be sent, and what was bought like it since."""
    preview = preview_facts(purchase, texts)
    preview.issues += [issue(finding, texts) for finding in repeats if finding not in purchase.findings]
    return texts.render(
        "dialog",
        preview=preview.model_dump(),
        address=_visible_address(purchase),
        notes=[inert(part.note, 600) for part in purchase.parts if part.note],
        account=identified(purchase.basket.ali_id),
        own_codes=[
            (line.offer_id, inert(line.product_no or "", 64), inert(line.container or "", 64))
            for line in purchase.basket.lines
            if line.product_no or line.container
        ],
    )


def _visible_address(purchase: Purchase) -> dict[str, str]:
    fields = purchase.address.model_dump() if purchase.address else {}
    shown = {name: inert(value, 300) for name, value in fields.items()}
    places = ("province", "city", "area", "town", "street")
    return {**shown, "whole": " ".join(filter(None, (shown.get(place, "") for place in places)))}


def issue(finding: Finding, texts: "Texts") -> Issue:
    """A finding in the reader's language; words of the upstream stand in 「」."""
    details: dict[str, Any] = {**NOTHING_TOLD, **finding.details, "offer_id": identified(finding.offer_id)}
    details["spec_id"] = identifier(details["spec_id"])
    for name in ("message", "code"):
        details[name] = quoted(str(details.get(name) or ""))
    if "trade_types" in details:
        details["trade_types"] = [identifier(str(name)) for name in finding.details["trade_types"]]
    if "order_ids" in details:
        details["order_ids"] = [identifier(str(order_id)) for order_id in finding.details["order_ids"]]
    return Issue(
        severity=finding.severity,
        code=finding.code,
        message=texts.sentence("issue", finding.code, details),
        offer_id=identified(finding.offer_id),
        remedy=texts.sentence("remedy", finding.code, details) or None,
    )


def _each_once(findings: Sequence[Finding]) -> list[Finding]:
    """What is of no offer and has no details holds of several parts alike, and is told once."""
    return [
        each for number, each in enumerate(findings) if each.offer_id or each.details or each not in findings[:number]
    ]


def _unsupported(findings: Iterable[Finding], issues: Sequence[Issue]) -> list[UnsupportedOffer]:
    reasons: dict[str, list[str]] = {}
    for finding, told in zip(findings, issues, strict=True):
        if finding.severity == "blocks" and finding.offer_id:
            reasons.setdefault(identifier(finding.offer_id), []).append(told.message)
    return [UnsupportedOffer(offer_id=offer_id, reasons=said) for offer_id, said in reasons.items()]


def _totals(orders: Sequence[AnsweredOrder]) -> Totals:
    def total(amounts: Iterable[int | None]) -> str | None:
        return yuan_or_none(sum_or_none(amounts))

    return Totals(
        goods=total(order.goods for order in orders),
        carriage=total(order.carriage for order in orders),
        discount=total(order.discount for order in orders),
        surcharge=total(order.surcharge for order in orders),
        service_fee=total(order.service_fee for order in orders),
        payable=total(order.payable for order in orders),
    )


def _order(part: Part, order: AnsweredOrder) -> PreviewOrder:
    return PreviewOrder(
        seller_open_id=inert(part.seller_open_id, 128) if part.seller_open_id else None,
        flow=identified(part.flow),
        trade_types=None if order.trade_types is None else [identifier(name) for name in order.trade_types],
        trade_type=identified(part.trade_type),
        totals=_totals([order]),
        lines=[_line(line, asked_for(line, part.lines)) for line in order.lines],
    )


def identified(text: str | None) -> str | None:
    """An id that may be absent, safe to show."""
    return identifier(text) if text else None


def _line(line: AnsweredLine, own: Line | None) -> PreviewLine:
    return PreviewLine(
        offer_id=identifier(line.offer_id),
        spec_id=identified(line.spec_id),
        sku_id=identified(line.sku_id),
        quantity=own.quantity if own else 0,
        unit_price=yuan_or_none(line.unit_price),
        amount=yuan_or_none(line.amount),
        label=inert(own.label, 60) if own and own.label else None,
        url=_page_of(line.offer_id),
        promotions=[quoted(text) for text in line.promotions[:MOST_PROMOTIONS] if text],
    )


def _page_of(offer_id: str) -> str:
    """The page of an offer; 1688's own where the answer names something that can be none."""
    return f"https://detail.1688.com/{f'offer/{offer_id}.html' if re.fullmatch('[0-9]{1,20}', offer_id) else ''}"


def order_made(order: PlacedOrder) -> OrderMade:
    """An order of a purchase as `create_order` names it."""
    return OrderMade.model_validate(
        {
            **order.model_dump(),
            "order_id": identifier(order.order_id),
            "payable": yuan_or_none(order.payable),
            "carriage": yuan_or_none(order.carriage),
        }
    )


def line_refused(line: FailedLine, code: str, texts: "Texts", lines: Sequence[Line] = ()) -> LineRefused:
    """A line that was not ordered, with the reason and what to change; `lines` are those the reason was given for."""
    found = refusal(lines, line.code, line.message)
    told = found.details if (found.code, found.offer_id) == (code, line.offer_id) else {}
    details = {
        **NOTHING_TOLD,
        **told,
        "spec_id": "",
        "message": quoted(line.message or ""),
        "code": quoted(line.code or ""),
    }
    return LineRefused(
        offer_id=identified(line.offer_id),
        spec_id=identified(line.spec_id),
        code=identified(upstream_code(line.code, line.message)),
        reason=texts.sentence("issue", code, details),
        remedy=texts.sentence("remedy", code, details) or None,
    )


def order_row(order: UpstreamOrder, purchase_ref: str | None = None) -> OrderRow:
    """An order in one line of a list; with the reference of the purchase that was asked for, or else its own."""
    reference = purchase_ref or order.out_order_id
    return OrderRow(
        order_id=identifier(order.order_id),
        status=order.status,
        upstream_status=_word(order.upstream_status),
        payable=yuan_or_none(order.payable),
        created_at=order.created_at,
        line_count=len(order.lines),
        first_product=quoted(order.lines[0].product, 60) if order.lines else "",
        purchase_ref=identifier(reference) if reference else None,
    )


def order_view(order: UpstreamOrder, texts: "Texts", placement: Placement | None = None) -> OrderView:
    """An order whole, its consignee masked, its payable beside what was approved where `placement` made it."""
    reference = order.out_order_id or (placement.part_ref if placement else None)
    return OrderView(
        order_id=identifier(order.order_id),
        status=order.status,
        upstream_status=_word(order.upstream_status),
        totals=OrderMoney(**{name: yuan_or_none(getattr(order, name)) for name in OrderMoney.model_fields}),
        lines=[_order_line(line) for line in order.lines],
        parcels=[_parcel(order, parcel) for parcel in order.parcels],
        consignee=masked(order),
        timeline=sorted(order.timeline, key=lambda moment: moment.at),
        pay_by=order.pay_by if order.status == "awaiting_payment" else None,
        partly_shipped=order.partly_shipped,
        price_change=_price_change(*charged_now([order], placement), 1) if placement else None,
        closed=_closed(order, texts),
        purchase_ref=identifier(reference) if reference else None,
    )


def price_change_of(orders: Sequence[UpstreamOrder], placement: Placement) -> PriceChange | None:
    """How all the orders of one create call together differ from what was approved for it."""
    return _price_change(*charged_now(orders, placement), len(orders))


def _price_change(approved: int | None, now: int | None, count: int) -> PriceChange | None:
    if approved is None or now is None or approved == now:
        return None
    return PriceChange(approved=yuan(approved), now=yuan(now), difference=yuan(now - approved), orders=count)


def _order_line(line: UpstreamLine) -> OrderLine:
    return OrderLine(
        offer_id=identified(line.offer_id),
        spec_id=identified(line.spec_id),
        sku_id=identified(line.sku_id),
        product=quoted(line.product, 120),
        variant=quoted(line.variant, 120),
        quantity=inert(line.quantity, 20),
        unit_price=yuan_or_none(line.unit_price),
        amount=yuan_or_none(line.amount),
        status=_word(line.status),
        shipment=line.shipment,
    )


def _parcel(order: UpstreamOrder, parcel: UpstreamParcel) -> Parcel:
    return Parcel(
        carrier=quoted(parcel.carrier, 60),
        tracking_number=quoted(parcel.tracking_number, 60),
        status=parcel_status(parcel.status),
        upstream_status=_word(parcel.status),
        shipped_at=parcel.shipped_at,
        lines=[number for number, line in enumerate(order.lines, 1) if line.item_id in parcel.item_ids],
    )


def _closed(order: UpstreamOrder, texts: "Texts") -> Closed | None:
    """Why an order that was cancelled was closed; None for any other order."""
    if order.status != "cancelled":
        return None
    code = close_code(order.close_reason, order.closer)
    said = {"reason": quoted(order.close_reason, 60), "closer": quoted(order.closer, 60)}
    return Closed(code=code, words=texts.sentence("closing", code, said))


def _word(text: str) -> str:
    """A status as the upstream has it; anything but a plain word stands in 「」."""
    return text if identifier(text) == text else quoted(text, 40)


def masked(order: UpstreamOrder) -> MaskedConsignee | None:
    """Who receives the order, enough to recognise and not enough to reach."""
    if order.receiver is None:
        return None
    name = inert(order.receiver.name, 60)
    # Only digits are shown: whatever else stands in the field may be an address.
    digits = "".join(each for each in order.receiver.mobile if "0" <= each <= "9")
    return MaskedConsignee(
        name=name[:1] + "＊" * (len(name) > 1) if name else "",
        mobile=f"{digits[:3]}••••{digits[-4:]}" if 11 <= len(digits) <= 15 else "••••" if order.receiver.mobile else "",
        region=quoted(order.receiver.region, 60),
    )


def cheaper_by(approved: int | None, actual: int | None) -> str | None:
    """How much less is paid than was approved, as CNY text; None where it is not less."""
    if approved is None or actual is None or actual >= approved:
        return None
    return yuan(approved - actual)


def details_of(issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """Issues for the machine-readable copy of a refusal."""
    return [told.model_dump() for told in issues]
