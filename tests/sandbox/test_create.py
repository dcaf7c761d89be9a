"""Orders that are made, also where the answer does not say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from orders_sandbox import FAULTS, SandboxOptions, create_app

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio


async def test_a_created_order_is_answered_in_the_shape_of_1688(shared_2025: Caller, shared_2026: Caller) -> None:
    for caller in (shared_2025, shared_2026):
        answer = await caller.create(caller.line("plain", 2))
        assert (answer["code"], answer["msg"], answer["data"]["success"]) == (200, "成功", True)
        order_id = answer["data"]["result"].pop("orderId")
        assert answer["data"]["result"] == {
            "success": True,
            "totalSuccessAmount": 6400,
            "postFee": 600,
            "failedOfferList": [],
        }
        assert len(order_id) == 19
        assert int(order_id) > 2**53
        assert int(float(order_id)) != int(order_id)
        assert int(order_id) % 2 == 1


async def test_an_offer_without_cross_border_pay_is_ordered_all_the_same(shared_2026: Caller) -> None:
    answer = await shared_2026.create(shared_2026.line("no-cross-border-pay"))
    assert answer["data"]["result"]["success"] is True


async def test_the_same_number_twice_makes_two_orders(shared_2026: Caller) -> None:
    created = [await shared_2026.create(shared_2026.line("plain"), outOrderId="twice") for _ in range(2)]
    ids = [answer["data"]["result"]["orderId"] for answer in created]
    listed = await shared_2026.listed(outOrderId="twice")
    assert [row["baseInfo"]["idOfStr"] for row in listed["result"]] == ids[::-1]
    assert ids[0] != ids[1]
    assert ids[0][-6:] == ids[1][-6:]


async def test_create_charges_what_the_last_preview_showed(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions()) as caller:
        charged: list[int] = []
        for _ in range(3):
            answer = await caller.create(caller.line("price-rise"))
            charged.append(answer["data"]["result"]["totalSuccessAmount"])
            await caller.preview(caller.line("price-rise"))
        assert charged == [1600, 1600, 1850]


@pytest.mark.parametrize(
    ("asked", "used"), [("assureTrade", "assureTrade"), ("creditBuy", "creditBuy"), (None, "creditBuy")]
)
async def test_the_trade_type_is_kept_and_credit_is_the_default(
    shared_2026: Caller, asked: str | None, used: str
) -> None:
    answer = await shared_2026.create(shared_2026.line("plain"), tradeType=asked)
    detail = await shared_2026.detail(orderId=answer["data"]["result"]["orderId"])
    assert detail["data"]["baseInfo"]["tradeTypeCode"] == used


async def lose(caller: Caller, name: str, number: str) -> None:
    """Creates an order and checks that the named fault answered."""
    body = {
        "flow": "general",
        "outOrderId": number,
        "addressParam": caller.address(),
        "cargoParamList": [caller.line(name)],
    }
    response = await caller.send("create", body)
    if response.status_code == 502:
        assert response.headers["content-type"].startswith("text/html")
        assert response.text.startswith("<html>")
        return
    data = response.json()["data"]
    assert (data["success"], len(data["orderId"]), data["totalSuccessAmount"] > 0) == (False, 19, True)


@pytest.mark.parametrize("name", ["bad-gateway", "success-false"])
async def test_a_fault_offer_leaves_an_order_behind(shared_2026: Caller, name: str) -> None:
    await lose(shared_2026, name, f"fault-{name}")
    assert (await shared_2026.listed(outOrderId=f"fault-{name}"))["totalRecord"] == 1


async def test_a_lost_answer_is_a_head_without_a_body_and_an_order(shared_2026: Caller) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        await lose(shared_2026, "lost-answer", "lost")
    assert (await shared_2026.listed(outOrderId="lost"))["totalRecord"] == 1


@pytest.mark.parametrize("fault", ["bad-gateway", "success-false", "lost-answer"])
async def test_a_fault_switched_on_strikes_every_create(sandbox_with: OpenSandbox, fault: str) -> None:
    async with sandbox_with(SandboxOptions(faults=frozenset({fault}))) as caller:
        for number in ("1", "2"):
            if fault == "lost-answer":
                with pytest.raises(httpx.RemoteProtocolError):
                    await lose(caller, "plain", number)
            else:
                await lose(caller, "plain", number)
        assert (await caller.listed())["totalRecord"] == 2


async def test_a_price_rise_switched_on_moves_every_offer(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions(faults=frozenset({"price-rise"}))) as caller:
        shown = [(await caller.preview(caller.line("plain")))["data"][0]["sumPaymentNoCarriage"] for _ in range(3)]
        assert shown == [2900, 3625, 2900]


def test_unknown_faults_are_refused_at_once_and_all_named() -> None:
    with pytest.raises(ValueError, match="no-such-fault, nor-such; known: lost-answer") as refused:
        SandboxOptions(faults=frozenset({"no-such-fault", "nor-such", "hang"}))
    assert all(name in str(refused.value) for name in FAULTS)


async def ids_of_a_run(opened: OpenSandbox, options: SandboxOptions) -> list[str]:
    async with opened(options) as caller:
        answers = [await caller.preview(caller.line("plain"))]
        answers += [await caller.create(caller.line("plain"), caller.line("promotion")) for _ in range(2)]
        ids = [text for answer in answers for text in (answer["requestId"], answer["developId"])]
        for answer in answers[1:]:
            ids.append(answer["data"]["result"]["orderId"])
            detail = await caller.detail(orderId=ids[-1])
            ids += [item["subItemIDString"] for item in detail["data"]["productItems"]]
        return ids


async def test_two_runs_with_one_seed_agree_in_every_id(sandbox_with: OpenSandbox) -> None:
    first, second, other = [
        await ids_of_a_run(sandbox_with, SandboxOptions(seed=seed, generation="2026")) for seed in (7, 7, 8)
    ]
    assert first == second
    assert not set(first) & set(other)
    assert len(first[0]) == 32
    assert len(first[1]) == 19


async def test_orders_and_prices_survive_a_restart(sandbox_with: OpenSandbox, tmp_path: Path) -> None:
    options = SandboxOptions(store=tmp_path / "new" / "store.db")
    async with sandbox_with(options) as caller:
        before = (await caller.create(caller.line("plain"), outOrderId="before"))["data"]["result"]["orderId"]
        await caller.preview(caller.line("price-rise"))
    async with sandbox_with(options) as caller:
        found = await caller.listed(outOrderId="before")
        assert [row["baseInfo"]["idOfStr"] for row in found["result"]] == [before]
        after = (await caller.create(caller.line("plain")))["data"]["result"]["orderId"]
        assert after != before
        dearer = await caller.preview(caller.line("price-rise"))
        assert dearer["data"][0]["sumPaymentNoCarriage"] == 1250
    kept = create_app(options).state.sandbox.orders()
    assert [order.order_id for order in kept] == [before, after]
    assert (tmp_path / "new" / "store.db").stat().st_mode & 0o777 == 0o600


async def test_an_order_keeps_what_it_was_made_from(shared_2026: Caller) -> None:
    app = create_app(SandboxOptions(clock=shared_2026.clock))
    body = {
        "flow": "general",
        "message": "请尽快发货",
        "outOrderId": "PO-1",
        "addressParam": shared_2026.address(),
        "cargoParamList": [shared_2026.line("promotion", 2.0, productNo="A-1")],
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        await client.post("/api/alibaba/ka/order/create", json=body, headers=shared_2026.headers())
    (order,) = app.state.sandbox.orders()
    assert order.request == body
    assert (order.out_order_id, order.message, order.goods, order.total) == ("PO-1", "请尽快发货", 2711, 3061)
    assert order.created_at == shared_2026.clock.now.replace(microsecond=123000)
