"""Order ids beside which an answer tells more than was previewed: none of them is taken for this call's order."""

from typing import Any

import pytest

from orders_tools.ports import CreateReply
from orders_tools.purchase.model import PlacedOrder
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.create_evidence import judge

TWO = tuple(PlacedOrder(order_id=order_id) for order_id in "12")


@pytest.mark.parametrize(
    ("beside", "previewed", "ids"),
    [
        ({"named": ("3",)}, 2, ("1", "2", "3")),
        ({"unnamed_orders": 1}, 2, ("1", "2")),
        ({"named": ("3",), "unnamed_orders": 1}, 2, ("1", "2", "3")),
        ({}, 1, ("1", "2")),
        ({}, 2, ()),
        ({}, 0, ()),
    ],
)
def test_orders_beside_which_more_is_told_are_all_in_doubt(
    beside: dict[str, Any], previewed: int, ids: tuple[str, ...]
) -> None:
    verdict = judge(CreateReply(connected=True, complete=True, code="200", orders=TWO, **beside), (), previewed)

    assert verdict.state is (PlacementState.UNKNOWN if ids else PlacementState.PLACED)
    assert (verdict.named, verdict.orders) == (ids, () if ids else TWO)
