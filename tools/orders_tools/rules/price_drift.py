"""Compares the approved preview with the one made just before the order is sent."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from orders_tools.money import yuan_or_none
from orders_tools.purchase.likeness import LEDGER_FINDINGS
from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, Part, Value
from orders_tools.purchase.records import Finding, Purchase
from orders_tools.rules.preview_rules import requested_line
from orders_tools.vocabulary import IssueCode

_KINDS = {"blocks": "blocker", "warns": "warning", "notes": "note"}
_NO_DIFFERENCE = LEDGER_FINDINGS | {IssueCode.SPLIT}
"""Findings that are not compared here: the claim looks for repeats, and the split is compared by itself."""


class Difference(Value):
    """One way in which a fresh preview is not what was approved; money as CNY text.

    `finding` is set if the difference is a new finding; `after` is then its code.
    """

    what: str
    offer_id: str | None = None
    before: str | None = None
    after: str | None = None
    finding: Finding | None = None


def differences(approved: Purchase, fresh: Purchase) -> list[Difference]:
    """Why the approval of `approved` does not cover `fresh`; empty if it does.

    A lower total is no difference, unless it is under half. Nothing else may have got worse.
    """
    found = [*_totals(approved, fresh)]
    for before, after in zip(approved.parts, fresh.parts, strict=True):
        found += _part(before, after)
    if _split(approved.parts) != _split(fresh.parts):
        found.append(
            Difference(what="split", before=str(len(_split(approved.parts))), after=str(len(_split(fresh.parts))))
        )
    for before, after in zip(approved.parts, fresh.parts, strict=True):
        found += [
            _terms_difference(name, getattr(before, name), getattr(after, name))
            for name in _changed_terms(before, after)
        ]
    found += _new_findings(approved.findings, fresh.findings)
    return [each for number, each in enumerate(found) if each not in found[:number]]


def approved_amounts(approved: Part, fresh: Part) -> tuple[int | None, ...]:
    """What was approved for each order of `fresh`, in fen; None if there was no such order."""
    pairs = [(after, before) for before, after in _pairs(approved, fresh)]
    return tuple(next((own.payable for order, own in pairs if order is each), None) for each in fresh.answer.orders)


def _totals(approved: Purchase, fresh: Purchase) -> Iterator[Difference]:
    before, after = approved.payable, fresh.payable
    if before is None or after is None or after > before:
        yield _amount_difference("total", before, after)
    elif _is_under_half(before, after):
        yield _amount_difference("magnitude", before, after)


def _is_under_half(before: int | None, after: int | None) -> bool:
    """Whether an amount fell below half, which no discount explains within minutes."""
    return before is not None and after is not None and 2 * after < before


def _part(before: Part, after: Part) -> Iterator[Difference]:
    """What got worse inside one part, order by order and line by line."""
    known = dict(_lines(before))
    for key, line in _lines(after):
        yield from _line(known.get(key), line)
    for own, fresh in _pairs(before, after):
        yield from _order(own, fresh)
        if (own.flow or before.flow) != (fresh.flow or after.flow):
            yield _terms_difference("flow", own.flow or before.flow, fresh.flow or after.flow)


def _line(before: AnsweredLine | None, after: AnsweredLine) -> Iterator[Difference]:
    if before is None:
        yield _amount_difference("line", None, after.amount, after.offer_id)
        return
    if _is_higher(before.amount, after.amount):
        yield _amount_difference("line", before.amount, after.amount, after.offer_id)
    # The words of a promotion may count down the hours, so only their number is compared.
    if len(after.promotions) < len(before.promotions) and before.amount == after.amount:
        yield Difference(
            what="promotions",
            offer_id=after.offer_id,
            before=str(len(before.promotions)),
            after=str(len(after.promotions)),
        )
    if before.sku_id and after.sku_id and before.sku_id != after.sku_id:
        yield Difference(what="sku", offer_id=after.offer_id, before=before.sku_id, after=after.sku_id)


def _order(before: AnsweredOrder, after: AnsweredOrder) -> Iterator[Difference]:
    if (after.surcharge or 0) > (before.surcharge or 0):
        yield _amount_difference("surcharge", before.surcharge, after.surcharge)
    if (after.discount or 0) < (before.discount or 0) and not _is_lower(before.payable, after.payable):
        yield _amount_difference("discount", before.discount, after.discount)
    if before.service_fee is not None and after.service_fee is None:
        yield _amount_difference("service_fee", before.service_fee, after.service_fee)
    if _is_under_half(before.payable, after.payable):
        yield _amount_difference("magnitude", before.payable, after.payable)


def _is_higher(before: int | None, after: int | None) -> bool:
    return after != before and (before is None or after is None or after > before)


def _is_lower(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and after < before


def _amount_difference(what: str, before: int | None, after: int | None, offer_id: str | None = None) -> Difference:
    return Difference(what=what, offer_id=offer_id, before=yuan_or_none(before), after=yuan_or_none(after))


def _terms_difference(what: str, before: str | None, after: str | None) -> Difference:
    return Difference(what=what, before=before, after=after)


def _changed_terms(before: Part, after: Part) -> list[str]:
    return [name for name in ("flow", "trade_type") if getattr(before, name) != getattr(after, name)]


def _new_findings(before: Sequence[Finding], after: Sequence[Finding]) -> Iterator[Difference]:
    """Findings of the fresh preview that the approved one does not have, counting repeated ones."""
    counts = Counter(_identity(finding) for finding in before)
    for finding in after:
        identity = _identity(finding)
        if finding.code in _NO_DIFFERENCE:
            continue
        if counts[identity]:
            counts[identity] -= 1
            continue
        what = "carriage" if finding.code == IssueCode.CARRIAGE_BY_DESCRIPTION else _KINDS[finding.severity]
        yield Difference(what=what, offer_id=finding.offer_id, after=finding.code, finding=finding)


def _identity(finding: Finding) -> tuple[str, str | None, str, str]:
    details = json.dumps(finding.details, sort_keys=True, ensure_ascii=False, default=str)
    return finding.code, finding.offer_id, finding.severity, details


def _key(order: AnsweredOrder) -> list[str]:
    return sorted(f"{line.offer_id}/{line.spec_id}" for line in order.lines)


def _split(parts: Sequence[Part]) -> list[list[str]]:
    """The lines of each order, sorted so that their sequence does not matter."""
    return sorted(_key(order) for part in parts for order in part.answer.orders)


def _pairs(before: Part, after: Part) -> Iterator[tuple[AnsweredOrder, AnsweredOrder]]:
    """The orders of one part before and after, matched by their lines."""
    left = list(before.answer.orders)
    for order in after.answer.orders:
        own = next((each for each in left if _key(each) == _key(order)), None)
        if own is not None:
            left.remove(own)
            yield own, order


def _lines(part: Part) -> Iterator[tuple[tuple[str, str | None], AnsweredLine]]:
    """Each line of the answer by the offer and SKU that were asked for."""
    for order in part.answer.orders:
        for line in order.lines:
            own = requested_line(line, part.lines)
            yield (own.key if own else (line.offer_id, line.spec_id)), line
