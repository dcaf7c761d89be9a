"""Ways to misbehave that only show while the caller waits, in the money, or later."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from orders_sandbox import FAULTS, SandboxOptions

if TYPE_CHECKING:
    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio


def striking(fault: str, **options: Any) -> SandboxOptions:
    return SandboxOptions(faults=frozenset({fault}), **options)


def order(caller: Caller) -> dict[str, object]:
    return {"flow": "general", "addressParam": caller.address(), "cargoParamList": [caller.line("plain")]}


async def hanging(caller: Caller) -> asyncio.Task[httpx.Response]:
    """A create call that hangs, once its order is made."""
    asking = asyncio.create_task(caller.send("create", order(caller)))
    while (await caller.listed())["totalRecord"] == 0:
        pass
    return asking


async def test_a_hanging_call_makes_its_order_and_holds_up_nobody(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(striking("hang")) as caller:
        asking = await hanging(caller)
        assert (await caller.preview(caller.line("plain")))["code"] == 200
        assert not asking.done()
        asking.cancel()
        assert (await caller.listed())["totalRecord"] == 1


async def test_a_sandbox_stops_at_once_although_a_call_hangs(sandbox_with: OpenSandbox) -> None:
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(trust_env=False, timeout=None) as patient:
        async with sandbox_with(striking("hang")) as caller:
            caller.client = patient
            asking = await hanging(caller)
            leaving = loop.time()
        assert loop.time() - leaving < 0.9
        with pytest.raises(httpx.RemoteProtocolError):
            await asking


async def read_until_it_breaks(response: httpx.Response) -> tuple[bytes, Exception | None]:
    got = b""
    try:
        async for chunk in response.aiter_raw():
            got += chunk
    except httpx.RemoteProtocolError as fault:
        return got, fault
    return got, None


async def test_a_cut_body_ends_in_the_middle_and_leaves_an_order(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(striking("cut-body")) as caller:
        content = json.dumps(order(caller)).encode()
        url, headers = f"{caller.url}/alibaba/ka/order/create", caller.headers()
        async with caller.client.stream("POST", url, content=content, headers=headers) as response:
            got, fault = await read_until_it_breaks(response)
        assert "incomplete" in str(fault) or "without sending complete" in str(fault)
        assert len(got) == int(response.headers["content-length"]) // 2
        assert got.startswith(b'{"requestId":')
        assert (await caller.listed())["totalRecord"] == 1


@pytest.mark.parametrize(("fault", "orders"), [("system-busy-ordered", 1), ("system-busy-not-ordered", 0)])
async def test_a_busy_system_says_the_same_whether_it_ordered_or_not(
    sandbox_with: OpenSandbox, fault: str, orders: int
) -> None:
    async with sandbox_with(striking(fault)) as caller:
        answer = await caller.create(caller.line("plain"))
        assert (answer["code"], answer["msg"], answer["data"]) == (500, "系统繁忙,请重试!", None)
        assert (await caller.listed())["totalRecord"] == orders


async def test_create_may_charge_more_than_the_preview_showed(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(striking("created-dearer")) as caller:
        previewed = (await caller.preview(caller.line("plain", 2)))["data"][0]["sumPayment"]
        charged = (await caller.create(caller.line("plain", 2)))["data"]["result"]["totalSuccessAmount"]
        assert (previewed, charged) == (6400, 6400 + 580)


@pytest.mark.parametrize("name", ["price-rise-after-creation", "plain"])
async def test_a_seller_may_raise_the_price_of_an_unpaid_order(sandbox_with: OpenSandbox, name: str) -> None:
    faults = frozenset[str]() if name in FAULTS else frozenset({"price-rise-after-creation"})
    async with sandbox_with(SandboxOptions(faults=faults)) as caller:
        made = (await caller.create(caller.line(name, 2), caller.line("promotion")))["data"]["result"]
        told: list[tuple[Any, Any]] = []
        moments: list[str] = []
        for _ in range(2):
            info = (await caller.detail(orderId=made["orderId"]))["data"]
            base, items = info["baseInfo"], info["productItems"]
            assert sum(item["itemAmount"] for item in items) + base["shippingFee"] == base["totalAmount"]
            assert base["discount"] == sum(item["entryDiscount"] for item in items)
            moments.append(base["modifyTime"])
            told.append((base["totalAmount"] * 100 - made["totalSuccessAmount"], base["discount"]))
            caller.clock.forward(600)
        assert told == [(0, -69), (500, 500 - 69)]
        assert moments == ["20260520154000123+0800", "20260520155000123+0800"]
