"""A purchase whose answer was lost, and an odd value in a field of its order or of the one beside it: it is found."""

import copy
import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from orders_sandbox import enquiries
from orders_sandbox.fields import Fields
from support.house import Buyer, House, Person, order_of
from support.oddities import DECIDING, FIELDS, HIDDEN_BY, ODD, Field, with_odd

pytestmark = pytest.mark.anyio
ONE_OF_EACH = list(
    dict.fromkeys(({each.kind: each for each in FIELDS} | {each.tells: each for each in FIELDS}).values())
)
"""A field of each kind of value, and one for each thing that any tells; with every odd value each is read in
tests/xportcn/test_odd_orders.py."""
ODDITIES = list(zip(ONE_OF_EACH, itertools.cycle(ODD), itertools.cycle((True, False)), strict=False))
OF_ANOTHER = list(zip([*DECIDING, *ONE_OF_EACH[::3]], itertools.cycle(ODD), strict=False))


class Unfiltered(Fields):
    """The fields of a call to an API that heeds no external number, so that others stand beside what was asked for."""

    def text(self, name: str, longest: int | None = None) -> str | None:
        return None if name == "outOrderId" else super().text(name, longest)


class Upstream:
    """Changes what the sandbox tells of one of its orders, on the list and in the details."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.order_id = ""
        self.change: Callable[[dict[str, Any]], Any] = lambda order: order
        listing: Callable[..., Any] = enquiries.list_orders
        detail: Callable[..., Any] = enquiries.order_detail

        def listed(*arguments: Any) -> Any:
            reply = listing(*arguments)
            return {**reply, "result": [self._told(row) for row in reply["result"]]}

        def detailed(*arguments: Any) -> Any:
            return self._told(detail(*arguments))

        monkeypatch.setattr("orders_sandbox.app.list_orders", listed)
        monkeypatch.setattr("orders_sandbox.app.order_detail", detailed)

    def _told(self, order: dict[str, Any]) -> Any:
        same = order["baseInfo"]["idOfStr"] == self.order_id
        return self.change(copy.deepcopy(order)) if same else order


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Upstream:
    return Upstream(monkeypatch)


async def lost(house: House, buyer: Buyer, upstream: Upstream) -> tuple[dict[str, Any], str]:
    """The preview of a purchase whose answer was lost a moment after another one was made, and the order's id."""
    house.clock.forward(3600)
    upstream.order_id = ""
    number = len(house.upstream.orders())
    await buyer.create(await buyer.preview(("plain", 1), purchase_ref=f"PO-{number}"))
    preview = await buyer.preview(("lost-answer", 2), purchase_ref=f"PO-{number}-lost")
    assert (await buyer.create(preview))["outcome"] == "unknown"
    return preview, house.upstream.orders()[-1].order_id


async def settled(buyer: Buyer, preview: dict[str, Any], order_id: str) -> dict[str, Any]:
    """What a second call says of the lost order: that it was placed."""
    told = await buyer.said("create_order", **order_of(preview))
    assert (told["outcome"], [order["order_id"] for order in told["orders"]]) == ("placed", [order_id])
    return told


