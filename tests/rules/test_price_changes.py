"""What an order costs now beside what was approved, also where one create call made several orders."""

from datetime import timedelta

import pytest

from orders_prompts.renderer import Texts
from orders_tools.orders.model import UpstreamOrder
from orders_tools.purchase.model import FailedLine, PlacedOrder
from orders_tools.purchase.records import Placement, Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.results.order_views import order_view, price_change_of
from orders_tools.results.redaction import NO_REDACTIONS
from orders_tools.rules.approved_vs_made import approved_and_current
from support.a_purchase import NOW, answer, order, part

SPLIT = answer(order(sum_payment=6400), order(sum_payment=3600))
FAILED = FailedLine(offer_id="1", spec_id=None, code=None, message=None)


def placed(verdict: Verdict | None) -> Placement:
    return Placement(
        part_ref="PO1",
        token="PV-1",
        state=PlacementState.PLACED,
        part=part(SPLIT),
        deadline=NOW + timedelta(minutes=1),
        dispatched_at=NOW,
        verdict=verdict,
    )


def recorded(*payables: int | None, failed: bool = False) -> Placement:
    orders = tuple(PlacedOrder(order_id=str(number), payable=payable) for number, payable in enumerate(payables, 1))
    lines = (FAILED,) if failed else ()
    return placed(Verdict(state=PlacementState.PLACED, evidence="order_ids", orders=orders, failed_lines=lines))


def now(*payables: int | None) -> list[UpstreamOrder]:
    return [
        UpstreamOrder(order_id=str(number), status="awaiting_payment", upstream_status="waitbuyerpay", payable=payable)
        for number, payable in enumerate(payables, 1)
    ]


@pytest.mark.parametrize(
    ("placement", "orders", "expected"),
    [
        (recorded(6400, 3600), now(6500), (6400, 6500)),
        (recorded(None, 3600), now(6500), (None, 6500)),
        (recorded(None, None), now(6500, 3600), (10000, 10100)),
        (recorded(6400, failed=True), now(6500), (6400, 6500)),
        (recorded(None, failed=True), now(6500), (None, 6500)),
        (recorded(6400, 3600, failed=True), now(6500, 3600), (10000, 10100)),
        (recorded(6400, 3700, failed=True), now(6500, 3600), (10100, 10100)),
        (recorded(6500, 3600, 1000), now(6500, 3600), (10100, 10100)),
        (placed(None), now(6500), (None, 6500)),
        (placed(None), now(6500, 3600), (10000, 10100)),
        (recorded(6400, 3600), now(None), (6400, None)),
    ],
    ids=[
        "one of two, as recorded",
        "one of two that was never recorded",
        "both together, as previewed",
        "some lines failed, as recorded",
        "some lines failed, nothing recorded",
        "some lines failed, both as recorded",
        "some lines failed, both as recorded though the preview said less",
        "two of three, as recorded",
        "one of two, nothing recorded",
        "both, nothing recorded",
        "the upstream does not say",
    ],
)
def test_an_order_is_compared_with_what_was_approved_for_it(
    placement: Placement, orders: list[UpstreamOrder], expected: tuple[int | None, int | None]
) -> None:
    assert approved_and_current(orders, placement) == expected


def test_a_difference_is_told_with_its_sign_and_none_where_there_is_none() -> None:
    texts = Texts("en")
    [cheaper] = now(6000)
    told = order_view(cheaper, texts, NO_REDACTIONS, recorded(6400, 3600)).price_change
    assert told is not None
    assert (told.approved, told.now, told.difference, told.orders) == ("64.00", "60.00", "-4.00", 1)
    assert order_view(now(6400)[0], texts, NO_REDACTIONS, recorded(6400, 3600)).price_change is None
    assert order_view(cheaper, texts, NO_REDACTIONS).price_change is None
    together = price_change_of(now(6500, 3600), recorded(None, None))
    assert together is not None
    assert (together.approved, together.now, together.difference, together.orders) == ("100.00", "101.00", "1.00", 2)
