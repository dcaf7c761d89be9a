"""What changed between the preview that was approved and the one just before the order is sent."""

from collections.abc import Sequence

from orders_tools.judgement import asked_for
from orders_tools.money import yuan_or_none
from orders_tools.purchase import Part, Value
from orders_tools.records import Finding, Purchase


class Difference(Value):
    """One way in which a fresh preview is not what was approved; money as CNY text."""

    what: str
    offer_id: str | None = None
    before: str | None = None
    after: str | None = None


def differences(approved: Purchase, fresh: Purchase) -> list[Difference]:
    """Why `fresh` may not be ordered on the approval of `approved`; empty where it may. Cheaper is not a difference."""
    found: list[Difference] = []
    if fresh.payable is None or approved.payable is None or fresh.payable > approved.payable:
        found.append(Difference(what="total", before=yuan_or_none(approved.payable), after=yuan_or_none(fresh.payable)))
        found += _dearer_lines(approved.parts, fresh.parts)
    if _split(approved.parts) != _split(fresh.parts):
        found.append(
            Difference(what="split", before=str(len(_split(approved.parts))), after=str(len(_split(fresh.parts))))
        )
    for before, after in zip(approved.parts, fresh.parts, strict=True):
        for name in ("flow", "trade_type"):
            if getattr(before, name) != getattr(after, name):
                found.append(Difference(what=name, before=getattr(before, name), after=getattr(after, name)))
    known = {_identity(finding) for finding in approved.findings}
    found += [
        Difference(what="blocker", offer_id=finding.offer_id, after=finding.code)
        for finding in fresh.findings
        if finding.severity == "blocks" and _identity(finding) not in known
    ]
    return found


def _identity(finding: Finding) -> tuple[str, str | None]:
    return finding.code, finding.offer_id


def _split(parts: Sequence[Part]) -> list[list[str]]:
    """Which lines each order holds, whatever the order of orders and lines."""
    return sorted(
        sorted(f"{line.offer_id}/{line.spec_id}" for line in order.lines)
        for part in parts
        for order in part.answer.orders
    )


def _amounts(parts: Sequence[Part]) -> dict[tuple[str, str | None], int | None]:
    amounts: dict[tuple[str, str | None], int | None] = {}
    for part in parts:
        for order in part.answer.orders:
            for line in order.lines:
                own = asked_for(line, part.lines)
                amounts[own.key if own else (line.offer_id, line.spec_id)] = line.amount
    return amounts


def _dearer_lines(before: Sequence[Part], after: Sequence[Part]) -> list[Difference]:
    old, new = _amounts(before), _amounts(after)
    return [
        Difference(what="line", offer_id=key[0], before=yuan_or_none(old.get(key)), after=yuan_or_none(amount))
        for key, amount in new.items()
        if amount != old.get(key)
    ]
