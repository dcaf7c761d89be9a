"""What 1688 charges, held against what a person approved and what was previewed last."""

from typing import Any

import pytest

from orders_prompts.renderer import Language, Texts
from orders_tools.purchase.model import FailedLine, Line, Part, PlacedOrder
from orders_tools.purchase.records import Finding, Placement, Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.results.builders import issue
from orders_tools.results.redaction import NO_REDACTIONS
from orders_tools.rules.approved_vs_made import approved_and_current, order_differences
from orders_tools.vocabulary import IssueCode
from support.a_purchase import NOW, answer, answer_2026, basket, line, order, part

from .test_price_changes import now

TWO = basket(Line(offer_id="1", quantity=1), Line(offer_id="2", quantity=1))


def halves(*totals: int, approved: tuple[int | None, ...] = ()) -> Part:
    """A part that 1688 splits in two orders, one offer each."""
    orders = [
        order(line(offer_id=offer, spec_id=None, amount=fen), goods=fen, carriage=0, sum_payment=fen)
        for offer, fen in zip("12", totals, strict=True)
    ]
    return part(answer(*orders), TWO).model_copy(update={"approved": approved})


def told(previewed: Part, *charged: int | None, failed: str = "") -> dict[str, Any] | None:
    """The amounts of the difference that is told; None where there is none."""
    orders = [PlacedOrder(order_id=str(number), payable=fen) for number, fen in enumerate(charged)]
    lines = [FailedLine(offer_id=offer, spec_id=None, code=None, message=None) for offer in failed]
    found = order_differences(previewed, orders, [], lines)
    assert len(found) < 2
    return found[0].details if found else None


def amounts(approved: str, expected: str, charged: str) -> dict[str, str]:
    return {"approved": approved, "expected": expected, "charged": charged}


@pytest.mark.parametrize(
    ("previewed", "charged", "failed", "expected"),
    [
        (halves(3000, 3000, approved=(3200, 3200)), (3000, 3000), "", None),
        (halves(3000, 3000, approved=(3200, 3200)), (3200, 3200), "", amounts("64.00", "60.00", "64.00")),
        (halves(32, 32, approved=(3200, 3200)), (3200, 3200), "", amounts("64.00", "0.64", "64.00")),
        (halves(3000, 3000, approved=(3200, 3200)), (3100, 3100), "", amounts("64.00", "60.00", "62.00")),
        (halves(3200, 3200, approved=(3200, 3200)), (3300, 3200), "", amounts("64.00", "64.00", "65.00")),
        (halves(3200, 3200), (3300, 3200), "", amounts("64.00", "64.00", "65.00")),
        (halves(3000, 2900, approved=(3200, 3100)), (3200,), "2", amounts("32.00", "30.00", "32.00")),
        (halves(3000, 2900, approved=(3200, 3100)), (3100,), "1", amounts("31.00", "29.00", "31.00")),
        (halves(3000, 2900, approved=(3200, 3100)), (2900,), "1", None),
        (halves(3000, 3000, approved=(None, 3200)), (3200, 3200), "", amounts("60.00", "60.00", "64.00")),
        (halves(3000, 3000), (None, 3000), "", None),
    ],
)
def test_a_charge_is_told_beside_what_was_approved_and_what_was_previewed(
    previewed: Part, charged: tuple[int | None, ...], failed: str, expected: dict[str, str] | None
) -> None:
    assert told(previewed, *charged, failed=failed) == expected


def test_a_charge_with_its_fee_or_without_is_as_previewed() -> None:
    with_fee = part(answer_2026()).model_copy(update={"approved": (6600,)})
    assert told(with_fee, 6400) is None
    assert told(with_fee, 6561) is None
    assert told(with_fee, 6600) == amounts("66.00", "64.00", "66.00")


@pytest.mark.parametrize(
    ("language", "details", "said"),
    [
        (
            "en",
            amounts("64.00", "0.64", "64.00"),
            "64.00 CNY was approved, and 0.64 CNY previewed just before ordering; 1688 charges 64.00 CNY.",
        ),
        (
            "zh",
            amounts("64.00", "0.64", "64.00"),
            "确认的金额为 64.00 CNY，下单前再次预览为 0.64 CNY；1688 的订单金额为 64.00 CNY。",
        ),
        (
            "en",
            {"expected": "64.00", "charged": "65.00"},
            "64.00 CNY was approved, and previewed again just before ordering; 1688 charges 65.00 CNY.",
        ),
        (
            "zh",
            {"expected": "64.00", "charged": "65.00"},
            "确认的金额为 64.00 CNY，下单前再次预览也是如此；1688 的订单金额为 65.00 CNY。",
        ),
    ],
)
def test_what_was_approved_is_said_first_also_of_what_older_ledgers_kept(
    language: Language, details: dict[str, str], said: str
) -> None:
    finding = Finding(severity="warns", code=IssueCode.CHARGED_DIFFERENTLY, details=details)
    assert issue(finding, Texts(language), NO_REDACTIONS).message == said


def made(*payables: int | None, failed: str = "", previewed: Part | None = None) -> Placement:
    orders = tuple(PlacedOrder(order_id=str(number), payable=fen) for number, fen in enumerate(payables, 1))
    lines = tuple(FailedLine(offer_id=offer, spec_id=None, code=None, message=None) for offer in failed)
    return Placement(
        part_ref="PO1",
        token="PV-1",
        state=PlacementState.PLACED,
        part=previewed or halves(6400, 3600),
        deadline=NOW,
        dispatched_at=NOW,
        verdict=Verdict(state=PlacementState.PLACED, evidence="order_ids", orders=orders, failed_lines=lines),
    )


@pytest.mark.parametrize(
    ("placement", "payables", "expected"),
    [
        (made(6400, 3600), (6500, 3600), (10_000, 10_100)),
        (made(6500, 3600), (6500, 3600), (10_000, 10_100)),
        (made(6500, 3600), (6500,), (6500, 6500)),
        (made(6400, 3600, failed="2"), (6500, 3600), (10_000, 10_100)),
        (made(6400, 3700, failed="2"), (6500, 3600), (10_100, 10_100)),
        (made(6561, previewed=part(answer_2026())), (7000,), (6561, 7000)),
        (made(6400, previewed=part(answer_2026())), (7000,), (6400, 7000)),
        (made(None, previewed=part(answer_2026())), (6561,), (6561, 6561)),
        (made(6400, 3600, None), (6500, 3600, 1), (10_000, 10_101)),
    ],
)
def test_now_is_held_against_all_orders_of_the_call_or_against_what_was_recorded_for_one(
    placement: Placement, payables: tuple[int, ...], expected: tuple[int | None, int | None]
) -> None:
    assert approved_and_current(now(*payables), placement) == expected
