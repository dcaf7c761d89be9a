"""Purchases over real HTTP, in both generations of the protocol: dialogs, crowds, callers that vanish."""

import asyncio
import contextlib
import re
import threading
from typing import Any

import anyio
import pytest
from mcp.client.session import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult

from support.house import ADDRESS, MODES, House, Person, order_of, saying
from support.web import caller, web

pytestmark = pytest.mark.anyio
CROWD = 16


@pytest.mark.parametrize("mode", MODES)
async def test_a_whole_purchase_over_http(house: House, mode: str) -> None:
    person = Person()
    async with web(house) as url, caller(url, mode, person) as buyer:
        tools = (await buyer.client.list_tools()).tools
        preview = await buyer.preview(("plain", 2))
        made = await buyer.create(preview)
        again = await buyer.create(preview)
        detail = await buyer.said("get_order", purchase_ref=preview["purchase_ref"])
        listed = await buyer.said("list_orders")
        wrong_total = await buyer.refused("create_order", **order_of(await buyer.preview(("plain", 1)), "1.00"))
        version = buyer.client.protocol_version

    assert version == ("2025-11-25" if mode == "legacy" else mode)
    assert len(tools) == 6
    assert made["outcome"] == "placed"
    assert made["approval"]["channel"] == "dialog"
    assert len(person.shown) == 1
    assert again["replayed"]
    assert detail["order_id"] == listed["orders"][0]["order_id"] == made["orders"][0]["order_id"]
    assert wrong_total["code"] == "TOTAL_MISMATCH"
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_no_over_http_orders_nothing(house: House, mode: str) -> None:
    async with web(house) as url:
        async with caller(url, mode, saying("decline")) as buyer:
            declined = await buyer.create(await buyer.preview(("plain", 1)))
        async with caller(url, mode) as buyer:
            waiting = await buyer.create(await buyer.preview(("plain", 1)))

    assert (declined["outcome"], waiting["outcome"]) == ("declined", "awaiting_approval")
    assert house.upstream.create_calls == 0


async def test_a_crowd_of_clients_of_both_generations_each_see_only_their_own_answers(house: House) -> None:
    persons = [Person() for _ in range(CROWD)]
    async with web(house) as url:
        made = await asyncio.gather(
            *(_buys(url, MODES[number % 2], number, person) for number, person in enumerate(persons))
        )

    order_ids = {order["order_id"] for outcome in made for order in outcome["orders"]}
    assert len(order_ids) == CROWD
    for number, person in enumerate(persons):
        # Who has the same offers in doubt meanwhile is told, and that is another text: it is asked about again.
        assert {frozenset(re.findall("crowd-[0-9]+", text)) for text in person.shown} == {
            frozenset({f"crowd-{number}"})
        }
    assert house.upstream.create_calls == CROWD


async def _buys(url: str, mode: str, number: int, person: Person) -> dict[str, Any]:
    """A client's purchase of its own basket, for its own consignee, under its own reference."""
    reference = f"CROWD-{number}"
    async with caller(url, mode, person) as buyer:
        lines = [{"offer_id": "610000000001", "quantity": number + 1, "label": f"crowd-{number}"}]
        address = {**ADDRESS, "street": f"秘密路{number}号"}
        preview = await buyer.preview(lines=lines, address=address, purchase_ref=reference)
        made = await buyer.create(preview)
    assert preview["orders"][0]["lines"][0]["quantity"] == number + 1
    assert (made["outcome"], made["purchase_ref"]) == ("placed", reference)
    return made


@pytest.mark.parametrize("mode", MODES)
async def test_a_caller_that_vanishes_while_an_order_is_placed_leaves_it_recorded(
    house: House, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, opened, real = threading.Event(), threading.Event(), house.upstream.answer

    def held(path: str, headers: Any, content: bytes) -> Any:
        if path.endswith("/order/create"):
            arrived.set()
            opened.wait(20)
        return real(path, headers, content)

    monkeypatch.setattr(house.upstream, "answer", held)
    async with web(house, approval="host") as url:
        async with caller(url, mode) as buyer:
            preview = await buyer.preview(("plain", 1))
        vanishing = asyncio.create_task(_orders(url, mode, preview))
        assert await asyncio.to_thread(arrived.wait, 20)
        vanishing.cancel()
        await asyncio.wait([vanishing])
        opened.set()
        async with caller(url, mode) as buyer:
            with anyio.fail_after(20):
                while (result := await buyer.call("create_order", **order_of(preview))).is_error:
                    await asyncio.to_thread(lambda: None)

    assert result.structured_content
    assert result.structured_content["outcome"] == "placed"
    assert result.structured_content["replayed"]
    assert house.upstream.create_calls == 1


async def _orders(url: str, mode: str, preview: dict[str, Any]) -> None:
    async with caller(url, mode) as buyer:
        await buyer.create(preview)


async def test_a_dialog_that_is_open_when_the_server_stops_is_answered_as_if_nobody_had_answered(house: House) -> None:
    shown = asyncio.Event()

    class Thinking(Person):
        async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
            shown.set()
            await asyncio.Event().wait()
            raise AssertionError

    async with contextlib.AsyncExitStack() as stack:
        async with web(house) as url:
            buyer = await stack.enter_async_context(caller(url, "legacy", Thinking()))
            preview = await buyer.preview(("plain", 1))
            call = asyncio.create_task(buyer.create(preview))
            await shown.wait()
        made = await call

    assert made["outcome"] == "awaiting_approval"
    assert house.upstream.create_calls == 0
