"""Answers to a create call that name orders: whose they are, what failed beside them, and who spoke first."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from torture.scripted import DETAIL, FAULTS, LIST, Fault, Reply, ScriptedUpstream, refusal, success
from torture.world import BASKETS, Said, World

from orders_tools.consent.answer import Answer
from orders_tools.create_order import create_order
from orders_tools.orders.model import UnreadRow
from orders_tools.ports import Upstream, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.model import PlacedOrder
from orders_tools.purchase.records import Placement, Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.settlement.reconciliation import try_to_settle
from support.told import Told, goods, order, page

pytestmark = pytest.mark.anyio
ONE, SPLIT = BASKETS["one"], BASKETS["split"]


def answers(world: World, monkeypatch: pytest.MonkeyPatch, reply: Reply) -> None:
    """The next create call is not carried out, and answered with `reply`."""
    monkeypatch.setitem(FAULTS, "answers", Fault(False, "nothing", lambda upstream, made: reply))
    world.upstream.faults = ["answers"]


def codes(said: Said) -> list[str]:
    assert said.result, said.what
    return [issue.code for issue in said.result.issues]


async def placement_of(world: World, token: str) -> Placement:
    [placement] = await world.purchasing.ledger.placements(world.purchasing.owner, token)
    return placement


async def test_the_order_of_another_purchase_is_none_of_this_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await world.create((await world.preview(SPLIT)).what)
    [known, *_] = sorted(first.orders)
    answers(world, monkeypatch, success({"success": True, "orderId": known}))
    token = (await world.preview(ONE)).what
    said = await world.create(token)
    verdict = (await placement_of(world, token)).verdict

    assert (said.what, said.orders, codes(said)) == ("unknown", frozenset(), ["ORDER_NAMED"])
    assert verdict
    assert (verdict.state, verdict.evidence) == (PlacementState.UNKNOWN, "order_of_another_purchase")
    assert (verdict.named, verdict.code) == ((known,), "200")
    assert verdict.differences[0].details == {"order_ids": [known]}


@pytest.mark.parametrize("place", [{"orderNo": "47110001"}, {"log": [{"orderNo": 47110001}]}])
async def test_a_refusal_that_names_the_reference_of_another_purchase_is_a_doubt_about_no_order(
    world: World, monkeypatch: pytest.MonkeyPatch, place: dict[str, Any]
) -> None:
    await world.create((await world.preview(SPLIT, purchase_ref="47110001")).what)
    answers(world, monkeypatch, refusal("500", "500_004 库存不足", place))
    said = await world.create((await world.preview(ONE)).what)

    assert (said.what, said.orders, codes(said)) == ("unknown", frozenset(), [])


async def test_lines_that_failed_beside_an_order_are_not_expected_in_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{"offer_id": f"61000000000{number}", "quantity": number} for number in (1, 2)]
    token = (await world.preview(lines)).what
    made = world.upstream.foreign_order((("610000000001", None, 1),))
    failed = [{"offerId": "610000000002", "errorCode": "500_004", "errorMessage": "库存不足"}]
    answers(world, monkeypatch, success({"orderId": made.order_id, "failedOfferList": failed}))
    said = await world.create(token)
    again = await world.create(token)

    for each in (said, again):
        assert (each.what, each.orders, codes(each)) == ("partly_placed", frozenset({made.order_id}), [])
        assert each.result
        assert [line.offer_id for line in each.result.failed_lines] == ["610000000002"]


async def test_a_refusal_that_the_operator_knows_is_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = replace(world.purchasing.policy, more_refusals=("该买家受限",))
    heard: list[str] = []
    for purchasing in (replace(world.purchasing, policy=policy), world.purchasing):
        answers(world, monkeypatch, refusal("500", "该买家受限: 610000000001"))
        token = (await world.preview(ONE)).what
        given = {"preview_token": token, "expected_total": world.shown[token].total}
        heard.append((await create_order(purchasing, given, Answer.YES, world.clock())).outcome)

    assert heard == ["rejected", "unknown"]


async def test_a_ledger_that_breaks_behind_the_call_hides_no_order(world: World) -> None:
    def broken() -> None:
        world.file.write_bytes(b"no ledger any more")

    token = (await world.preview(ONE)).what
    world.points.acts["after create"] = broken
    said = await world.create(token)

    assert (said.what, said.orders) == ("placed", frozenset(world.upstream.executed[0].order_ids))


async def test_a_word_on_it_that_came_first_stays(world: World) -> None:
    token = (await world.preview(BASKETS["two_sellers"], purchase_ref="PO-7")).what
    theirs = Verdict(state=PlacementState.PLACED, evidence="person", orders=(PlacedOrder(order_id="77", payable=1),))

    async def first() -> None:
        world.points.waits.clear()
        assert await world.purchasing.ledger.record(world.purchasing.owner, "PO-7-1", theirs, world.clock())

    world.points.waits["before record"] = first
    said = await world.create(token)

    assert said.what == "placed"
    assert said.orders == {"77", *world.upstream.executed[1].order_ids}


async def test_an_order_whose_lines_its_details_leave_out_is_not_compared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = world.upstream._told  # pyright: ignore[reportPrivateUsage]

    def without_lines(made: Any) -> dict[str, Any]:
        return {**real(made), "productItems": []}

    token = (await world.preview(ONE)).what
    with monkeypatch.context() as bare:
        bare.setattr(world.upstream, "_told", without_lines)
        first = await world.create(token)
    second = await world.create(token)

    assert (first.what, codes(first)) == ("placed", ["ORDER_NOT_COMPARED"])
    assert (second.what, codes(second)) == ("placed", [])


@pytest.mark.parametrize(
    ("failure", "looks"),
    [
        (UpstreamUnavailable("odd", answered=True), 2),
        (UpstreamUnavailable("away"), 1),
        (UpstreamRefused("500", "no"), 1),
    ],
    ids=["unreadable", "away", "refused"],
)
async def test_of_several_orders_the_next_is_looked_at_where_the_upstream_answers(
    world: World, failure: Any, looks: int
) -> None:
    world.upstream.lag = 600
    token = (await world.preview(SPLIT)).what
    await world.create(token)
    ids = world.upstream.executed[0].order_ids
    told = Told([], {ids[0]: failure, ids[1]: order(ids[1], lines=(goods("610000000005", 3),))})
    placement = await try_to_settle(replace(world.purchasing, upstream=told), await placement_of(world, token))

    assert told.looked == list(ids[:looks])
    assert placement.verdict
    differences = {each.code.value: each.details["order_ids"] for each in placement.verdict.differences}
    assert differences == {"ORDER_UNREAD": list(ids[:1] if looks == 2 else ids)}
    assert not placement.verdict.compared
    assert world.upstream.calls[DETAIL] == 2


def refuses(monkeypatch: pytest.MonkeyPatch, world: World, *pieces: int, made_at: datetime | None = None) -> None:
    """The next create call is refused by a documented code, and there are orders with its reference all the same."""

    def answer(upstream: ScriptedUpstream, made: object) -> Reply:
        for many in pieces:
            upstream.foreign_order((("610000000001", None, many),), upstream.reference, made_at=made_at)
        return refusal("500", "500_004 库存不足")

    monkeypatch.setitem(FAULTS, "refuses", Fault(False, "nothing", answer))
    world.upstream.faults = ["refuses"]


async def test_a_refusal_beside_an_order_with_our_reference_is_a_doubt_that_keeps_both(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses(monkeypatch, world, 1, 5)
    token = (await world.preview(ONE)).what
    said = await world.create(token)
    verdict = (await placement_of(world, token)).verdict

    assert (said.what, codes(said)) == ("unknown", [])
    assert verdict
    assert (verdict.evidence, verdict.code, verdict.message) == ("refused_and_found", "500", "500_004 库存不足")
    assert set(verdict.named) == {made.order_id for made in world.upstream.orders}


async def test_a_refusal_beside_the_very_order_is_settled_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses(monkeypatch, world, 2)
    said = await world.create((await world.preview(ONE)).what)

    assert (said.what, said.orders) == ("placed", {world.upstream.orders[0].order_id})


@pytest.mark.parametrize("pieces", [(), (2,)], ids=["no order", "an order of long ago"])
async def test_a_refusal_stands_where_the_list_has_no_order_of_this_call(
    world: World, monkeypatch: pytest.MonkeyPatch, pieces: tuple[int, ...]
) -> None:
    refuses(monkeypatch, world, *pieces, made_at=world.clock() - timedelta(days=400))
    said = await world.create((await world.preview(ONE)).what)

    assert said.what == "rejected"
    assert world.upstream.calls[LIST] == 2


class Mixed:
    """The scripted upstream, whose order list is told by a test."""

    def __init__(self, real: Any, told: Told) -> None:
        self.preview, self.create, self.order = real.preview, real.create, real.order
        self.orders = told.orders


async def test_a_refusal_beside_an_order_that_cannot_be_read_is_a_doubt(world: World) -> None:
    world.upstream.faults = ["refused_short_stock"]
    token = (await world.preview(ONE, purchase_ref="PO-7")).what
    told = Told([page(), page(unread=[UnreadRow(mark="a", out_order_id="PO-7")])])
    purchasing = replace(world.purchasing, upstream=cast(Upstream, Mixed(world.purchasing.upstream, told)))
    given = {"preview_token": token, "expected_total": world.shown[token].total}
    said = await create_order(purchasing, given, Answer.YES, world.clock())

    assert (said.outcome, said.orders, said.issues) == ("unknown", [], [])
