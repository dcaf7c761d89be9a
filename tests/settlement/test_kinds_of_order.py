"""A purchase in doubt, and every kind of order that a look can find: whose it is, and what is said of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from torture.scripted import DETAIL, FAULTS, LIST, Fault, success
from torture.world import BASKETS, Crash, World

from orders_tools.ports import Purchasing, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.records import Placement
from orders_tools.purchase.states import PlacementState
from orders_tools.settlement.reconciliation import reconcile, settle
from support.told import Told, goods, order, page

pytestmark = pytest.mark.anyio
REF, FIRST, SECOND = "PO-7", "610000000001", "610000000005"
UNREADABLE, AWAY = UpstreamUnavailable("odd", answered=True), UpstreamUnavailable("away")
REFUSED = UpstreamRefused("500", "no")
TWO = {"lines": (goods(FIRST, 2),), "payable": 2500}
"""What the one line of the basket becomes."""


def told_by(world: World, told: Told) -> Purchasing:
    return replace(world.purchasing, upstream=told)


async def doubted(world: World, told: Told, basket: str = "one") -> Placement:
    """A purchase whose call was lost, after one look at what is `told`."""
    world.upstream.faults = ["dropped_before"]
    token = (await world.preview(BASKETS[basket], purchase_ref=REF)).what
    assert (await world.create(token)).what == "unknown"
    [placement] = await reconcile(told_by(world, told))
    return placement


async def named(world: World, monkeypatch: pytest.MonkeyPatch, told: Told, *ids: str) -> Placement:
    """A purchase whose answer named `ids` where create names no orders, after one look at what is `told`."""
    log = [{"orderId": each} for each in ids]
    monkeypatch.setitem(FAULTS, "log", Fault(False, "nothing", lambda upstream, made: success({"log": log})))
    world.upstream.faults = ["log"]
    token = (await world.preview(BASKETS["one"], purchase_ref=REF)).what
    assert (await world.create(token)).what == "unknown"
    [placement] = await reconcile(told_by(world, told))
    return placement


def ids(placement: Placement) -> tuple[list[str], list[str]]:
    """The orders that are the placement's, and those that only may be."""
    orders = placement.verdict.orders if placement.verdict else ()
    return [each.order_id for each in orders], [each.order_id for each in placement.candidates]


def codes(placement: Placement) -> list[str]:
    return [each.code for each in placement.verdict.differences] if placement.verdict else []


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (order("9", **TWO), []),
        (order("9", lines=(goods(FIRST, 3),), payable=2500), ["LINES_DIFFER"]),
        (order("9", lines=(goods(FIRST, 2),), unread=("payable",)), ["ORDER_NOT_COMPARED"]),
        (order("8", lines=(goods(FIRST, 3),)), ["ORDER_NOT_COMPARED"]),
        (None, ["ORDER_NOT_COMPARED"]),
        (UNREADABLE, ["ORDER_NOT_COMPARED"]),
        (AWAY, ["ORDER_NOT_COMPARED"]),
        (REFUSED, ["ORDER_NOT_COMPARED"]),
    ],
    ids=["read", "other lines", "no total", "another order", "none", "unreadable", "away", "refused"],
)
async def test_an_order_whose_lines_the_list_leaves_out_is_read_for_them(
    world: World, whole: Any, said: list[str]
) -> None:
    told = Told([page(order("9", out_order_id=REF, payable=2500))], {"9": whole})
    placement = await doubted(world, told)

    assert (placement.state, ids(placement), codes(placement)) == (PlacementState.PLACED, (["9"], []), said)
    assert told.looked == ["9"]
    assert [query.out_order_id for query in told.asked] == [REF]  # its number is enough
    assert placement.verdict
    assert placement.verdict.compared is ("ORDER_NOT_COMPARED" not in said)


async def test_an_order_that_is_recorded_for_another_purchase_is_none_of_this_one(world: World) -> None:
    other = await world.create((await world.preview(BASKETS["split"])).what)
    [known, *_] = other.orders
    placement = await doubted(world, Told([page(order(known, out_order_id=REF, **TWO))]))

    assert (placement.state, ids(placement)) == (PlacementState.UNKNOWN, ([], []))


