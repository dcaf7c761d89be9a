"""The rules for a preview answer: lines, sums, trade type, and what blocks, warns or is noted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, Basket, Generation, Line, Part, PreviewAnswer
from orders_tools.purchase.records import Finding
from orders_tools.rules.refusal_meanings import refusal, refusal_code
from orders_tools.vocabulary import IssueCode

ESCROW_TYPES = ("assureTrade", "fxassure", "nzassure")
"""Trade types that hold the money until the goods arrive, in order of preference (CONTRACT 9.2, 11.10)."""

_SUCCESS = frozenset({None, "", "200"})


def choose_trade_type(answer: PreviewAnswer, setting: str | None) -> str | None:
    """The trade type to send: the operator's if allowed, else the first escrow type; None if neither is."""
    lists = _trade_types(answer)
    known = [types for types in lists if types is not None]
    if not known:
        return setting
    allowed = [name for name in known[0] if all(name in types for types in known)]
    wanted = (setting, *ESCROW_TYPES) if setting else ESCROW_TYPES
    return next((name for name in wanted if name in allowed), None)


def findings_of(part: Part) -> list[Finding]:
    """All findings about one part of a preview."""
    found = [*_offer_findings(part), *_line_set_findings(part)]
    for order in part.answer.orders:
        of_lines = list(_line_findings(order, part))
        found += [*of_lines, *_order_findings(order, part, of_lines), *_sum_findings(order, part)]
    found += [*_answer_findings(part), *_trade_type_findings(part), *_form_findings(part)]
    blocked = any(finding.severity == "blocks" for finding in found)
    return found if blocked or not _is_refused_silently(part.answer) else [refusal(part.lines, None, None), *found]


def refuses(order: AnsweredOrder, generation: Generation) -> bool:
    """Whether the upstream refuses an order or a line of it (CONTRACT 3.2 and 3.3)."""
    return _is_refused(order, generation) or any(_is_line_refused(line, order, generation) for line in order.lines)


def _is_refused_unpriced(order: AnsweredOrder, generation: Generation) -> bool:
    """Whether a refused order has no price: then its lines and trade types may be missing too."""
    return refuses(order, generation) and (not order.lines or not order.payable)


def _is_refused(order: AnsweredOrder, generation: Generation) -> bool:
    if order.status is False or order.result_code not in _SUCCESS:
        return True
    return order.message is not None and _is_blocking(order.message, order, generation)


def _is_line_refused(line: AnsweredLine, order: AnsweredOrder, generation: Generation) -> bool:
    if line.result_code not in _SUCCESS:
        return True
    return line.message is not None and (
        _is_blocking(line.message, order, generation) or bool(order.status is False and line.message)
    )


def _is_blocking(message: str, order: AnsweredOrder, generation: Generation) -> bool:
    """2026: any message blocks. 2025: only a documented refusal does, and only if no status marks it as a note."""
    return generation == "2026" or (order.status is None and refusal_code(message) != IssueCode.UPSTREAM_REFUSES)


def _is_refused_silently(answer: PreviewAnswer) -> bool:
    return answer.status is False or any(order.status is False for order in answer.orders)


def _offer_findings(part: Part) -> Iterator[Finding]:
    answer = part.answer
    for offer_id in dict.fromkeys(line.offer_id for line in part.lines):
        if offer_id in answer.no_cross_border_pay:
            yield Finding(severity="blocks", code=IssueCode.NO_CROSS_BORDER_PAY, offer_id=offer_id)
        if offer_id in answer.carriage_by_description:
            yield Finding(severity="warns", code=IssueCode.CARRIAGE_BY_DESCRIPTION, offer_id=offer_id)
        if offer_id in answer.consignment:
            yield Finding(severity="warns", code=IssueCode.CONSIGNMENT, offer_id=offer_id)


def requested_line(line: AnsweredLine, lines: Sequence[Line]) -> Line | None:
    """The line of the basket that a line of the answer is about: same offer, and same SKU if one was named."""
    return next((own for own in lines if own.offer_id == line.offer_id and own.spec_id in {None, line.spec_id}), None)


def _line_set_findings(part: Part) -> Iterator[Finding]:
    counts: Counter[tuple[str, str | None]] = Counter()
    for order in part.answer.orders:
        for line in order.lines:
            own = requested_line(line, part.lines)
            if own is None:
                yield Finding(severity="blocks", code=IssueCode.UNASKED_LINE, offer_id=line.offer_id)
            else:
                counts[own.key] += 1
    # An order refused without a price lists at most the lines at fault, so no other line counts as missing.
    unnamed = any(_is_refused_unpriced(order, part.answer.generation) for order in part.answer.orders)
    for line in part.lines:
        if counts[line.key] == 0 and not unnamed:
            yield Finding(severity="blocks", code=IssueCode.MISSING_LINE, offer_id=line.offer_id)
        elif counts[line.key] > 1:
            yield Finding(severity="blocks", code=IssueCode.LINE_TWICE, offer_id=line.offer_id)


def _line_findings(order: AnsweredOrder, part: Part) -> Iterator[Finding]:
    for line in order.lines:
        if _is_line_refused(line, order, part.answer.generation):
            yield from _refusals_of(line, part)
        elif line.message:
            yield _note(line.message, line.offer_id)


def _refusals_of(line: AnsweredLine, part: Part) -> Iterator[Finding]:
    """Why a line is refused: code and message together, or each by itself if they mean two things."""
    own = requested_line(line, part.lines)
    meanings = {refusal_code(line.result_code), refusal_code(line.message)} - {IssueCode.UPSTREAM_REFUSES}
    reasons = [(line.result_code, line.message)]
    if len(meanings) == 2:
        reasons = [(line.result_code, None), (None, line.message)]
    for code, message in reasons:
        yield refusal(part.lines, code, message, line=own, offer_id=line.offer_id)


