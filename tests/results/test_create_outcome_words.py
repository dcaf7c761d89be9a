"""What `create_order` tells beside an outcome: who approved it, what is cheaper, what may be it, what to do next."""

from datetime import timedelta
from typing import Any

import pytest

from orders_tools.purchase.model import FailedLine, Line, PlacedOrder
from orders_tools.purchase.records import Approval, Finding, Placement, Purchase, Verdict
from orders_tools.purchase.states import PlacementState, TokenState
from orders_tools.results.create import CreateResult
from orders_tools.results.create_outcomes import declined_result, outcome_of, waiting_result
from orders_tools.vocabulary import Channel, IssueCode
from support.a_purchase import ADDRESS, NOW, OFFER, SKU, answer, basket, line, order, part, purchase

from .test_create_outcomes import WAYS, buying, placement

ONE = basket()
PLACED = Verdict(state=PlacementState.PLACED, evidence="order_ids", orders=(PlacedOrder(order_id="1", payable=6400),))
BY_ITSELF = "answered by itself"


def told(*placements: Placement, of: Purchase | None = None) -> CreateResult:
    return outcome_of(buying(), of or purchase(), placements, replayed=False)


def one(state: PlacementState, verdict: Verdict | None, **changed: Any) -> Placement:
    """The one call of a basket of one line."""
    return placement(1, state, verdict, **{"part": part(answer(), ONE), **changed})


def rejected(**said: Any) -> Placement:
    verdict = Verdict(state=PlacementState.REJECTED, evidence="documented_refusal", **said)
    return one(PlacementState.REJECTED, verdict)


@pytest.mark.parametrize(
    ("channel", "took", "by_itself"),
    [
        (Channel.DIALOG, 0.5, True),
        (Channel.DIALOG, 2, False),
        (Channel.TERMINAL, 0.5, False),
    ],
)
def test_who_approved_is_told_and_whether_that_can_have_been_a_person(
    channel: Channel, took: float, by_itself: bool
) -> None:
    approval = Approval(channel=channel, at=NOW, shown_at=NOW - timedelta(seconds=took))
    result = told(one(PlacementState.PLACED, PLACED), of=purchase(approval=approval))

    assert result.approval
    assert (result.approval.channel, result.approval.at) == (channel, NOW)
    assert (BY_ITSELF in result.summary) is by_itself
    assert result.summary.startswith("**Ordered")


def test_without_an_approval_none_is_told() -> None:
    result = told(one(PlacementState.PLACED, PLACED))

    assert result.approval is None
    assert BY_ITSELF not in result.summary


@pytest.mark.parametrize(
    ("approved", "previewed", "finding", "cheaper"),
    [
        (6400, 6000, None, "fell by 4.00"),
        (6400, 6400, None, None),
        (6400, 6600, None, None),
        (6400, 6000, IssueCode.LINES_DIFFER, "fell by 4.00"),
        (6400, 6000, IssueCode.CHARGED_DIFFERENTLY, None),
    ],
)
def test_a_price_that_fell_before_the_send_is_told_where_it_was_kept(
    approved: int, previewed: int, finding: IssueCode | None, cheaper: str | None
) -> None:
    differences = (
        (Finding(severity="warns", code=finding, details={"expected": "1", "charged": "2"}),) if finding else ()
    )
    verdict = PLACED.model_copy(update={"differences": differences})
    later = part(answer(order(line(amount=previewed - 600), goods=previewed - 600, sum_payment=previewed)), ONE)
    result = told(one(PlacementState.PLACED, verdict, part=later), of=purchase(answer(order(sum_payment=approved))))

    assert "fell by" not in result.summary if cheaper is None else cheaper in result.summary


def test_orders_that_may_be_it_are_named_without_the_consignee() -> None:
    candidates = (PlacedOrder(order_id="77", payable=6400), PlacedOrder(order_id=ADDRESS.mobile))
    result = told(one(PlacementState.UNKNOWN, None, candidates=candidates))

    assert result.outcome == "unknown"
    assert "77" in result.summary
    assert ADDRESS.mobile not in result.summary


def test_words_of_a_refusal_have_blanks_for_the_consignee_and_none_for_ids_of_the_call() -> None:
    own = basket(Line(offer_id=ADDRESS.mobile, quantity=2))
    lines = (
        FailedLine(offer_id=ADDRESS.mobile, spec_id=None, code="771", message=f"{ADDRESS.full_name} {ADDRESS.street}"),
    )
    verdict = PLACED.model_copy(update={"state": PlacementState.PARTLY_PLACED, "failed_lines": lines})
    result = told(one(PlacementState.PARTLY_PLACED, verdict), of=purchase(wanted=own))

    assert [each.offer_id for each in result.failed_lines] == [ADDRESS.mobile]
    assert ADDRESS.full_name not in result.failed_lines[0].reason
    assert ADDRESS.street not in result.failed_lines[0].reason


def test_a_refused_call_tells_its_code_its_meaning_and_the_quantity_to_use() -> None:
    [by_words] = told(rejected(code="500", message="500_005:起订量 10")).failed_lines
    [by_code] = told(rejected(code="771", message="不可订")).failed_lines

    assert (by_words.code, by_words.remedy) == ("500_005", "Order 10 or more.")
    assert (by_code.offer_id, by_code.spec_id, by_code.code) == (OFFER, SKU, "771")


def test_a_line_that_failed_by_its_code_alone_is_told_by_its_meaning() -> None:
    failed = FailedLine(offer_id=OFFER, spec_id=SKU, code="500_001", message="")
    verdict = PLACED.model_copy(update={"state": PlacementState.PARTLY_PLACED, "failed_lines": (failed,)})
    [by_code] = told(one(PlacementState.PARTLY_PLACED, verdict)).failed_lines
    in_words = failed.model_copy(update={"code": None, "message": "500_001"})
    verdict = verdict.model_copy(update={"failed_lines": (in_words,)})
    [by_words] = told(one(PlacementState.PARTLY_PLACED, verdict)).failed_lines

    assert by_code.remedy == by_words.remedy
    assert by_code.remedy


@pytest.mark.parametrize(
    ("why", "again"), [("silent", True), ("empty", True), ("unanswered", False), ("no_dialog", False), ("waits", False)]
)
def test_the_dialog_is_offered_once_more_to_who_came_back_from_it(why: str, again: bool) -> None:
    result = waiting_result(buying(), purchase(), why, WAYS)

    assert ("once more" in result.next_step) is again


@pytest.mark.parametrize(("state", "final"), [(TokenState.OPEN, False), (TokenState.DECLINED, True)])
def test_a_no_in_a_dialog_leaves_the_terminal_and_one_there_leaves_nothing(state: TokenState, final: bool) -> None:
    result = declined_result(buying(), purchase(state=state), WAYS if state is TokenState.OPEN else (), replayed=False)

    assert ("approve PO1" in result.next_step) is not final
    assert (result.outcome, result.replayed) == ("declined", False)
