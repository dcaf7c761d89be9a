"""Builds results from records. Text from outside is made inert here and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orders_prompts.inert import chosen, chosen_code, identifier, inert, quoted
from orders_tools.consent.demand import Way, demanded
from orders_tools.errors import FaultCode, ToolFault
from orders_tools.money import CURRENCY, yuan, yuan_or_none
from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, FailedLine, Line, Part, PlacedOrder
from orders_tools.purchase.records import Finding, Purchase, sum_or_none
from orders_tools.results.consignee import visible_address
from orders_tools.results.create import LineRefused, OrderMade
from orders_tools.results.preview import PreviewLine, PreviewOrder, PreviewResult, Totals, UnsupportedOffer
from orders_tools.results.products import (
    catalogue_details,
    offer_url,
    orders_for_reader,
    product_name,
    sale_unit,
)
from orders_tools.results.redaction import NO_REDACTIONS, Redactions
from orders_tools.results.shared import Issue
from orders_tools.rules.preview_rules import carriage_is_final, requested_line
from orders_tools.rules.refusal_meanings import NO_DETAILS, refusal, upstream_code
from orders_tools.vocabulary import Channel, IssueCode

if TYPE_CHECKING:
    from orders_prompts.renderer import Texts
    from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable


_CHANNELS = frozenset(
    {
        "general",
        "fenxiao",
        "fenxiaonew",
        "saleproxy",
        "paired",
        "repurchase",
        "boutiquefenxiao",
        "boutiquepifa",
        "proxy",
    }
)
"""Ordering channels that documents name (CONTRACT 9.1); any other requested one is the caller's own word."""
MOST_PROMOTIONS = 3
"""How many of a line's promotions are shown: a seller could bury the total under them."""


def preview_result(
    purchase: Purchase, purchasing: "Purchasing", redactions: Redactions, ways: Sequence[Way] = ()
) -> PreviewResult:
    """The stored preview as `preview_order` returns it; its summary says how a person can say yes.

    `ways` are the other ways to say yes, where the client cannot ask.
    """
    texts, needed = purchasing.texts, demanded(purchasing, purchase)
    asked = {Channel.HOST: "host", Channel.DIALOG: "dialog" if purchasing.shows_dialogs else "no_dialog"}
    result = preview_facts(purchase, texts, redactions)
    shown = preview_for_reader(result, purchase, texts, redactions)
    result.summary = texts.render("preview", preview=shown, asked=asked.get(needed, "demands_more"), ways=ways)
    return result


def preview_for_reader(
    preview: PreviewResult, purchase: Purchase, texts: "Texts", redactions: Redactions
) -> dict[str, Any]:
    """`preview` as the texts take it."""
    orders = orders_for_reader(preview.orders, purchase, texts.language, redactions)
    return {**preview.model_dump(), "orders": orders}


def preview_excerpt(purchase: Purchase, texts: "Texts", redactions: Redactions) -> dict[str, Any]:
    """What the texts of a create call quote from the stored preview: token, expiry, currency, totals and goods."""
    return {
        "preview_token": purchase.token,
        "expires_at": purchase.expires_at,
        "currency": CURRENCY,
        "totals": _totals([order for part in purchase.parts for order in part.answer.orders]),
        "orders": orders_for_reader(_orders(purchase, redactions), purchase, texts.language, redactions),
    }


def preview_facts(purchase: Purchase, texts: "Texts", redactions: Redactions) -> PreviewResult:
    """The stored preview as it is shown, without its summary."""
    findings = _without_repeats(purchase.findings)
    issues = [issue(finding, texts, redactions) for finding in findings]
    return PreviewResult(
        preview_token=purchase.token,
        expires_at=purchase.expires_at,
        orderable=purchase.orderable,
        currency=CURRENCY,
        totals=_totals([order for part in purchase.parts for order in part.answer.orders]),
        carriage_is_final=carriage_is_final(purchase.parts),
        orders=_orders(purchase, redactions),
        unsupported_offers=_unsupported_offers(findings, issues, redactions),
        issues=issues,
        purchase_ref=purchase.basket.purchase_ref,
        sandbox=purchase.sandbox,
        summary="",
    )