def _order_findings(order: AnsweredOrder, part: Part, of_lines: Sequence[Finding]) -> Iterator[Finding]:
    """Findings about a whole order, unless its lines have them already."""
    if not _is_refused(order, part.answer.generation):
        if order.message:
            yield _note(order.message)
        return
    if order.result_code in _SUCCESS and order.message is None:
        return
    found = refusal(_lines_of(order, part), order.result_code, order.message)
    reported = {each.code for each in of_lines if each.severity == "blocks"}
    if found.code not in reported and not (reported and found.code == IssueCode.UPSTREAM_REFUSES):
        yield found


def _lines_of(order: AnsweredOrder, part: Part) -> list[Line]:
    """The lines of the basket in an order; all lines of the part if the answer names none."""
    named = [own for own in (requested_line(line, part.lines) for line in order.lines) if own]
    return named or list(part.lines)


def _answer_findings(part: Part) -> Iterator[Finding]:
    """Findings about the answer as a whole."""
    answer = part.answer
    if answer.result_code not in _SUCCESS or (answer.status is False and answer.message):
        yield refusal(part.lines, answer.result_code, answer.message)
    elif answer.message and answer.status is not False:
        yield _note(answer.message)


def _note(message: str, offer_id: str | None = None) -> Finding:
    return Finding(severity="notes", code=IssueCode.UPSTREAM_NOTE, offer_id=offer_id, details={"message": message})


def _sum_findings(order: AnsweredOrder, part: Part) -> Iterator[Finding]:
    if refuses(order, part.answer.generation):  # a refused order need not have prices
        return
    free = [line.offer_id for line in order.lines if line.amount == 0 and not line.unit_price]
    for offer_id in dict.fromkeys(free):
        yield Finding(severity="blocks", code=IssueCode.ZERO_PRICE, offer_id=offer_id)
    if order.payable == 0 and not free:
        yield Finding(severity="blocks", code=IssueCode.ZERO_PRICE)
    amounts = [line.amount for line in order.lines if line.amount is not None]
    goods, carriage, total = order.goods, order.carriage, order.sum_payment
    if goods is None or carriage is None or total is None or len(amounts) < len(order.lines):
        yield Finding(severity="blocks", code=IssueCode.SUMS_DISAGREE, details={"missing": True})
        return
    adds_up = sum(amounts) == goods and goods + carriage == total and min(goods, carriage) >= 0
    # A fee larger than the order itself means a total in the wrong unit.
    sane_fee = 0 <= (order.service_fee or 0) <= total
    if not (adds_up and sane_fee and all(_is_plausible(line, part.lines) for line in order.lines)):
        yield Finding(severity="blocks", code=IssueCode.SUMS_DISAGREE, details={"missing": False})


def _is_plausible(line: AnsweredLine, lines: Sequence[Line]) -> bool:
    """Whether unit price, quantity and amount have one unit: no promotion divides an amount by ten."""
    own = requested_line(line, lines)
    price = Decimal(line.unit_price_exact) if line.unit_price_exact else line.unit_price
    if own is None or price is None or line.amount is None:
        return True
    full = price * own.quantity
    # Rounding to a fen can add half a fen.
    return full <= 10 * line.amount and 10 * line.amount <= 11 * full + 5


def _trade_types(answer: PreviewAnswer) -> list[tuple[str, ...] | None]:
    """The trade types that each order allows; orders refused without a price are left out."""
    return [order.trade_types for order in answer.orders if not _is_refused_unpriced(order, answer.generation)]


def _trade_type_findings(part: Part) -> Iterator[Finding]:
    lists = _trade_types(part.answer)
    if any(types == () for types in lists):
        # The upstream says it about the whole basket, so the offer is only known if there is just one.
        offers = {line.offer_id for line in part.lines}
        offer_id = offers.pop() if len(offers) == 1 else None
        yield Finding(severity="blocks", code=IssueCode.NO_ORDER_MODE, offer_id=offer_id)
    elif part.trade_type is None and any(types is not None for types in lists):
        types = sorted({name for names in lists for name in names or ()})
        yield Finding(severity="blocks", code=IssueCode.TRADE_TYPE_NOT_ALLOWED, details={"trade_types": types})
    elif lists and part.trade_type is None:
        yield Finding(severity="warns", code=IssueCode.CREDIT_MAY_BE_CHARGED)


def _form_findings(part: Part) -> Iterator[Finding]:
    if part.answer.generation == "2026":
        yield Finding(severity="notes", code=IssueCode.CARRIAGE_NOT_QUALIFIED)
    if len(part.answer.orders) > 1:
        yield Finding(severity="notes", code=IssueCode.SPLIT, details={"count": len(part.answer.orders)})


def carriage_is_final(parts: Sequence[Part]) -> bool:
    """False if the upstream names an offer whose carriage it cannot compute."""
    asked = {line.offer_id for part in parts for line in part.lines}
    return not any(asked & set(part.answer.carriage_by_description) for part in parts)


def part_of(
    part_ref: str, lines: tuple[Line, ...], answer: PreviewAnswer, basket: Basket, trade_type: str | None, note: str
) -> Part:
    """One part of a purchase with everything that will be sent, such as the preview's flow and the trade type."""
    flows = {order.flow for order in answer.orders if order.flow}
    return Part(
        part_ref=part_ref,
        seller_open_id=lines[0].seller_open_id,
        lines=lines,
        answer=answer,
        flow=flows.pop() if len(flows) == 1 else basket.flow,
        trade_type=choose_trade_type(answer, trade_type),
        note=note,
        ali_id=basket.ali_id,
    )
