"""A server is started anew while a person thinks; the answer is the first call that it gets."""

import asyncio
from typing import Any

import pytest
from mcp.types import CallToolResult, ElicitResult

from support.house import House, order_of, text_of
from support.rounds import NO, WAYS, YES, asked, handed, in_process, outcome, refused_state

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("served", WAYS)
@pytest.mark.parametrize(("answer", "said", "orders"), [(YES, "placed", 1), (NO, "declined", 0)])
async def test_an_answer_may_be_the_first_call_that_a_restarted_server_gets(
    house: House, served: Any, answer: ElicitResult, said: str, orders: int
) -> None:
    async with served(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
    async with served(house) as buyer:
        first = await handed(buyer, order, question, answer)
    async with served(house) as buyer:
        again = await handed(buyer, order, question, answer)

    assert [outcome(first), outcome(again)] == [said, said]
    assert house.upstream.create_calls == orders


async def test_each_question_of_two_survives_with_its_own_answer(house: House) -> None:
    async with in_process(house) as buyer:
        orders = [order_of(await buyer.preview(("plain", 1))), order_of(await buyer.preview(("free-carriage", 1)))]
        questions = [await asked(buyer, order) for order in orders]
    async with in_process(house) as buyer:
        crossed = [
            await refused_state(buyer, orders[0], questions[0], questions[1].request_state or ""),
            await refused_state(buyer, orders[1], questions[1], questions[0].request_state or ""),
        ]
        yes, no = await asyncio.gather(
            handed(buyer, orders[1], questions[1], YES), handed(buyer, orders[0], questions[0], NO)
        )

    assert crossed == [True, True]
    assert (outcome(yes), outcome(no)) == ("placed", "declined")
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("served", WAYS)
async def test_an_answer_that_meets_a_store_that_cannot_be_used_hears_just_that(house: House, served: Any) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
    (house.folder / "file").write_text("not a folder")
    async with served(house, store=f"sqlite:///{house.folder}/file/ledger.sqlite3") as buyer:
        refused = await handed(buyer, order, question)

    assert isinstance(refused, CallToolResult)
    assert outcome(refused) == "INTERNAL"
    assert "store cannot be used" in text_of(refused)
    assert "no order was sent" in text_of(refused)
    assert house.upstream.create_calls == 0


async def test_the_answer_counts_as_soon_as_the_store_can_be_used_again(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
    ledger = house.folder / "ledger.sqlite3"
    ledger.rename(house.folder / "aside")
    ledger.mkdir()
    async with in_process(house) as buyer:
        refused = await handed(buyer, order, question)
        ledger.rmdir()
        (house.folder / "aside").rename(ledger)
        made = await handed(buyer, order, question)

    assert (outcome(refused), outcome(made)) == ("INTERNAL", "placed")
    assert house.upstream.create_calls == 1
