"""Settling doubts: by reading at start, on a list or a detail, by command, and by a person's word only."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse

from orders_server.app.services import Services
from orders_tools.settlement import manual as deciding
from orders_tools.settlement.manual import CannotSettle
from orders_tools.settlement.reconciliation import reconcile
from support.house import House, Person, order_of

pytestmark = pytest.mark.anyio


class Forgetful:
    """The sandbox, answering as an API that returns no external number, no note, or no orders at all."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hidden = False
        self.without_number = False
        self.without_note = False
        self._edit(house, monkeypatch)

    def _edit(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        from orders_sandbox import enquiries

        real: Callable[..., Any] = enquiries.list_orders

        def listed(*arguments: Any) -> Any:
            reply = real(*arguments)
            kept: list[Any] = []
            found: list[dict[str, Any]] = [] if self.hidden else reply["result"]
            for order in found:
                if self.without_number:
                    order["baseInfo"].pop("outOrderId", None)
                if self.without_note:
                    order["baseInfo"].pop("buyerFeedback", None)
                kept.append(order)
            reply["result"] = kept
            return reply

        monkeypatch.setattr("orders_sandbox.app.list_orders", listed)


@pytest.fixture
def forgetful(house: House, monkeypatch: pytest.MonkeyPatch) -> Forgetful:
    return Forgetful(house, monkeypatch)


def services_of(house: House, **changed: Any) -> Services:
    return Services(house.settings(**changed), clock=house.clock)


async def doubtful(house: House) -> dict[str, Any]:
    """A purchase whose answer was lost."""
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("lost-answer", 2), purchase_ref="PO-L")
        assert (await buyer.create(preview))["outcome"] == "unknown"
    return preview


def states(house: House) -> list[str]:
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        return [row[0] for row in connection.execute("SELECT state FROM placements")]


async def test_a_server_that_starts_settles_what_an_earlier_one_left(house: House) -> None:
    await doubtful(house)
    async with services_of(house) as services:
        purchasing = await services.purchasing()
        await reconcile(purchasing)

    assert states(house) == ["placed"]
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("tool", ["get_order", "list_orders"])
async def test_whoever_asks_by_reference_settles_the_doubt(house: House, tool: str) -> None:
    await doubtful(house)
    async with house.buyer() as buyer:
        await buyer.said(tool, purchase_ref="PO-L")

    assert states(house) == ["placed"]


async def test_two_reconcilers_at_once_agree(house: House) -> None:
    await doubtful(house)
    async with services_of(house) as one, services_of(house) as two:
        both = await asyncio.gather(reconcile(await one.purchasing()), reconcile(await two.purchasing()))

    assert states(house) == ["placed"]
    assert house.upstream.create_calls == 1
    settled = {placement.state for placements in both for placement in placements}
    assert settled <= {"placed"}
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM events WHERE to_state = 'placed'").fetchone() == (1,)


async def test_the_reference_in_the_note_is_enough(house: House, forgetful: Forgetful) -> None:
    forgetful.without_number = True
    preview = await doubtful(house)
    async with house.buyer(person=Person()) as buyer:
        settled = await buyer.create(preview)

    assert settled["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_an_order_that_only_looks_like_it_is_named_and_left_to_a_person(
    house: House, forgetful: Forgetful
) -> None:
    forgetful.without_number = forgetful.without_note = True
    preview = await doubtful(house)
    async with house.buyer(person=Person(), program="/opt/orders/xportcn-orders") as buyer:
        again = await buyer.create(preview)
    order_id = str(house.upstream.orders()[0].order_id)

    assert again["outcome"] == "unknown"
    assert f"/opt/orders/xportcn-orders settle PO-L {order_id}" in again["summary"]

    async with services_of(house) as services:
        purchasing = await services.purchasing()
        doubt = await deciding.find_doubt(purchasing, "PO-L")
        assert [order.order_id for order in doubt.placement.candidates] == [order_id]
        placement = await deciding.accept(purchasing, doubt, await deciding.check_order(purchasing, doubt, order_id))
    async with house.buyer(person=Person()) as buyer:
        settled = await buyer.create(preview)

    assert placement.state == "placed"
    assert settled["outcome"] == "placed"
    assert settled["orders"][0]["order_id"] == order_id
    assert house.upstream.create_calls == 1


async def test_an_order_of_other_lines_or_of_another_purchase_is_not_taken(house: House, forgetful: Forgetful) -> None:
    async with house.buyer(person=Person()) as buyer:
        other = await buyer.create(await buyer.preview(("plain", 1)))
    forgetful.hidden = True
    await doubtful(house)
    async with services_of(house) as services:
        purchasing = await services.purchasing()
        doubt = await deciding.find_doubt(purchasing, "PO-L")
        for order_id in (other["orders"][0]["order_id"], "9999999999999999999"):
            with pytest.raises(CannotSettle):
                await deciding.check_order(purchasing, doubt, order_id)


