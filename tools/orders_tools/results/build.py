"""Results from records: what a tool answers, in the one place where words from outside become inert."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orders_prompts.inert import chosen, chosen_code, identifier, inert, quoted
from orders_tools.errors import FaultCode, ToolFault
from orders_tools.money import CURRENCY, yuan, yuan_or_none
from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, FailedLine, Line, Part, PlacedOrder
from orders_tools.purchase.records import Finding, Purchase, sum_or_none
from orders_tools.results.blanks import NO_BLANKS, Blanks
from orders_tools.results.create import LineRefused, OrderMade
from orders_tools.results.preview import PreviewLine, PreviewOrder, PreviewResult, Totals, UnsupportedOffer
from orders_tools.results.products import catalogue_details, page_of, product_name, unit_words
from orders_tools.results.shared import Issue
from orders_tools.rules.preview_rules import asked_for, carriage_is_final
from orders_tools.rules.refusal_meanings import NOTHING_TOLD, refusal, upstream_code
from orders_tools.vocabulary import IssueCode

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
"""Ordering channels that documents name (CONTRACT 9.1); any other that was asked for is a word of the caller's."""
MOST_PROMOTIONS = 3
"""How many of a line's promotions are shown: a seller could bury the total under them."""


def preview_result(purchase: Purchase, purchasing: "Purchasing", blanks: Blanks) -> PreviewResult:
    """The stored preview as `preview_order` answers it, summary included, which names the way to a yes."""
    texts = purchasing.texts
    way = "host" if purchasing.policy.approval == "host" else "dialog" if purchasing.shows_dialogs else "terminal"
    result = preview_facts(purchase, texts, blanks)
    result.summary = texts.render("preview", preview=result.model_dump(), way=way, program=purchasing.program)
    return result


def preview_quoted(purchase: Purchase, blanks: Blanks) -> dict[str, Any]:
    """What the texts of a create call quote from the stored preview: token, expiry, currency, totals and goods."""
    return {
        "preview_token": purchase.token,
        "expires_at": purchase.expires_at,
        "currency": CURRENCY,
        "totals": _totals([order for part in purchase.parts for order in part.answer.orders]),
        "orders": [order.model_dump() for order in _orders(purchase, blanks)],
    }


def preview_facts(purchase: Purchase, texts: "Texts", blanks: Blanks) -> PreviewResult:
    """The stored preview as it is shown, without its summary."""
    findings = _each_once(purchase.findings)
    issues = [issue(finding, texts, blanks) for finding in findings]
    return PreviewResult(
        preview_token=purchase.token,
        expires_at=purchase.expires_at,
        orderable=purchase.orderable,
        currency=CURRENCY,
        totals=_totals([order for part in purchase.parts for order in part.answer.orders]),
        carriage_is_final=carriage_is_final(purchase.parts),
        orders=_orders(purchase, blanks),
        unsupported_offers=_unsupported(findings, issues, blanks),
        issues=issues,
        purchase_ref=purchase.basket.purchase_ref,
        sandbox=purchase.sandbox,
        summary="",
    )


def _orders(purchase: Purchase, blanks: Blanks) -> list[PreviewOrder]:
    parts = [part.model_copy(update=_said(part, blanks)) for part in purchase.parts]
    cards = {card.key: blanks.blanked(card) for card in purchase.cards}
    return [_order(part, order, cards) for part in parts for order in part.answer.orders]


def _said(part: Part, blanks: Blanks) -> dict[str, Any]:
    """What the upstream said of a part, or what was taken from that, as it may be shown."""
    return {name: blanks.blanked(getattr(part, name)) for name in ("answer", "flow", "trade_type")}