@pytest.mark.parametrize(("field", "name", "filtered"), ODDITIES, ids=str)
async def test_our_order_is_found_settled_and_told_whatever_stands_in_one_of_its_fields(
    house: House, upstream: Upstream, field: Field, name: str, filtered: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not filtered:
            patch.setattr("orders_sandbox.app.Fields", Unfiltered)
        async with house.buyer(person=Person()) as buyer:
            preview, upstream.order_id = await lost(house, buyer, upstream)
            upstream.change = lambda order: with_odd(order, field, name)
            made = await settled(buyer, preview, upstream.order_id)
            views = [
                await buyer.said("get_order", order_id=upstream.order_id),
                await buyer.said("get_order", purchase_ref=preview["purchase_ref"]),
            ]
            page = await buyer.said("list_orders")

    payable = preview["totals"]["payable"]
    for view in views:
        assert view["order_id"] == upstream.order_id
        assert view["totals"]["payable"] in ({None, "7.00"} if field.path[-1] == "totalAmount" else {payable})
        if name in HIDDEN_BY[field.kind]:
            assert field.tells in view["unread"]
            assert "could not be read" in view["summary"]
    assert upstream.order_id in [row["order_id"] for row in page["orders"]]
    assert page["unread_orders"] == 0
    if field.tells == "lines" and name in HIDDEN_BY[field.kind]:
        assert "ORDER_NOT_COMPARED" in [issue["code"] for issue in made["issues"]]


@pytest.mark.parametrize(("field", "name"), OF_ANOTHER, ids=str)
async def test_our_order_is_found_whatever_stands_in_the_one_beside_it(
    house: House, upstream: Upstream, field: Field, name: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orders_sandbox.app.Fields", Unfiltered)
        async with house.buyer(person=Person()) as buyer:
            preview, order_id = await lost(house, buyer, upstream)
            upstream.order_id = house.upstream.orders()[-2].order_id
            upstream.change = lambda order: with_odd(order, field, name)
            await settled(buyer, preview, order_id)
            page = await buyer.said("list_orders")
            found = await buyer.said("list_orders", purchase_ref=preview["purchase_ref"])

    assert order_id in [row["order_id"] for row in page["orders"]]
    assert page["looked_at"] == len(page["orders"]) + page["unread_orders"]
    assert (page["unread_orders"] == 1) is ("could not be read and is not shown" in page["summary"])
    assert [row["order_id"] for row in found["orders"]] == [order_id]


async def test_a_lost_order_with_a_unit_price_below_a_fen_is_found_and_shown(house: House, upstream: Upstream) -> None:
    def below_a_fen(order: dict[str, Any]) -> dict[str, Any]:
        order["productItems"][0] |= {"price": Decimal("0.035")}
        return order

    async with house.buyer(person=Person()) as buyer:
        preview, upstream.order_id = await lost(house, buyer, upstream)
        upstream.change = below_a_fen
        await settled(buyer, preview, upstream.order_id)
        told = await buyer.said("get_order", order_id=upstream.order_id)

    assert (told["lines"][0]["unit_price"], told["unread"]) == ("0.035", [])
    assert "0.035 each" in told["summary"]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_order_of_two_and_a_half_metres_is_shown(house: House, upstream: Upstream, language: Any) -> None:
    def of_metres(order: dict[str, Any]) -> dict[str, Any]:
        order["productItems"][0] |= {"quantity": Decimal("2.5"), "unit": "米"}
        return order

    async with house.buyer(person=Person(), language=language) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
        upstream.order_id = made["orders"][0]["order_id"]
        upstream.change = of_metres
        told = await buyer.said("get_order", order_id=upstream.order_id)

    assert (told["lines"][0]["quantity"], told["unread"]) == ("2.5 米", [])
    assert "2.5 米" in told["summary"]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_only_an_order_that_waits_for_payment_is_to_be_paid(
    house: House, upstream: Upstream, language: Any
) -> None:
    def closed(order: dict[str, Any]) -> dict[str, Any]:
        order["baseInfo"] |= {"status": "cancel", "completeTime": "20260521154000000+0800"}
        return order

    to_pay = "to pay **" if language == "en" else "应付 **"
    async with house.buyer(person=Person(), language=language) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
        upstream.order_id = made["orders"][0]["order_id"]
        waiting = await buyer.said("get_order", order_id=upstream.order_id)
        upstream.change = closed
        told = await buyer.said("get_order", order_id=upstream.order_id)

    assert (to_pay in waiting["summary"], waiting["pay_by"] is not None) == (True, True)
    assert (to_pay in told["summary"], told["pay_by"]) == (False, None)
    assert [moment["what"] for moment in told["timeline"]] == ["created", "closed"]
    assert ("closed 2026-05-21" if language == "en" else "关闭 2026-05-21") in told["summary"]


async def test_an_order_whose_lines_cannot_be_read_is_not_taken_for_ours_by_a_copied_note(
    house: House, upstream: Upstream
) -> None:
    def by_note(order: dict[str, Any]) -> dict[str, Any]:
        del order["baseInfo"]["outOrderId"]
        order["productItems"].append("odd words")
        return order

    async with house.buyer(person=Person()) as buyer:
        preview, upstream.order_id = await lost(house, buyer, upstream)
        upstream.change = by_note
        told = await buyer.said("create_order", **order_of(preview))
        upstream.change = lambda order: {**order, "baseInfo": {**order["baseInfo"], "outOrderId": None}}
        await settled(buyer, preview, upstream.order_id)

    assert told["outcome"] == "unknown"
    assert upstream.order_id in told["summary"]


@pytest.mark.parametrize("filtered", [True, False])
async def test_an_order_under_our_reference_without_an_id_stops_a_send_where_it_can_be_ours(
    house: House, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, filtered: bool
) -> None:
    if not filtered:
        monkeypatch.setattr("orders_sandbox.app.Fields", Unfiltered)
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(("promotion", 1), purchase_ref="PO-another"))
        made = await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-same"))
    upstream.order_id = made["orders"][0]["order_id"]
    upstream.change = lambda order: {**order, "baseInfo": {"outOrderId": order["baseInfo"]["outOrderId"]}}
    async with house.buyer(person=Person(), store=f"sqlite:///{tmp_path}/forgotten.sqlite3") as buyer:
        preview = await buyer.preview(("plain", 1), purchase_ref="PO-same")
        refused = await buyer.refused("create_order", **order_of(preview))
        unread = await buyer.refused("get_order", purchase_ref="PO-same")

    assert refused["code"] == unread["code"] == "UPSTREAM_UNAVAILABLE"
    assert "under this reference that could not be read" in refused["message"]
    assert len(house.upstream.orders()) == 2


@pytest.mark.parametrize("carries", ["our reference", "another reference"])
async def test_a_refusal_beside_an_order_without_an_id_that_may_be_ours_proves_nothing(
    house: House, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, carries: str
) -> None:
    real = house.upstream.answer

    def refuses(path: str, headers: Any, content: bytes) -> Any:
        answer = real(path, headers, content)
        if not path.endswith("/order/create"):
            return answer
        upstream.order_id = house.upstream.orders()[-1].order_id
        return JSONResponse({"requestId": "1", "code": 777, "developId": "1", "msg": "500_004:库存不足", "data": None})

    def without_id(order: dict[str, Any]) -> dict[str, Any]:
        reference = order["baseInfo"]["outOrderId"] if carries == "our reference" else "PO-another"
        return {**order, "baseInfo": {"outOrderId": reference}}

    monkeypatch.setattr(house.upstream, "answer", refuses)
    upstream.change = without_id
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        told = (await buyer.call("create_order", **order_of(preview))).structured_content
        again = await buyer.preview(("plain", 1))

    assert told
    expected = ("unknown", False) if carries == "our reference" else ("rejected", True)
    assert (told["outcome"], again["orderable"]) == expected
    assert len(house.upstream.orders()) == 1
