"""Dialogs answered late, in any order, by several clients and beside the terminal: one order, and a no counts."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.server.mcpserver import resolve
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult

from orders_server.mcp.server import OrdersServer
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel
from support.full_disk import full_disk
from support.house import META_KEY, MODES, Buyer, House, Person, content_of, order_of, text_of

pytestmark = pytest.mark.anyio

Said = Literal["accept", "decline", "cancel"]


@dataclass
class SlowPerson(Person):
    """Lets every dialog wait until it is told what to answer in it."""

    waiting: list[asyncio.Future[ElicitResult]] = field(default_factory=list[asyncio.Future[ElicitResult]])
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        answer: asyncio.Future[ElicitResult] = asyncio.get_running_loop().create_future()
        async with self.arrived:
            self.shown.append(params.message)
            self.waiting.append(answer)
            self.arrived.notify_all()
        return await answer

    async def until_shown(self, count: int) -> None:
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: len(self.shown) >= count), 10)

    def says(self, number: int, action: Said) -> None:
        content: dict[str, Any] | None = {"approve": True} if action == "accept" else None
        self.waiting[number].set_result(ElicitResult(action=action, content=content))


def heard(result: CallToolResult) -> str:
    """An outcome, or the codes of a refusal."""
    if result.structured_content is not None:
        return str(content_of(result)["outcome"])
    copy: dict[str, Any] = (result.meta or {})[META_KEY]
    issues = copy["details"].get("issues", [])
    return " ".join([str(copy["code"]), *(issue["code"] for issue in issues)])


async def in_terminal(server: OrdersServer, preview: dict[str, Any]) -> None:
    """A yes to what is known now, as the terminal records it."""
    purchasing = await server.purchasing()
    purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
    assert purchase is not None
    now = purchasing.clock()
    assert await purchasing.ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=now, shown_at=now))


async def no_in_terminal(server: OrdersServer, preview: dict[str, Any]) -> None:
    """A final no, as the terminal records it."""
    purchasing = await server.purchasing()
    purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
    assert purchase is not None
    assert await purchasing.ledger.decline(purchase, Channel.TERMINAL, purchasing.clock())


@asynccontextmanager
async def slow_buyer(house: House, mode: str) -> AsyncGenerator[tuple[OrdersServer, Buyer, SlowPerson]]:
    person = SlowPerson()
    async with house.server() as server, Client(server, mode=mode, elicitation_callback=person) as client:
        yield server, Buyer(client, person), person


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", list(itertools.permutations((0, 1))), ids=str)
async def test_two_dialogs_open_at_once_make_one_order(house: House, mode: str, order: tuple[int, int]) -> None:
    async with slow_buyer(house, mode) as (_, buyer, person):
        previews = [await buyer.preview(("plain", 1), purchase_ref=f"PO-{number}") for number in (0, 1)]
        calls = [asyncio.create_task(buyer.call("create_order", **order_of(preview))) for preview in previews]
        await person.until_shown(2)
        number = {text: position for position, text in enumerate(person.shown)}
        dialog_of = [next(at for text, at in number.items() if f"Reference: 『PO-{ref}』" in text) for ref in (0, 1)]
        first, second = order
        person.says(dialog_of[first], "accept")
        placed = await calls[first]
        house.clock.forward(1)
        person.says(dialog_of[second], "accept")
        if mode != "legacy":  # this client is asked anew, with a text that names what was bought
            await person.until_shown(3)
            assert f"Purchase PO-{first} of the same goods" in person.shown[2]
            person.says(2, "decline")
        late = await calls[second]

    assert heard(placed) == "placed"
    assert heard(late) == ("NOT_ORDERABLE BOUGHT_MEANWHILE" if mode == "legacy" else "declined")
    assert house.upstream.create_calls == 1


async def test_a_late_yes_orders_nothing_even_if_the_client_is_not_asked_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_same_for_all(_: object) -> str:
        return "any text is this text"

    monkeypatch.setattr(resolve, "_request_digest", the_same_for_all)
    async with slow_buyer(house, "2026-07-28") as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        async with Client(server, mode="legacy", elicitation_callback=Person()) as other:
            quick = Buyer(other, None)
            placed = await quick.create(await quick.preview(("plain", 1)))
        house.clock.forward(1)
        person.says(0, "accept")
        late = await call

    assert placed["outcome"] == "placed"
    assert heard(late) == "NOT_ORDERABLE BOUGHT_MEANWHILE"
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_yes_to_a_text_that_names_the_other_purchase_orders_it_once_more(house: House, mode: str) -> None:
    async with house.buyer(mode, Person()) as buyer:
        first, second = [await buyer.preview(("plain", 1)) for _ in range(2)]
        await buyer.create(first)
        house.clock.forward(1)
        again = await buyer.create(second)

    assert again["outcome"] == "placed"
    assert house.upstream.create_calls == 2


@pytest.mark.parametrize("mode", MODES)
async def test_a_no_takes_back_a_yes_from_the_terminal(house: House, mode: str) -> None:
    async with slow_buyer(house, mode) as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        await in_terminal(server, preview)
        person.says(0, "decline")
        declined = await call
        again = await buyer.create(preview)

        assert (heard(declined), again["outcome"], again["replayed"]) == ("declined", "declined", True)
        assert house.upstream.create_calls == 0
        assert len(person.shown) == 1

        await in_terminal(server, preview)
        placed = await buyer.create(preview)

    assert (placed["outcome"], placed["approval"]["channel"]) == ("placed", "terminal")
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_no_counts_although_the_call_would_be_refused_anyway(house: House, mode: str) -> None:
    async with slow_buyer(house, mode) as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        async with Client(server, mode="legacy", elicitation_callback=Person()) as other:
            quick = Buyer(other, None)
            await quick.create(await quick.preview(("plain", 1)))
        house.clock.forward(1)
        await in_terminal(server, preview)
        person.says(0, "decline")

        assert heard(await call) == "declined"
        assert (await buyer.create(preview))["outcome"] == "declined"
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_no_in_the_terminal_is_final_whatever_the_dialog_says(house: House, mode: str) -> None:
    async with slow_buyer(house, mode) as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        await no_in_terminal(server, preview)
        person.says(0, "accept")
        answer = await call

    assert heard(answer) == "declined"
    assert "in a terminal" in text_of(answer)
    assert house.upstream.create_calls == 0


@pytest.mark.parametrize("mode", MODES)
async def test_a_no_in_one_dialog_closes_the_other_one_too(house: House, mode: str) -> None:
    async with slow_buyer(house, mode) as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        other_person = SlowPerson()
        async with Client(server, mode=mode, elicitation_callback=other_person) as other:
            beside = asyncio.create_task(Buyer(other, None).call("create_order", **order_of(preview)))
            if mode == "legacy":  # at 2026-07-28 a dialog that nobody came back from is not put once more
                await other_person.until_shown(1)
            person.says(0, "decline")
            first = await call
            if mode == "legacy":
                other_person.says(0, "accept")
            second = await beside

    assert heard(first) == "declined"
    assert heard(second) == ("declined" if mode == "legacy" else "awaiting_approval")
    assert house.upstream.create_calls == 0


async def test_a_no_that_comes_while_the_price_is_looked_up_again_still_counts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with slow_buyer(house, "legacy") as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        purchasing = await server.purchasing()
        reached, go_on = asyncio.Event(), asyncio.Event()
        real = purchasing.upstream.preview

        async def held(*given: Any) -> Any:
            reached.set()
            await go_on.wait()
            return await real(*given)

        asked = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        await in_terminal(server, preview)
        monkeypatch.setattr(purchasing.upstream, "preview", held)
        async with Client(server, mode="legacy") as without_dialog:
            ordering = asyncio.create_task(Buyer(without_dialog, None).call("create_order", **order_of(preview)))
            await reached.wait()
            person.says(0, "decline")
            no = await asked
            go_on.set()
            late = await ordering

    assert (heard(no), heard(late)) == ("declined", "declined")
    assert house.upstream.create_calls == 0


async def test_what_was_bought_since_the_preview_stops_an_order_that_nobody_saw_a_dialog_for(house: House) -> None:
    async with house.buyer(approval="host") as buyer:
        first, second = [await buyer.preview(("plain", 1)) for _ in range(2)]
        made = await buyer.create(first)
        house.clock.forward(60)
        refused = await buyer.refused("create_order", **order_of(second))

    assert made["outcome"] == "placed"
    assert [issue["code"] for issue in refused["details"]["issues"]] == ["BOUGHT_MEANWHILE"]
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("mode", MODES)
async def test_a_no_counts_while_the_clock_is_wrong(house: House, mode: str) -> None:
    async with slow_buyer(house, mode) as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        await in_terminal(server, preview)
        house.clock.forward(-120)
        person.says(0, "decline")
        late = await call
        house.clock.forward(120)
        again = await buyer.create(preview)

    assert heard(late) == "TOKEN_EXPIRED"
    assert again["outcome"] == "declined"
    assert house.upstream.create_calls == 0


async def test_a_no_that_cannot_be_written_stops_the_token_until_it_is(house: House) -> None:
    async with slow_buyer(house, "legacy") as (server, buyer, person):
        preview = await buyer.preview(("plain", 1))
        call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
        await person.until_shown(1)
        await in_terminal(server, preview)
        with full_disk():
            person.says(0, "decline")
            refused = await call
        again = await buyer.create(preview)

    assert heard(refused) == "INTERNAL"
    assert again["outcome"] == "declined"
    assert house.upstream.create_calls == 0


@pytest.mark.parametrize("mode", MODES)
async def test_what_came_into_doubt_after_a_dialog_is_not_left_out_of_it(house: House, mode: str) -> None:
    async with slow_buyer(house, mode) as (_, buyer, person):
        one, two = await buyer.preview(("lost-answer", 1)), await buyer.preview(("lost-answer", 2))
        calls = [asyncio.create_task(buyer.call("create_order", **order_of(each))) for each in (one, two)]
        await person.until_shown(2)
        first = next(number for number, text in enumerate(person.shown) if one["purchase_ref"] in text)
        person.says(first, "accept")
        unknown = await calls[0]
        house.clock.forward(1)
        person.says(1 - first, "accept")
        if mode != "legacy":
            await person.until_shown(3)
            assert one["purchase_ref"] in person.shown[2]
            person.says(2, "decline")
        late = await calls[1]

    assert heard(unknown) == "unknown"
    assert heard(late) == ("NOT_ORDERABLE ALIKE_IN_DOUBT" if mode == "legacy" else "declined")
    assert house.upstream.create_calls == 1
