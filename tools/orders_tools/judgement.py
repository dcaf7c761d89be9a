"""The rules that a preview answer is held against: lines, sums, trade type, and what blocks, warns or is noted."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from orders_tools.purchase import AnsweredLine, AnsweredOrder, Basket, Line, Part, PreviewAnswer
from orders_tools.records import Finding

ESCROW_TYPES = ("assureTrade", "fxassure", "nzassure")
"""Trade types that hold the money until the goods arrive, in the order they are preferred (CONTRACT 9.2, 11.10)."""

LINE_CODES: tuple[tuple[str, str], ...] = (
    ("500_001", "NOT_SELLABLE"),
    ("500_002", "SKU_MISMATCH"),
    ("500_003", "SKU_MISMATCH"),
    ("500_004", "SHORT_STOCK"),
    ("500_005", "MINIMUM_QUANTITY"),
    ("500_006", "MIXED_BATCH"),
    ("500_007", "NO_CONSIGNMENT_RELATION"),
    ("500_008", "ZERO_PRICE"),
    ("500_009", "MINIMUM_QUANTITY"),
    ("BOOKED_BEYOND_THE_MAX_QUANTITY", "SHORT_STOCK"),
    ("BOOKED_LESS_THAN_LEAST_QUANTITY", "MINIMUM_QUANTITY"),
    ("LESS_THAN_MIX_BEGIN", "MIXED_BATCH"),
    ("UNSUPPORT_MIX", "MIXED_BATCH"),
    ("QUANTITY_UNMATCH_SELLUNIT_SCALE", "LOT_MULTIPLE"),
    ("PRODUCT_TRADE_STAT_ERROR", "NOT_SELLABLE"),
    ("PROXY_RELATED_NOT_FUND", "NO_CONSIGNMENT_RELATION"),
    ("offer no exist", "NOT_SELLABLE"),
    ("不支持跨境宝", "NO_CROSS_BORDER_PAY"),
)
"""How the upstream starts a refusal of a line (CONTRACT 9.8), apart from its FAIL_BIZ family, and our code for it."""

_FAMILY = re.compile(r"^(?:R(?=500_)|(?:FAIL_BIZ_)+)")
_NUMBER = re.compile(r"\d+(?!.*\d)")
_CODE_PREFIX = re.compile(r"^(?:R?500_\d{3}|[A-Z][A-Z_]+)")


def refusal_code(*texts: str | None) -> str:
    """Our code for a line that the upstream refuses in these words; "UPSTREAM_REFUSES" where none is known."""
    for text in filter(None, texts):
        for start, code in LINE_CODES:
            if _FAMILY.sub("", text).startswith(start):
                return code
    return "UPSTREAM_REFUSES"


def upstream_code(code: str | None, message: str | None) -> str | None:
    """The upstream's own code for a refusal: the one that its message starts with, else the one beside it."""
    match = _CODE_PREFIX.match(message or "")
    return match[0] if match else code


def choose_trade_type(answer: PreviewAnswer, setting: str | None) -> str | None:
    """The trade type to send: the operator's where it is allowed, else the first escrow type; None for neither."""
    lists = [order.trade_types for order in answer.orders]
    known = [types for types in lists if types is not None]
    if not known:
        return setting
    allowed = [name for name in known[0] if all(name in types for types in known)]
    wanted = (setting, *ESCROW_TYPES) if setting else ESCROW_TYPES
    return next((name for name in wanted if name in allowed), None)


def findings_of(part: Part) -> list[Finding]:
    """Everything about one part of a preview that blocks, warns or is worth a note."""
    found = [*_offer_findings(part), *_line_set_findings(part)]
    for order in part.answer.orders:
        found += _line_findings(order, part.answer)
        found += _order_findings(order, part.answer, already=any(f.severity == "blocks" for f in found))
        found += _sum_findings(order, part.lines)
    return [*found, *_trade_type_findings(part), *_form_findings(part)]


def _offer_findings(part: Part) -> Iterator[Finding]:
    answer = part.answer
    for offer_id in dict.fromkeys(line.offer_id for line in part.lines):
        if offer_id in answer.no_cross_border_pay:
            yield Finding(severity="blocks", code="NO_CROSS_BORDER_PAY", offer_id=offer_id)
        if offer_id in answer.carriage_by_description:
            yield Finding(severity="warns", code="CARRIAGE_BY_DESCRIPTION", offer_id=offer_id)
        if offer_id in answer.consignment:
            yield Finding(severity="warns", code="CONSIGNMENT", offer_id=offer_id)


def asked_for(line: AnsweredLine, lines: Sequence[Line]) -> Line | None:
    """The line of the basket that a line of the answer is about: same offer, and same SKU where one was named."""
    return next((own for own in lines if own.offer_id == line.offer_id and own.spec_id in {None, line.spec_id}), None)


def _line_set_findings(part: Part) -> Iterator[Finding]:
    answered: Counter[tuple[str, str | None]] = Counter()
    for order in part.answer.orders:
        for line in order.lines:
            own = asked_for(line, part.lines)
            if own is None:
                yield Finding(severity="blocks", code="UNASKED_LINE", offer_id=line.offer_id)
            else:
                answered[own.key] += 1
    for line in part.lines:
        if answered[line.key] == 0:
            yield Finding(severity="blocks", code="MISSING_LINE", offer_id=line.offer_id)
        elif answered[line.key] > 1:
            yield Finding(severity="blocks", code="LINE_TWICE", offer_id=line.offer_id)