async def test_an_order_is_found_behind_one_of_before_the_send(world: World) -> None:
    before = order("8", created_at=world.clock() - timedelta(days=1), **TWO)
    placement = await doubted(world, Told([page(), page(before, order("9", **TWO))]))

    assert ids(placement) == ([], ["9"])


async def test_an_order_whose_number_is_only_in_the_list_stays_ours_whatever_its_details_say(world: World) -> None:
    placement = await doubted(
        world, Told([page(order("9", out_order_id=REF))], {"9": order("9", lines=(goods("1", 1),))})
    )

    assert placement.state is PlacementState.UNKNOWN
    assert ids(placement) == ([], ["9"])


@pytest.mark.parametrize(
    ("pieces", "state", "said"),
    [
        ([3], "placed", ["LINES_DIFFER"]),
        ([1, 1], "placed", ["MORE_ORDERS"]),
        ([1, 2], "unknown", []),
        ([2, 2], "unknown", []),
    ],
)
async def test_more_orders_with_our_number_than_previewed_have_to_hold_the_lines_together(
    world: World, pieces: list[int], state: str, said: list[str]
) -> None:
    share = 2500 // len(pieces)
    orders = [
        order(str(number), out_order_id=REF, lines=(goods(FIRST, many),), payable=share)
        for number, many in enumerate(pieces)
    ]
    placement = await doubted(world, Told([page(*orders)]))

    assert (placement.state.value, codes(placement)) == (state, said)


HALF, REST, BARE = {"lines": (goods(FIRST, 1),)}, {"lines": (goods(SECOND, 3),)}, dict[str, Any]()


@pytest.mark.parametrize(
    ("orders", "state"),
    [
        ([HALF], "unknown"),
        ([HALF, REST], "placed"),
        ([BARE], "unknown"),
        ([BARE, BARE], "placed"),
        ([HALF, BARE], "placed"),
        ([HALF, HALF], "unknown"),
    ],
)
async def test_a_split_purchase_is_found_once_all_of_it_is(
    world: World, orders: list[dict[str, Any]], state: str
) -> None:
    found = [order(str(number), out_order_id=REF, payable=3750, **each) for number, each in enumerate(orders)]
    placement = await doubted(world, Told([page(*found)]), "split")

    assert placement.state.value == state
    assert len(ids(placement)[state == "unknown"]) in {len(found), 0}


@pytest.mark.parametrize(
    ("candidate", "alike"),
    [
        (TWO, True),
        ({**TWO, "payable": 2600}, False),
        ({**TWO, "payable": None}, False),
        ({**TWO, "payable": None, "unread": ("payable",)}, True),
        ({"payable": None, "unread": ("payable",), "lines": (goods(FIRST, 3),)}, False),
        ({"payable": 2500, "lines": (goods(FIRST, 3),)}, False),
        ({"payable": 2500, "unread": ("lines",)}, True),
        ({"payable": 2500, "unread": ("lines",), "lines": (goods("1", 1),)}, True),
        ({**TWO, "out_order_id": "SOMEBODY-ELSE"}, False),
        ({**TWO, "created_at": -601}, False),
        ({**TWO, "created_at": -600}, True),
    ],
)
async def test_an_order_without_a_number_may_be_ours_where_nothing_that_is_known_of_it_differs(
    world: World, candidate: dict[str, Any], alike: bool
) -> None:
    if "created_at" in candidate:  # seconds after the send, which is two seconds from now
        candidate = {**candidate, "created_at": world.clock() + timedelta(seconds=2 + candidate["created_at"])}
    placement = await doubted(world, Told([page(), page(order("9", **candidate))]))

    assert (placement.state, ids(placement)) == (PlacementState.UNKNOWN, ([], ["9"] if alike else []))


