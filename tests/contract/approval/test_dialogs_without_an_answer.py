"""A dialog that brings no answer: what the client is told, whether it is asked again, and how the purchase goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult, ErrorData

from orders_server.mcp.server import OrdersServer
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel
from support.house import MODES, Buyer, House, Person, Reader, content_of, order_of, saying, text_of
from support.rounds import YES, asked, handed, in_process, outcome

pytestmark = pytest.mark.anyio

NO_ANSWERS: list[dict[str, Any] | None] = [
    None,
    {},
    {"approve": None},
    {"approved": True},
    {"yes": "yes", "Order exactly this": True},
    {"approve": "yes"},
    {"approve": "true"},
    {"approve": 1},
    {"approve": ["true"]},
]
BY_ITSELF = {"en": "your client answered by itself", "zh": "您的客户端自行答复"}


@dataclass
class Gone(Person):
    """Is shown a dialog and never answers it."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.shown.append(params.message)
        self.arrived.set()
        return await asyncio.get_running_loop().create_future()


class Unable(Person):
    """A host that declares dialogs and cannot show this one."""

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> Any:
        self.shown.append(params.message)
        return ErrorData(code=-32603, message="no window")


async def yes_in_terminal(server: OrdersServer, preview: dict[str, Any]) -> None:
    purchasing = await server.purchasing()
    purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
    assert purchase is not None
    now = purchasing.clock()
    assert await purchasing.ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=now, shown_at=now))


@asynccontextmanager
async def client_of(server: OrdersServer, mode: str, person: Person) -> AsyncGenerator[Buyer]:
    async with Client(server, mode=mode, elicitation_callback=person) as client:
        yield Buyer(client, person)


async def told(buyer: Buyer, preview: dict[str, Any]) -> CallToolResult:
    """What create_order answers; a dialog that nobody answers would keep it for ever."""
    return await asyncio.wait_for(buyer.call("create_order", **order_of(preview)), 20)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("content", NO_ANSWERS, ids=str)
async def test_an_accept_without_an_answer_is_silence_and_the_next_call_asks_again(
    house: House, mode: str, content: dict[str, Any] | None
) -> None:
    person = saying("accept", content)
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.preview(("plain", 1))
        first = await told(buyer, preview)
        person.answer = YES
        second = await told(buyer, preview)

    assert content_of(first)["outcome"] == "awaiting_approval"
    assert "sent no answer" in text_of(first)
    assert f"xportcn-orders approve {preview['purchase_ref']}" in text_of(first)
    assert "the dialog is shown once more" in text_of(first)
    assert content_of(second)["outcome"] == "placed"
    assert len(person.shown) == 2
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_dialog_whose_client_gave_up_is_not_put_again_and_the_terminal_is(house: House, mode: str) -> None:
    gone, other = Gone(), Person()
    async with house.server() as server:
        async with client_of(server, mode, gone) as buyer:
            preview = await buyer.preview(("plain", 1))
            call = asyncio.create_task(told(buyer, preview))
            await gone.arrived.wait()
            call.cancel()
            await asyncio.wait([call])
            await buyer.said("list_orders")  # a round trip: the server has seen that the call was given up
            waiting = await told(buyer, preview)
        async with client_of(server, mode, other) as buyer:
            elsewhere = await told(buyer, preview)
    async with house.server() as server, client_of(server, mode, other) as buyer:
        restarted = await told(buyer, preview)
        await yes_in_terminal(server, preview)
        placed = await buyer.create(preview)

    assert len(gone.shown) == 1
    assert other.shown == []
    for result in (waiting, elsewhere, restarted):
        assert content_of(result)["outcome"] == "awaiting_approval"
        assert "has not answered" in text_of(result)
        assert f"xportcn-orders approve {preview['purchase_ref']}" in text_of(result)
        assert "the dialog is shown once more" not in text_of(result)
    assert placed["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_a_dialog_that_the_client_cannot_show_is_not_put_again(house: House) -> None:
    unable = Unable()
    async with house.server() as server, client_of(server, "legacy", unable) as buyer:
        preview = await buyer.preview(("plain", 1))
        results = [await told(buyer, preview) for _ in range(2)]
        await yes_in_terminal(server, preview)
        placed = await buyer.create(preview)

    for result in results:
        assert content_of(result)["outcome"] == "awaiting_approval"
        assert "has not answered" in text_of(result)
    assert len(unable.shown) == 1
    assert placed["outcome"] == "placed"


async def test_a_yes_to_a_dialog_that_was_given_up_elsewhere_still_counts(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        beside = await handed(buyer, order)
        made = await handed(buyer, order, question)

    assert (outcome(beside), outcome(made)) == ("awaiting_approval", "placed")
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_dialog_that_was_closed_is_put_again(house: House, mode: str) -> None:
    person = saying("cancel")
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.preview(("plain", 1))
        results = [await told(buyer, preview) for _ in range(3)]

    assert [content_of(result)["outcome"] for result in results] == ["awaiting_approval"] * 3
    assert all("The dialog was closed without an answer." in text_of(result) for result in results)
    assert len(person.shown) == 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("action", "content", "became"),
    [
        ("accept", {"approve": True}, "placed"),
        ("accept", {"approve": False}, "declined"),
        ("decline", None, "declined"),
        ("cancel", None, "awaiting_approval"),
        ("accept", {}, "awaiting_approval"),
    ],
)
async def test_an_answer_that_nobody_can_have_read_for_is_told_and_changes_nothing(
    house: House, mode: str, language: str, action: Any, content: dict[str, Any] | None, became: str
) -> None:
    answer = ElicitResult(action=action, content=content)
    async with house.server(language=language) as server:
        async with client_of(server, mode, Person(answer)) as buyer:
            quick = await told(buyer, await buyer.preview(("plain", 1), purchase_ref="PO-1"))
        async with client_of(server, mode, Reader(answer, clock=house.clock)) as buyer:
            slow = await told(buyer, await buyer.preview(("plain", 2), purchase_ref="PO-2"))

    assert content_of(quick)["outcome"] == content_of(slow)["outcome"] == became
    assert BY_ITSELF[language] in text_of(quick)
    assert BY_ITSELF[language] in content_of(quick)["summary"]
    assert BY_ITSELF[language] not in text_of(slow)


async def test_a_client_that_was_not_asked_did_not_answer_by_itself(house: House) -> None:
    async with house.buyer("legacy") as buyer:
        waiting = await told(buyer, await buyer.preview(("plain", 1)))
    async with house.buyer(approval="host") as buyer:
        placed = await told(buyer, await buyer.preview(("plain", 2)))

    assert content_of(placed)["outcome"] == "placed"
    assert BY_ITSELF["en"] not in text_of(waiting) + text_of(placed)