def _orders(purchase: Purchase, redactions: Redactions) -> list[PreviewOrder]:
    parts = [part.model_copy(update=_shown_fields(part, redactions)) for part in purchase.parts]
    cards = {card.key: redactions.redact(card) for card in purchase.cards}
    return [_order(part, order, cards) for part in parts for order in part.answer.orders]


def _shown_fields(part: Part, redactions: Redactions) -> dict[str, Any]:
    """The fields of a part that come from the upstream, redacted."""
    return {name: redactions.redact(getattr(part, name)) for name in ("answer", "flow", "trade_type")}


def dialog_preview(purchase: Purchase, repeats: Sequence[Finding], texts: "Texts") -> dict[str, Any]:
    """The whole preview for the person who answers, with similar purchases since, and with translations in English."""
    preview = preview_facts(purchase, texts, NO_REDACTIONS)
    preview.issues += [issue(finding, texts, NO_REDACTIONS) for finding in repeats if finding not in purchase.findings]
    for order in preview.orders:
        if order.flow and order.flow == purchase.basket.flow and order.flow not in _CHANNELS:
            order.flow = chosen(order.flow)
    return preview_for_reader(preview, purchase, texts, NO_REDACTIONS)


def dialog(purchase: Purchase, repeats: Sequence[Finding], texts: "Texts") -> str:
    """The text that the person reads before saying yes: everything that will be sent, and similar purchases since.

    Hosts show three lines, or as much as fits a window: total, consignee and goods come first, and no line is blank.
    What the caller chose is in 『』, unless it is a number.
    """
    text = texts.render(
        "dialog",
        preview=dialog_preview(purchase, repeats, texts),
        address=visible_address(purchase),
        notes=[chosen(part.note, 500) for part in purchase.parts if part.note],
        account=identifier_or_none(purchase.basket.ali_id),
        own_codes=[
            {
                "offer_id": identifier(line.offer_id),
                "spec_id": chosen_code(line.spec_id or ""),
                "product_no": chosen(line.product_no or "", 64),
                "container": chosen(line.container or "", 64),
            }
            for line in purchase.basket.lines
            if line.product_no or line.container
        ],
    )
    return "\n".join(line for line in text.splitlines() if line)


def issue(finding: Finding, texts: "Texts", redactions: Redactions) -> Issue:
    """A finding in the reader's language, with the upstream's words in 「」."""
    shown, offer_id = redactions.redact(finding.details), identifier_or_none(redactions.redact(finding.offer_id))
    details: dict[str, Any] = {**NO_DETAILS, **shown, "offer_id": offer_id}
    details["spec_id"] = identifier(details["spec_id"])
    for name in ("message", "code"):
        details[name] = quoted(str(details.get(name) or ""))
    if "trade_types" in details:
        details["trade_types"] = [identifier(str(name)) for name in details["trade_types"]]
    for name in ("order_ids", "offer_ids"):
        if name in details:
            details[name] = [identifier(str(each)) for each in details[name]]
    details.update(catalogue_details(details))
    return Issue(
        severity=finding.severity,
        code=finding.code,
        message=texts.sentence("issue", finding.code, details),
        offer_id=offer_id,
        remedy=texts.sentence("remedy", finding.code, details) or None,
    )


def _without_repeats(findings: Sequence[Finding]) -> list[Finding]:
    """Removes repeated findings that name no offer and carry no details."""
    return [
        each for number, each in enumerate(findings) if each.offer_id or each.details or each not in findings[:number]
    ]


def _unsupported_offers(
    findings: Iterable[Finding], issues: Sequence[Issue], redactions: Redactions
) -> list[UnsupportedOffer]:
    reasons: dict[str, list[str]] = {}
    for finding, each in zip(findings, issues, strict=True):
        if finding.severity == "blocks" and finding.offer_id:
            reasons.setdefault(identifier(redactions.redact_text(finding.offer_id)), []).append(each.message)
    return [UnsupportedOffer(offer_id=offer_id, reasons=texts) for offer_id, texts in reasons.items()]


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