@pytest.mark.parametrize(
    ("wholes", "found", "looks"),
    [
        ({"91": order("91", **TWO), "92": order("92", lines=(goods("1", 1),))}, ["91"], 2),
        ({"91": order("91", **TWO), "92": order("92", **TWO)}, [], 2),
        ({"91": order("91", lines=(goods(FIRST, 1),)), "92": order("92", lines=(goods(FIRST, 1),))}, ["91", "92"], 2),
        ({"91": UNREADABLE, "92": order("92", **TWO)}, ["92"], 2),
        ({"91": AWAY, "92": order("92", **TWO)}, [], 1),
        ({"91": order("91", out_order_id="", **TWO)}, ["91"], 2),
        ({"91": order("91", out_order_id=REF, **TWO)}, ["91"], 2),
        ({"91": order("91", out_order_id="PO-8", **TWO)}, [], 2),
    ],
)
async def test_of_ids_in_doubt_only_orders_that_hold_the_lines_are_ours(
    world: World, monkeypatch: pytest.MonkeyPatch, wholes: dict[str, Any], found: list[str], looks: int
) -> None:
    told = Told([], wholes)
    placement = await named(world, monkeypatch, told, "91", "92")

    assert placement.state is (PlacementState.PLACED if found else PlacementState.UNKNOWN)
    assert ids(placement)[0] == found
    assert len(told.looked) == looks


@pytest.mark.parametrize(("many", "looks"), [(10, 10), (11, 0)])
async def test_ids_in_doubt_are_read_as_long_as_they_are_few(
    world: World, monkeypatch: pytest.MonkeyPatch, many: int, looks: int
) -> None:
    told = Told()
    await named(world, monkeypatch, told, *(str(9000 + number) for number in range(many)))

    assert len(told.looked) == looks


async def test_why_an_order_of_before_the_send_is_a_doubt_is_kept_with_the_answer(world: World) -> None:
    world.upstream.faults = ["id_of_long_ago_before"]
    token = (await world.preview(BASKETS["one"])).what
    await world.create(token)
    [placement] = await world.purchasing.ledger.in_doubt(world.purchasing.owner)

    assert placement.verdict
    assert (placement.verdict.evidence, placement.verdict.code) == ("order_of_before_the_send", "200")
    assert placement.verdict.message == "成功"
    assert placement.verdict.named == (world.upstream.orders[0].order_id,)


@pytest.mark.parametrize(
    ("point", "states"),
    [
        ("before dispatch", ["claimed", "rejected"]),
        ("before create", ["dispatched", "unknown"]),
    ],
)
@pytest.mark.parametrize(("left", "over"), [(1, 0), (0, 1)])
async def test_a_call_is_given_up_at_its_deadline_and_not_before(
    world: World, point: str, states: list[str], left: int, over: int
) -> None:
    token = (await world.preview(BASKETS["two_sellers"])).what
    world.points.plan = [point]
    with pytest.raises(Crash):
        await world.create(token)
    await world.restart()
    rows = await world.purchasing.ledger.placements(world.purchasing.owner, token)
    row = next(each for each in rows if each.state.value == states[0])
    world.clock.now = row.deadline - timedelta(microseconds=left)

    assert (await settle(told_by(world, Told()), row)).state.value == states[over]


async def test_what_never_left_is_not_looked_for(world: World) -> None:
    world.upstream.faults = ["never_connected"]

    assert (await world.create((await world.preview(BASKETS["one"])).what)).what == "rejected"
    assert world.upstream.calls[LIST] == 1  # the look before the send


async def test_what_was_refused_has_no_order_to_look_at(world: World) -> None:
    world.upstream.faults = ["refused_short_stock"]
    token = (await world.preview(BASKETS["one"])).what
    said = [await world.create(token) for _ in range(2)]

    assert [each.what for each in said] == ["rejected", "rejected"]
    assert [each.result.issues for each in said if each.result] == [[], []]
    assert world.upstream.calls[DETAIL] == 0


async def test_an_order_is_looked_at_until_it_was_compared_once_and_that_is_kept(world: World) -> None:
    world.upstream.lag = 8
    token = (await world.preview(BASKETS["one"])).what
    looks: list[int] = []
    for seconds in (0, 8, 8):
        await world.create(token)
        world.clock.forward(seconds)
        looks.append(world.upstream.calls[DETAIL])
    await world.create(token)
    [placement] = await world.purchasing.ledger.placements(world.purchasing.owner, token)

    assert (looks, world.upstream.calls[DETAIL]) == ([1, 2, 3], 3)
    assert placement.verdict
    assert placement.verdict.compared
    assert placement.verdict.orders[0].pay_by