def dialog(purchase: Purchase, repeats: Sequence[Finding], texts: "Texts") -> str:
    """What the person reads before saying yes: everything that will be sent, and what was bought like it since.

    Hosts show three lines of it, or cut it at the height of a window: total, consignee and goods come first, and no
    line is blank. Whatever the caller chose stands in 『』, unless it is a number.
    """
    preview = preview_facts(purchase, texts, NO_BLANKS)
    preview.issues += [issue(finding, texts, NO_BLANKS) for finding in repeats if finding not in purchase.findings]
    for order in preview.orders:
        if order.flow and order.flow == purchase.basket.flow and order.flow not in _CHANNELS:
            order.flow = chosen(order.flow)
    text = texts.render(
        "dialog",
        preview=preview.model_dump(),
        address=_visible_address(purchase),
        notes=[chosen(part.note, 500) for part in purchase.parts if part.note],
        account=identified(purchase.basket.ali_id),
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


_LONGEST_PLACE = 1_000
"""Characters that all parts of an address together may have, and none of them is left out."""
_NUMBERS = frozenset({"mobile", "phone", "post_code", "district_code"})


def _visible_address(purchase: Purchase) -> dict[str, str]:
    fields = purchase.address.model_dump() if purchase.address else {}
    shown = {name: chosen_code(value) if name in _NUMBERS else chosen(value) for name, value in fields.items()}
    places = [place for name in ("province", "city", "area", "town", "street") if (place := fields.get(name))]
    # A place of which nothing can be shown is sent all the same: it leaves an empty box.
    whole = " ".join(place if inert(place) else "□" for place in places)
    return {**shown, "whole": chosen(whole, _LONGEST_PLACE)}


def issue(finding: Finding, texts: "Texts", blanks: Blanks) -> Issue:
    """A finding in the reader's language; words of the upstream stand in 「」."""
    told, offer_id = blanks.blanked(finding.details), identified(blanks.blanked(finding.offer_id))
    details: dict[str, Any] = {**NOTHING_TOLD, **told, "offer_id": offer_id}
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


def _each_once(findings: Sequence[Finding]) -> list[Finding]:
    """What is of no offer and has no details holds of several parts alike, and is told once."""
    return [
        each for number, each in enumerate(findings) if each.offer_id or each.details or each not in findings[:number]
    ]


def _unsupported(findings: Iterable[Finding], issues: Sequence[Issue], blanks: Blanks) -> list[UnsupportedOffer]:
    reasons: dict[str, list[str]] = {}
    for finding, told in zip(findings, issues, strict=True):
        if finding.severity == "blocks" and finding.offer_id:
            reasons.setdefault(identifier(blanks.words(finding.offer_id)), []).append(told.message)
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


def _order(part: Part, order: AnsweredOrder, cards: Mapping[tuple[str, str | None], ProductCard]) -> PreviewOrder:
    return PreviewOrder(
        seller_open_id=inert(part.seller_open_id, 128) if part.seller_open_id else None,
        flow=identified(part.flow),
        trade_types=None if order.trade_types is None else [identifier(name) for name in order.trade_types],
        trade_type=identified(part.trade_type),
        totals=_totals([order]),
        lines=[_line(line, asked_for(line, part.lines), cards) for line in order.lines],
    )


def identified(text: str | None) -> str | None:
    """An id that may be absent, safe to show."""
    return identifier(text) if text else None


def _line(line: AnsweredLine, own: Line | None, cards: Mapping[tuple[str, str | None], ProductCard]) -> PreviewLine:
    card = cards.get(own.key) if own else None
    return PreviewLine(
        offer_id=identifier(line.offer_id),
        spec_id=identified(line.spec_id),
        spec_id_named=bool(own and own.spec_id),
        sku_id=identified(line.sku_id),
        quantity=own.quantity if own else 0,
        unit_price=yuan_or_none(line.unit_price),
        amount=yuan_or_none(line.amount),
        title=product_name(card.title) if card else None,
        variant=product_name(card.variant) if card else None,
        unit=unit_words(card.unit) if card else None,
        label=inert(own.label, 60) if own and own.label else None,
        url=page_of(line.offer_id),
        promotions=[quoted(text) for text in line.promotions[:MOST_PROMOTIONS] if text],
    )


def order_made(order: PlacedOrder, blanks: Blanks) -> OrderMade:
    """An order of a purchase as `create_order` names it."""
    return OrderMade.model_validate(
        {
            **order.model_dump(),
            "order_id": identifier(blanks.words(order.order_id)),
            "payable": yuan_or_none(order.payable),
            "carriage": yuan_or_none(order.carriage),
        }
    )


def line_refused(
    line: FailedLine, code: IssueCode, texts: "Texts", blanks: Blanks, lines: Sequence[Line] = ()
) -> LineRefused:
    """A line that was not ordered, with the reason and what to change; `lines` are those the reason was given for."""
    found = refusal(lines, line.code, line.message)
    told = found.details if (found.code, found.offer_id) == (code, line.offer_id) else {}
    line, told = blanks.blanked(line), blanks.blanked(told)
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


def call_refused(error: "UpstreamRefused", blanks: Blanks, **details: Any) -> ToolFault:
    """The refusal of a call that the upstream refused; `details` are shown as they are."""
    code, message = blanks.words(error.code), blanks.words(error.message)
    return ToolFault(FaultCode.UPSTREAM_REJECTED, upstream_code=code, message=message, **details)


def call_unanswered(error: "UpstreamUnavailable", blanks: Blanks, reason: str = "") -> ToolFault:
    """The refusal of a call that the upstream gave no usable answer to."""
    reason = error.reason or reason
    return ToolFault(FaultCode.UPSTREAM_UNAVAILABLE, reason, why=blanks.words(error.why), kind=error.kind)


def cheaper_by(approved: int | None, actual: int | None) -> str | None:
    """How much less is paid than was approved, as CNY text; None where it is not less."""
    if approved is None or actual is None or actual >= approved:
        return None
    return yuan(approved - actual)


def details_of(issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """Issues for the machine-readable copy of a refusal."""
    return [told.model_dump() for told in issues]