def _order(part: Part, order: AnsweredOrder, cards: Mapping[tuple[str, str | None], ProductCard]) -> PreviewOrder:
    return PreviewOrder(
        seller_open_id=inert(part.seller_open_id, 128) if part.seller_open_id else None,
        flow=identifier_or_none(part.flow),
        trade_types=None if order.trade_types is None else [identifier(name) for name in order.trade_types],
        trade_type=identifier_or_none(part.trade_type),
        totals=_totals([order]),
        lines=[_line(line, requested_line(line, part.lines), cards) for line in order.lines],
    )


def identifier_or_none(text: str | None) -> str | None:
    """An id that may be absent, safe to show."""
    return identifier(text) if text else None


def _line(line: AnsweredLine, own: Line | None, cards: Mapping[tuple[str, str | None], ProductCard]) -> PreviewLine:
    card = cards.get(own.key) if own else None
    return PreviewLine(
        offer_id=identifier(line.offer_id),
        spec_id=identifier_or_none(line.spec_id),
        spec_id_named=bool(own and own.spec_id),
        sku_id=identifier_or_none(line.sku_id),
        quantity=own.quantity if own else 0,
        unit_price=yuan_or_none(line.unit_price),
        amount=yuan_or_none(line.amount),
        title=product_name(card.title) if card else None,
        variant=product_name(card.variant) if card else None,
        unit=sale_unit(card.unit) if card else None,
        label=inert(own.label, 60) if own and own.label else None,
        url=offer_url(line.offer_id),
        promotions=[quoted(text) for text in line.promotions[:MOST_PROMOTIONS] if text],
    )


def made_order(order: PlacedOrder, redactions: Redactions) -> OrderMade:
    """An order of a purchase as `create_order` returns it."""
    return OrderMade.model_validate(
        {
            **order.model_dump(),
            "order_id": identifier(redactions.redact_text(order.order_id)),
            "payable": yuan_or_none(order.payable),
            "carriage": yuan_or_none(order.carriage),
        }
    )


def refused_line(
    line: FailedLine, code: IssueCode, texts: "Texts", redactions: Redactions, lines: Sequence[Line] = ()
) -> LineRefused:
    """A line that was not ordered, with reason and remedy; `lines` are the lines for which the reason was given."""
    found = refusal(lines, line.code, line.message)
    shown = found.details if (found.code, found.offer_id) == (code, line.offer_id) else {}
    line, shown = redactions.redact(line), redactions.redact(shown)
    details = {
        **NO_DETAILS,
        **shown,
        "spec_id": "",
        "message": quoted(line.message or ""),
        "code": quoted(line.code or ""),
    }
    return LineRefused(
        offer_id=identifier_or_none(line.offer_id),
        spec_id=identifier_or_none(line.spec_id),
        code=identifier_or_none(upstream_code(line.code, line.message)),
        reason=texts.sentence("issue", code, details),
        remedy=texts.sentence("remedy", code, details) or None,
    )


def refusal_fault(error: "UpstreamRefused", redactions: Redactions, **details: Any) -> ToolFault:
    """The refusal of a call that the upstream refused; `details` are shown unchanged."""
    code, message = redactions.redact_text(error.code), redactions.redact_text(error.message)
    return ToolFault(FaultCode.UPSTREAM_REJECTED, upstream_code=code, message=message, **details)


def unavailable_fault(error: "UpstreamUnavailable", redactions: Redactions, reason: str = "") -> ToolFault:
    """The refusal of a call to which the upstream gave no usable answer."""
    reason = error.reason or reason
    return ToolFault(FaultCode.UPSTREAM_UNAVAILABLE, reason, why=redactions.redact_text(error.why), kind=error.kind)


def cheaper_by(approved: int | None, actual: int | None) -> str | None:
    """How much less is paid than was approved, as CNY text; None if it is not less."""
    if approved is None or actual is None or actual >= approved:
        return None
    return yuan(approved - actual)


def issue_details(issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """Issues for the machine-readable copy of a refusal."""
    return [each.model_dump() for each in issues]
