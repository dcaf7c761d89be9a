"""What `create_order` answers, made of placements of which there are two: each says its own."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orders_prompts.renderer import Texts
from orders_tools.consent.demand import Way
from orders_tools.errors import FaultCode, ToolFault
from orders_tools.ports import Policy, Purchasing
from orders_tools.purchase.model import FailedLine, Line, PlacedOrder
from orders_tools.purchase.records import Placement, Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.results.create import CreateResult
from orders_tools.results.create_outcomes import outcome_of, waiting_result
from orders_tools.vocabulary import Channel
from support.a_purchase import NOW, OFFER, OTHER, SKU, answer, basket, part, purchase

OTHER_SKU = "0123456789abcdef0123456789abcdef"
LINES = (
    Line(offer_id=OFFER, spec_id=SKU, quantity=9),
    Line(offer_id=OFFER, spec_id=OTHER_SKU, quantity=40),
    Line(offer_id=OTHER, quantity=50),
)
WANTED = basket(*LINES)
PLACED = Verdict(state=PlacementState.PLACED, evidence="order_ids", orders=(PlacedOrder(order_id="1", payable=6400),))


WAYS = [Way(Channel.TERMINAL, command="xportcn-orders approve PO1")]


def buying(now: datetime = NOW) -> Purchasing:
    named = {"program": "xportcn-orders", "shows_dialogs": True}
    return cast(Purchasing, SimpleNamespace(texts=Texts("en"), clock=lambda: now, policy=Policy(), **named))


def placement(number: int, state: PlacementState, verdict: Verdict | None = None, **changed: Any) -> Placement:
    fields: dict[str, Any] = {
        "part_ref": f"PO1-{number}",
        "token": "PV-1",
        "state": state,
        "part": part(answer(), WANTED),
        "deadline": NOW + timedelta(minutes=number),
        "dispatched_at": NOW,
        "verdict": verdict,
    }
    return Placement(**{**fields, **changed})


def told(*placements: Placement) -> CreateResult:
    return outcome_of(buying(), purchase(wanted=WANTED), placements, replayed=False)


def rejected(evidence: str, **said: Any) -> Verdict:
    return Verdict(state=PlacementState.REJECTED, evidence=evidence, **said)


@pytest.mark.parametrize(
    ("failed", "remedy"),
    [
        (FailedLine(offer_id=OFFER, spec_id=SKU, code="500", message="500_004:剩余 5"), "Order 5 or fewer."),
        (FailedLine(offer_id=OFFER, spec_id=OTHER_SKU, code="500", message="500_004:剩余 30"), "Order 30 or fewer."),
        (FailedLine(offer_id=OTHER, spec_id=None, code="500", message="500_004:剩余 20"), "Order 20 or fewer."),
        (FailedLine(offer_id=OTHER, spec_id="x", code="500", message="500_004:剩余 20"), "Order 20 or fewer."),
        (
            FailedLine(offer_id=OFFER, spec_id=None, code="500", message="500_004:剩余 5"),
            "Order fewer, or take another SKU.",
        ),
    ],
    ids=["one variant", "the other variant", "another offer", "a variant nobody asked for", "either variant"],
)
def test_a_line_that_failed_beside_others_names_the_quantity_of_its_own(failed: FailedLine, remedy: str) -> None:
    verdict = PLACED.model_copy(update={"state": PlacementState.PARTLY_PLACED, "failed_lines": (failed,)})
    result = told(placement(1, PlacementState.PARTLY_PLACED, verdict))

    assert result.outcome == "partly_placed"
    assert [(each.offer_id, each.spec_id, each.remedy) for each in result.failed_lines] == [
        (failed.offer_id, failed.spec_id, remedy)
    ]


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ("placed placed", "placed"),
        ("rejected rejected", "rejected"),
        ("placed rejected", "partly_placed"),
        ("rejected partly_placed", "partly_placed"),
        ("placed unknown", "unknown"),
        ("rejected unknown", "unknown"),
        ("partly_placed unknown", "unknown"),
    ],
)
def test_the_outcome_of_two_parts(states: str, outcome: str) -> None:
    found = [
        placement(number, PlacementState(state), rejected("refused") if state == "rejected" else None)
        for number, state in enumerate(states.split(), start=1)
    ]
    assert told(*found).outcome == outcome


@pytest.mark.parametrize("state", [PlacementState.CLAIMED, PlacementState.DISPATCHED])
@pytest.mark.parametrize(("left", "wait"), [(60, 5), (5, 5), (3.2, 4), (0.4, 1), (0, 1), (-10, 1)])
def test_a_part_on_its_way_is_waited_for_until_the_last_deadline(state: PlacementState, left: float, wait: int) -> None:
    found = [placement(2, state), placement(1, PlacementState.PLACED, PLACED)]
    until = NOW + timedelta(minutes=2)
    with pytest.raises(ToolFault) as fault:
        outcome_of(buying(until - timedelta(seconds=left)), purchase(wanted=WANTED), found, replayed=True)

    assert fault.value.code is FaultCode.IN_PROGRESS
    assert fault.value.details == {"purchase_ref": "PO1", "retry_after_seconds": wait, "settled_by": until}
    after = outcome_of(buying(), purchase(wanted=WANTED), found, replayed=True, in_flight="unknown")
    assert (after.outcome, after.replayed) == ("unknown", True)


def test_lines_of_a_part_that_was_not_ordered_say_why_and_of_a_made_one_nothing() -> None:
    refused = rejected("refused", code="500", message="500_004:库存不足")
    result = told(placement(1, PlacementState.PLACED, PLACED), placement(2, PlacementState.REJECTED, refused))

    assert [(each.offer_id, each.spec_id) for each in result.failed_lines] == [
        (line.offer_id, line.spec_id) for line in LINES
    ]
    assert {each.code for each in result.failed_lines} == {"500_004"}
    assert [each.order_id for each in result.orders] == ["1"]


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ("never_connected", "could not be reached"),
        ("released_by_a_person", "declared that no order was made"),
    ],
)
def test_a_part_that_was_never_sent_or_was_released_says_so_and_blames_no_line(evidence: str, said: str) -> None:
    found = [placement(number, PlacementState.REJECTED, rejected(evidence)) for number in (1, 2)]
    result = told(*found)

    assert result.outcome == "rejected"
    assert len(result.failed_lines) == 2 * len(LINES)
    assert all(said in each.reason for each in result.failed_lines), result.failed_lines[0].reason


def test_one_part_that_reached_the_upstream_is_enough_to_say_so() -> None:
    sent = placement(1, PlacementState.REJECTED, rejected("refused", message="500_001"))
    unsent = placement(2, PlacementState.REJECTED, rejected("never_connected"))

    assert told(sent, unsent).next_step == told(sent).next_step
    assert told(unsent).next_step != told(sent).next_step


@pytest.mark.parametrize("why", ["silent", "empty", "unanswered", "no_dialog", "waits"])
def test_what_waits_for_a_person_is_no_repetition(why: str) -> None:
    result = waiting_result(buying(), purchase(), why, WAYS)

    assert (result.outcome, result.replayed, result.orders) == ("awaiting_approval", False, [])