async def test_not_found_is_never_not_placed_until_a_person_says_so(house: House, forgetful: Forgetful) -> None:
    forgetful.hidden = True
    preview = await doubtful(house)
    async with house.buyer(person=Person()) as buyer:
        for seconds in (8, 83, 600, 86_400):
            house.clock.forward(seconds)
            assert (await buyer.create(preview))["outcome"] == "unknown"
    async with services_of(house) as services:
        purchasing = await services.purchasing()
        released = await deciding.release(purchasing, await deciding.find_doubt(purchasing, "PO-L"))
    async with house.buyer(person=Person()) as buyer:
        result = await buyer.call("create_order", **order_of(preview))

    assert released.state == "rejected"
    assert result.is_error
    assert result.structured_content
    assert result.structured_content["outcome"] == "rejected"
    assert "A person declared that no order was made" in result.structured_content["summary"]
    assert house.upstream.create_calls == 1


async def test_a_person_may_not_release_too_early(house: House, forgetful: Forgetful) -> None:
    forgetful.hidden = True
    await doubtful(house)
    async with services_of(house) as services:
        purchasing = await services.purchasing()
        house.clock.forward(timedelta(hours=24).total_seconds() - 60)
        with pytest.raises(CannotSettle, match="TOO_EARLY"):
            await deciding.release(purchasing, await deciding.find_doubt(purchasing, "PO-L"))

    assert states(house) == ["unknown"]


async def test_what_1688_charges_differently_is_said_and_noted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from orders_server.xportcn.client import XportcnClient

    real = XportcnClient.order

    async def dearer(self: XportcnClient, order_id: str) -> Any:
        order = await real(self, order_id)
        return order and order.model_copy(update={"payable": (order.payable or 0) + 500})

    real_create = XportcnClient.create

    async def without_amounts(self: XportcnClient, *arguments: Any) -> Any:
        reply = await real_create(self, *arguments)
        bare = tuple(order.model_copy(update={"payable": None}) for order in reply.orders)
        return reply.model_copy(update={"orders": bare})

    monkeypatch.setattr(XportcnClient, "order", dearer)
    monkeypatch.setattr(XportcnClient, "create", without_amounts)
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))

    assert made["outcome"] == "placed"
    assert [issue["code"] for issue in made["issues"]] == ["CHARGED_DIFFERENTLY"]
    assert (
        "35.00 CNY was approved, and previewed again just before ordering; 1688 charges 40.00 CNY." in made["summary"]
    )
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        assert ("CHARGED_DIFFERENTLY 35.00 40.00",) in list(connection.execute("SELECT why FROM events"))


async def test_the_time_between_the_last_look_and_the_send_is_kept(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(("plain", 1)))
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        [(previewed, dispatched)] = list(connection.execute("SELECT previewed_at, dispatched_at FROM placements"))

    assert previewed <= dispatched


def refusing(house: House, monkeypatch: pytest.MonkeyPatch, message: str, data: Any = None) -> None:
    """Create calls are answered with this message, and no order is made."""
    real = house.upstream.answer

    def answer(path: str, headers: Any, content: bytes) -> Any:
        if not path.endswith("/order/create"):
            return real(path, headers, content)
        return JSONResponse({"requestId": "1", "code": 777, "developId": "1", "msg": message, "data": data})

    monkeypatch.setattr(house.upstream, "answer", answer)


async def bought(house: House, **settings: Any) -> tuple[dict[str, Any], bool]:
    """What one purchase came to, and whether the same goods could be ordered again after it."""
    async with house.buyer(person=Person(), **settings) as buyer:
        result = await buyer.call("create_order", **order_of(await buyer.preview(("plain", 1))))
        again = await buyer.preview(("plain", 1))
    assert result.structured_content
    return result.structured_content, again["orderable"]


@pytest.mark.parametrize(
    ("refusals", "expected"),
    [((), ("unknown", False)), (("E-778",), ("unknown", False)), (("E-555", "E-777"), ("rejected", True))],
)
async def test_the_operators_own_refusals_are_added_to_the_documented_ones(
    house: House, monkeypatch: pytest.MonkeyPatch, refusals: tuple[str, ...], expected: tuple[str, bool]
) -> None:
    refusing(house, monkeypatch, "E-777: the warehouse is closed")
    told, again = await bought(house, refusals=refusals)

    assert (told["outcome"], again) == expected
    assert ("the warehouse is closed" in told["summary"]) == (expected[0] == "rejected")


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("E-777: the warehouse is closed", {"success": True}),
        ("E-777: the warehouse is closed", {"orderList": [{"orderAmmount": 1000}]}),
        ("E-777: the warehouse is closed, 339184652017", None),
        ("E-777: order created", None),
    ],
)
async def test_the_operators_own_refusals_prove_nothing_beside_a_sign_of_an_order(
    house: House, monkeypatch: pytest.MonkeyPatch, message: str, data: Any
) -> None:
    refusing(house, monkeypatch, message, data)
    told, again = await bought(house, refusals=("E-777",))

    assert (told["outcome"], again) == ("unknown", False)


@pytest.mark.parametrize("message", ["500_004:库存不足", "offer no exist"])
async def test_a_documented_refusal_ends_as_not_ordered_and_the_goods_may_be_bought_again(
    house: House, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    refusing(house, monkeypatch, message)
    told, again = await bought(house)

    assert (told["outcome"], again) == ("rejected", True)
    assert states(house) == ["rejected"]