def _line_findings(order: AnsweredOrder, answer: PreviewAnswer) -> Iterator[Finding]:
    for line in order.lines:
        refused = line.result_code not in {None, "", "200"}
        if answer.generation == "2026":
            refused = refused or line.message is not None
        elif order.status is False and line.message:
            refused = True
        if refused:
            yield _refusal(line.offer_id, line.result_code, line.message)
        elif line.message:
            yield Finding(
                severity="notes", code="UPSTREAM_NOTE", offer_id=line.offer_id, details={"message": line.message}
            )


def _refusal(offer_id: str | None, result_code: str | None, message: str | None) -> Finding:
    code = refusal_code(result_code, message)
    words = message or result_code or ""
    told = _CODE_PREFIX.sub("", words)
    limit = _NUMBER.search(told) if code in {"MINIMUM_QUANTITY", "SHORT_STOCK", "LOT_MULTIPLE"} else None
    details = {"message": words, "code": result_code or "", "number": limit[0] if limit else ""}
    return Finding(severity="blocks", code=code, offer_id=offer_id, details=details)


def _order_findings(order: AnsweredOrder, answer: PreviewAnswer, *, already: bool) -> Iterator[Finding]:
    refused = order.status is False or order.result_code not in {None, "", "200"}
    if answer.generation == "2026":
        refused = refused or order.message is not None
    if refused and not already:
        yield _refusal(None, order.result_code, order.message)
    elif order.message and not refused:
        yield Finding(severity="notes", code="UPSTREAM_NOTE", details={"message": order.message})


def _sum_findings(order: AnsweredOrder, lines: Sequence[Line]) -> Iterator[Finding]:
    if order.payable == 0:
        yield Finding(severity="blocks", code="ZERO_PRICE")
    amounts = [line.amount for line in order.lines if line.amount is not None]
    goods, carriage, total = order.goods, order.carriage, order.sum_payment
    if goods is None or carriage is None or total is None or len(amounts) < len(order.lines):
        yield Finding(severity="blocks", code="SUMS_DISAGREE", details={"missing": True})
        return
    adds_up = sum(amounts) == goods and goods + carriage == total and min(goods, carriage) >= 0
    # A fee beyond the order itself is a total in the wrong unit.
    sane_fee = 0 <= (order.service_fee or 0) <= total
    if not (adds_up and sane_fee and all(_plausible(line, lines) for line in order.lines)):
        yield Finding(severity="blocks", code="SUMS_DISAGREE", details={"missing": False})


def _plausible(line: AnsweredLine, lines: Sequence[Line]) -> bool:
    """Whether unit price, quantity and amount are of one unit: promotions lower an amount, never tenfold."""
    own = asked_for(line, lines)
    if own is None or line.unit_price is None or line.amount is None:
        return True
    full = line.unit_price * own.quantity
    return full <= 10 * line.amount and 10 * line.amount <= 11 * full + 10


def _trade_type_findings(part: Part) -> Iterator[Finding]:
    lists = [order.trade_types for order in part.answer.orders]
    if any(types == () for types in lists):
        # The upstream says it of the basket: only where that is one offer is it known which one.
        offers = {line.offer_id for line in part.lines}
        yield Finding(severity="blocks", code="NO_ORDER_MODE", offer_id=offers.pop() if len(offers) == 1 else None)
    elif part.trade_type is None and any(types is not None for types in lists):
        types = sorted({name for names in lists for name in names or ()})
        yield Finding(severity="blocks", code="TRADE_TYPE_NOT_ALLOWED", details={"trade_types": types})
    elif part.trade_type is None:
        yield Finding(severity="warns", code="CREDIT_MAY_BE_CHARGED")


def _form_findings(part: Part) -> Iterator[Finding]:
    if part.answer.generation == "2026":
        yield Finding(severity="notes", code="CARRIAGE_NOT_QUALIFIED")
    if len(part.answer.orders) > 1:
        yield Finding(severity="notes", code="SPLIT", details={"count": len(part.answer.orders)})


def carriage_is_final(parts: Sequence[Part]) -> bool:
    """False as soon as the upstream names an offer whose carriage it cannot compute."""
    asked = {line.offer_id for part in parts for line in part.lines}
    return not any(asked & set(part.answer.carriage_by_description) for part in parts)


def part_of(
    part_ref: str, lines: tuple[Line, ...], answer: PreviewAnswer, basket: Basket, trade_type: str | None, note: str
) -> Part:
    """One part of a purchase with what will be sent for it: the flow that the preview used, and the trade type."""
    flows = {order.flow for order in answer.orders if order.flow}
    return Part(
        part_ref=part_ref,
        seller_open_id=lines[0].seller_open_id,
        lines=lines,
        answer=answer,
        flow=flows.pop() if len(flows) == 1 else basket.flow,
        trade_type=choose_trade_type(answer, trade_type),
        note=note,
    )
