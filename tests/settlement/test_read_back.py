"""Orders that an answer names: read back before they count, said where they are not, unknown where they cannot be."""

from collections.abc import Mapping
from typing import Any

import pytest
from torture.joining import violations
from torture.scripted import CREATE, DETAIL, FAULTS, Fault, Reply, success
from torture.world import BASKETS, Crash, Said, World

from orders_tools.settlement import read_back as conclusion

pytestmark = pytest.mark.anyio
ONE = BASKETS["one"]


def codes(said: Said) -> list[str]:
    assert said.result
    return [issue.code for issue in said.result.issues]


def unreadable(world: World, monkeypatch: pytest.MonkeyPatch, path: str = DETAIL) -> None:
    """The upstream fails to answer calls to `path`."""
    real = world.upstream.answer

    def failing(asked: str, headers: Mapping[str, str], content: bytes) -> Reply:
        return Reply(500, b"no") if asked.endswith(path) else real(asked, headers, content)

    monkeypatch.setattr(world.upstream, "answer", failing)


def says(monkeypatch: pytest.MonkeyPatch, data: Any, *, executes: bool = False) -> str:
    """The name of a fault that answers with `data`."""
    monkeypatch.setitem(FAULTS, "says", Fault(executes, "nothing", lambda upstream, made: success(data)))
    return "says"


def executed(world: World) -> set[str]:
    return {order_id for each in world.upstream.executed for order_id in each.order_ids}


async def test_an_id_that_the_upstream_does_not_know_is_said(world: World) -> None:
    world.upstream.faults = ["id_of_nobody_before"]
    token = (await world.preview(ONE)).what
    first = await world.create(token)
    world.clock.forward(600)
    later = await world.create(token)

    assert (first.what, codes(first)) == ("placed", ["ORDER_NOT_FOUND_YET"])
    assert (later.what, codes(later)) == ("placed", ["ORDER_NOT_FOUND_YET"])
    assert first.result
    assert "the ordering API does not find it yet" in first.result.summary
    assert "look on 1688 before buying again" in first.result.summary


async def test_what_is_visible_later_is_said_until_then_only(world: World) -> None:
    world.upstream.lag = 8
    token = (await world.preview(BASKETS["split"])).what
    heard: list[tuple[str, list[str]]] = []
    for seconds in (0, 8, 16):
        world.clock.forward(seconds)
        said = await world.create(token)
        heard.append((said.what, codes(said)))
        assert said.orders == executed(world)

    assert heard == [("placed", ["ORDER_NOT_FOUND_YET"]), ("placed", ["ORDER_NOT_FOUND_YET"]), ("placed", [])]


async def test_an_order_that_cannot_be_read_back_is_said_and_a_difference_is_looked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.upstream.faults, world.upstream.twist_inside_create = ["ids_as_numbers"], "dearer"
    token = (await world.preview(ONE)).what
    with monkeypatch.context() as failing:
        unreadable(world, failing)
        first = [codes(await world.create(token)) for _ in range(2)]
    second = [codes(await world.create(token)) for _ in range(2)]

    assert first == [["ORDER_UNREAD"]] * 2
    assert second == [["CHARGED_DIFFERENTLY"]] * 2


async def test_a_fault_of_our_own_in_reading_back_hides_no_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of our own")

    token = (await world.preview(ONE)).what
    with monkeypatch.context() as failing:
        failing.setattr(conclusion, "order_differences", broken)
        first = await world.create(token)
    second = await world.create(token)

    assert (first.what, first.orders, codes(first)) == ("placed", executed(world), ["ORDER_UNREAD"])
    assert (second.what, codes(second)) == ("placed", [])


@pytest.mark.parametrize("point", ["after enrich", "before order", "after order", "before record"])
async def test_an_id_outlives_a_crash_before_it_is_read_back(world: World, point: str) -> None:
    world.upstream.profile = "ignored"  # so that only the id in the answer leads to the order
    token = (await world.preview(BASKETS["split"])).what
    world.points.plan = [point]
    with pytest.raises(Crash):
        await world.create(token)
    await world.restart()
    said = await world.create(token)

    assert (said.what, said.orders) == ("placed", executed(world))
    assert world.upstream.calls[CREATE] == 1
    assert violations(world) == []


