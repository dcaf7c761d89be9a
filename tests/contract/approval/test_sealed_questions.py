"""A question of 2026-07-28 travels to the client and back, sealed: what comes back counts once, and only for itself."""

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from mcp.server import request_state
from mcp.types import CallToolResult, ElicitResult, InputRequiredResult

from support.house import House, content_of, order_of
from support.rounds import NO, WAYS, YES, answers, asked, handed, in_process, outcome, refused_state, shown

pytestmark = pytest.mark.anyio
CROWD = 20
NOT_THE_STATE = ("", "v1.", "x", "0" * 4000, "v2.AAAA", "null")


def bent(state: str, place: int) -> str:
    """`state` with one character changed."""
    other = "A" if state[place] != "A" else "B"
    return state[:place] + other + state[place + 1 :]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_state_that_was_changed_anywhere_is_none(house: House, restarted: bool) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        state = question.request_state or ""
        changed = [*NOT_THE_STATE, state[:-1], state + "A", *(bent(state, place) for place in range(0, len(state), 29))]
        if not restarted:
            assert all([await refused_state(buyer, order, question, each) for each in changed])
    if restarted:
        for each in (changed[1], changed[-1]):
            async with in_process(house) as buyer:
                assert await refused_state(buyer, order, question, each)

    assert len(changed) > 15
    assert house.upstream.create_calls == 0


async def test_a_state_tells_a_client_nothing(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        state = (await asked(buyer, order)).request_state or ""
    sealed = state.removeprefix("v1.").split(".")[-1]
    opened = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))

    assert state.startswith("v1.")
    for word in (order["preview_token"], "approve", "create_order"):
        assert word not in state
        assert word.encode() not in opened


async def test_a_state_of_another_ledger_is_none(house: House, tmp_path: Path) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
    async with in_process(house, store=f"sqlite:///{tmp_path}/other.sqlite3") as buyer:
        assert await refused_state(buyer, order, question, question.request_state or "")


@pytest.mark.parametrize("change", ["token", "total", "spelling"])
async def test_a_state_counts_for_the_call_that_was_asked_about_and_no_other(house: House, change: str) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        other = order_of(await buyer.preview(("plain", 2)))
        question = await asked(buyer, order)
        changed = {
            "token": {**order, "preview_token": other["preview_token"]},
            "total": {**order, "expected_total": other["expected_total"]},
            "spelling": {**order, "expected_total": order["expected_total"] + " "},
        }[change]

        assert await refused_state(buyer, changed, question, question.request_state or "")
        assert outcome(await handed(buyer, order, question)) == "placed"

    assert house.upstream.create_calls == 1


async def test_an_answer_without_its_state_answers_nothing(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        again = await handed(buyer, order, question, request_state=None)

    assert isinstance(again, InputRequiredResult)
    assert shown(again) == shown(question)
    assert house.upstream.create_calls == 0


async def test_a_state_without_its_answer_asks_the_same_again(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        again = await handed(buyer, order, question, input_responses=None)
        assert isinstance(again, InputRequiredResult)
        made = await handed(buyer, order, again)

    assert shown(again) == shown(question)
    assert outcome(made) == "placed"
    assert house.upstream.create_calls == 1


NOT_A_YES: list[ElicitResult] = [
    ElicitResult(action="accept", content={"approve": False}),
    ElicitResult(action="accept", content={"approve": "true"}),
    ElicitResult(action="accept", content={"approve": 1}),
    ElicitResult(action="accept", content={}),
    ElicitResult(action="accept"),
    ElicitResult(action="decline", content={"approve": True}),
    ElicitResult(action="cancel", content={"approve": True}),
]


@pytest.mark.parametrize("answer", NOT_A_YES, ids=lambda answer: json.dumps(answer.model_dump(exclude_none=True)))
async def test_only_the_ticked_box_is_a_yes(house: House, answer: ElicitResult) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        result = await handed(buyer, order, await asked(buyer, order), answer)

    said_no = answer.action == "decline" or answer.content == {"approve": False}
    assert outcome(result) == ("declined" if said_no else "awaiting_approval")
    assert house.upstream.create_calls == 0


async def test_an_answer_to_a_question_that_was_not_put_answers_nothing(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        (name,) = answers(question, YES)
        other = await handed(buyer, order, question, input_responses={f"{name}#1": YES})
        both = await handed(buyer, order, question, input_responses={f"{name}#1": YES, name: NO})

    assert (outcome(other), outcome(both)) == ("asked again", "declined")
    assert house.upstream.create_calls == 0


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_yes_that_is_handed_in_once_more_orders_nothing_more(house: House, restarted: bool) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        first = again = await handed(buyer, order, question)
        if not restarted:
            again = await handed(buyer, order, question)
    if restarted:
        async with in_process(house) as buyer:
            again = await handed(buyer, order, question)

    assert isinstance(first, CallToolResult)
    assert isinstance(again, CallToolResult)
    assert content_of(again)["orders"] == content_of(first)["orders"]
    assert content_of(again)["replayed"]
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("served", WAYS)
async def test_a_yes_that_is_handed_in_many_times_at_once_orders_once(house: House, served: Any) -> None:
    async with served(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
    async with served(house) as buyer:
        results = await asyncio.gather(*(handed(buyer, order, question) for _ in range(CROWD)))
        last = await handed(buyer, order, question)

    said = [outcome(result) for result in results]
    assert set(said) <= {"placed", "IN_PROGRESS"}
    assert "placed" in said
    assert outcome(last) == "placed"
    assert house.upstream.create_calls == 1


async def test_a_yes_and_a_no_at_once_leave_one_of_them(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        await asyncio.gather(*(handed(buyer, order, question, answer) for answer in (NO, YES, NO, YES)))
        last = await handed(buyer, order, question)

    assert outcome(last) in {"placed", "declined"}
    assert house.upstream.create_calls == (outcome(last) == "placed")


async def test_a_yes_to_a_preview_that_has_expired_meanwhile_orders_nothing(house: House) -> None:
    async with in_process(house) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        house.clock.forward(house.settings().preview_ttl + 1)
        late = await handed(buyer, order, question)

    assert outcome(late) == "TOKEN_EXPIRED"
    assert house.upstream.create_calls == 0


@pytest.mark.parametrize("ttl", [30, 900, 86_400])
async def test_a_question_outlives_every_preview_so_that_a_late_yes_is_told_as_late(
    house: House, monkeypatch: pytest.MonkeyPatch, ttl: int
) -> None:
    class Later:
        @staticmethod
        def time() -> float:
            return time.time() + ttl + 60

    async with in_process(house, preview_ttl=ttl) as buyer:
        order = order_of(await buyer.preview(("plain", 1)))
        question = await asked(buyer, order)
        monkeypatch.setattr(request_state, "time", Later)
        house.clock.forward(ttl + 60)
        late = await handed(buyer, order, question)

    assert outcome(late) == "TOKEN_EXPIRED"
    assert house.upstream.create_calls == 0


async def test_a_yes_to_a_text_that_is_no_longer_true_is_asked_again(house: House) -> None:
    async with in_process(house) as buyer:
        orders = [order_of(await buyer.preview(("plain", 1))) for _ in range(2)]
        questions = [await asked(buyer, order) for order in orders]
        made = await handed(buyer, orders[0], questions[0])
        house.clock.forward(1)
        again = await handed(buyer, orders[1], questions[1])

    assert outcome(made) == "placed"
    assert isinstance(again, InputRequiredResult)
    assert shown(again) != shown(questions[1])
    assert house.upstream.create_calls == 1
