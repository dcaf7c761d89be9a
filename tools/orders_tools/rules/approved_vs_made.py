"""Compares the orders made with what was approved: 1688 charges its current price, whatever was previewed."""

from collections import Counter
from collections.abc import Sequence

from orders_tools.money import yuan, yuan_or_none
from orders_tools.orders.model import UpstreamOrder
from orders_tools.purchase.likeness import is_failed_line, made_lines
from orders_tools.purchase.model import AnsweredOrder, FailedLine, Line, Part, PlacedOrder
from orders_tools.purchase.records import Finding, Placement, sum_or_none
from orders_tools.vocabulary import IssueCode


def merge_order(order: PlacedOrder, look: UpstreamOrder | None) -> PlacedOrder:
    """An order of the create answer, completed by a later look; values from the answer are kept."""
    if look is None:
        return order
    return PlacedOrder(**{**look.to_placed_order().model_dump(), **order.model_dump(exclude_none=True)})


def order_differences(
    part: Part, orders: Sequence[PlacedOrder], looks: Sequence[UpstreamOrder], failed: Sequence[FailedLine] = ()
) -> list[Finding]:
    """How the orders of one create call differ from its last preview: in their total, or in their lines.

    The finding has three amounts: what a person approved, what was previewed last, and what is charged.
    Lines known to have failed are not expected. The service fee may be charged with the order or separately
    (CONTRACT 12.8), so either total counts as the previewed one.
    """
    found: list[Finding] = []
    previewed = [order for order in part.answer.orders if not _is_failed_order(order, failed)]
    expected = sum_or_none(order.sum_payment for order in previewed)
    charged = sum_or_none(order.payable for order in orders)
    cut = any(is_failed_line(line, failed) for order in previewed for line in order.lines)
    as_previewed = {expected, sum_or_none(order.payable for order in previewed)}
    if expected is not None and charged is not None and charged not in as_previewed and not cut:
        approved = yuan_or_none(_approved_total(part, failed)) or yuan(expected)
        details = {"approved": approved, "expected": yuan(expected), "charged": yuan(charged)}
        found.append(Finding(severity="warns", code=IssueCode.CHARGED_DIFFERENTLY, details=details))
    wanted = part.model_copy(update={"lines": made_lines(part, failed)})
    is_comparable = len(looks) == len(orders) and all(look.lines_known for look in looks)
    if is_comparable and not has_exactly_lines(wanted, looks):
        found.append(Finding(severity="warns", code=IssueCode.LINES_DIFFER))
    return found


def _is_failed_order(order: AnsweredOrder, failed: Sequence[FailedLine]) -> bool:
    return bool(order.lines) and all(is_failed_line(line, failed) for line in order.lines)


def _approved_total(part: Part, failed: Sequence[FailedLine]) -> int | None:
    """What a person approved for the orders that did not fail; None if the last preview says the same."""
    orders = zip(part.answer.orders, part.approved, strict=False)
    amounts = [amount for order, amount in orders if not _is_failed_order(order, failed)]
    previewed = [order.payable for order in part.answer.orders if not _is_failed_order(order, failed)]
    return sum_or_none(amounts) if amounts and amounts != previewed else None


def approved_and_current(orders: Sequence[UpstreamOrder], placement: Placement) -> tuple[int | None, int | None]:
    """What was approved for these orders of a create call, and what they cost now, in fen; None if unknown.

    The preview has the sum for all orders of the call. For one of several orders, the recorded amount counts.
    """
    verdict = placement.verdict
    recorded = {order.order_id: order.payable for order in verdict.orders} if verdict else {}
    previewed = placement.part.answer.orders
    whole = recorded.keys() == {order.order_id for order in orders} if recorded else len(orders) == len(previewed)
    now = sum_or_none(order.payable for order in orders)
    if whole and not (verdict and verdict.failed_lines):
        alone = sum_or_none(order.sum_payment for order in previewed)
        with_fee = sum_or_none(order.payable for order in previewed)
        return with_fee if with_fee in {now, sum_or_none(recorded.values())} else alone, now
    return sum_or_none(recorded.get(order.order_id) for order in orders), now


def lines_made(part: Part, looks: Sequence[UpstreamOrder]) -> list[Line] | None:
    """The lines of the part that these orders hold completely; None if they hold anything else, or none of them."""
    lines = [line for line in part.lines if any(row.offer_id == line.offer_id for look in looks for row in look.lines)]
    made = part.model_copy(update={"lines": tuple(lines)})
    return lines if lines and has_exactly_lines(made, looks) else None


def has_exactly_lines(part: Part, looks: Sequence[UpstreamOrder]) -> bool:
    """Whether these orders have exactly the lines of the part: offers, SKUs if named, and quantities.

    False if some of their lines could not be read.
    """
    if any("lines" in look.unread for look in looks):
        return False
    made: Counter[tuple[str | None, str | None]] = Counter()
    for look in looks:
        for line in look.lines:
            made[line.offer_id, line.spec_id] += line.pieces or 0
    for line in part.lines:
        key = next((key for key in made if key[0] == line.offer_id and line.spec_id in {None, key[1]}), None)
        if key is None or made.pop(key) != line.quantity:
            return False
    return not made