@pytest.mark.parametrize("basket", sorted(BASKETS))
async def test_ids_where_create_names_no_orders_are_read_at_once(world: World, basket: str) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["ids_in_a_side_branch_after"] * 2
    token = (await world.preview(BASKETS[basket])).what
    said = await world.create(token)

    assert (said.what, said.orders, codes(said)) == ("placed", executed(world), [])


async def test_ids_where_create_names_no_orders_are_told_until_they_can_be_read(world: World) -> None:
    world.upstream.profile, world.upstream.lag, world.upstream.faults = "ignored", 8, ["ids_in_a_side_branch_after"]
    token = (await world.preview(ONE)).what
    first = await world.create(token)
    world.clock.forward(8)
    second = await world.create(token)

    assert (first.what, codes(first)) == ("unknown", ["ORDER_NAMED"])
    assert first.result
    assert f"mentions order {executed(world).pop()}" in first.result.summary
    assert (second.what, second.orders) == ("placed", executed(world))


async def test_an_id_elsewhere_of_other_goods_or_of_another_reference_is_not_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (("610000000001", None, 2),)
    other_goods = world.upstream.foreign_order((("610000000001", None, 3),))
    another = world.upstream.foreign_order(lines, "SOMEBODY-ELSE-1")
    ids = [{"orderId": other_goods.order_id}, {"orderId": another.order_id}]
    world.upstream.faults = [says(monkeypatch, {"success": True, "log": ids})]
    token = (await world.preview(ONE)).what

    for seconds in (0, 60, 86_400):
        world.clock.forward(seconds)
        assert (await world.create(token)).what == "unknown"


async def test_of_two_ids_in_doubt_that_each_hold_the_lines_none_is_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await world.preview(ONE)).what
    two = [world.upstream.foreign_order((("610000000001", None, 2),)) for _ in range(2)]
    world.upstream.faults = [says(monkeypatch, {"orderList": [{"orderId": order.order_id} for order in two]})]
    said = await world.create(token)

    assert said.what == "unknown"
    assert said.result
    for order in two:
        assert f"xportcn-orders settle {said.result.purchase_ref} {order.order_id}" in said.result.summary


async def test_more_orders_with_our_reference_than_were_previewed_are_a_doubt(world: World) -> None:
    world.upstream.faults = ["reset_after"]
    token = (await world.preview(ONE)).what
    reference = world.shown[token].purchase_ref
    await world.create(token)
    for _ in range(30):
        world.upstream.foreign_order((("610000000001", None, 2),), reference)
    said = await world.create(token)

    assert (said.what, said.orders) == ("unknown", frozenset())
    assert said.result
    assert said.result.summary.count(f"xportcn-orders settle {reference} ") == 10


@pytest.mark.parametrize("fault", ["none", "reset_after"])
async def test_a_split_that_changed_inside_the_call_is_placed_whole_and_said(world: World, fault: str) -> None:
    world.upstream.faults, world.upstream.twist_inside_create = [fault], "split"
    lines = [{"offer_id": f"61000000000{number}", "quantity": number} for number in (1, 2)]
    token = (await world.preview(lines)).what
    await world.create(token)
    said = await world.create(token)

    assert (said.what, said.orders) == ("placed", executed(world))
    assert "MORE_ORDERS" in codes(said)
    assert said.result
    assert "1688 made 2 orders of what the preview showed as 1" in said.result.summary


@pytest.mark.parametrize("written", ["PO-FIRST", "po_first", "PO-THIRD-2", "4711000000000000001"])
async def test_the_reference_of_another_purchase_is_no_order(
    world: World, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    for basket, reference in (("split", "PO-FIRST"), ("two_sellers", "PO-THIRD"), ("split", "4711000000000000001")):
        world.clock.forward(90_000)
        token = (await world.preview(BASKETS[basket], purchase_ref=reference)).what
        assert (await world.create(token)).what == "placed"
    world.upstream.faults = [says(monkeypatch, {"success": True, "orderNo": written})]
    said = await world.create((await world.preview(ONE)).what)

    assert (said.what, said.orders) == ("unknown", frozenset())
