"""Calls that others overtake between two of their steps: each is told what became of the token, and sends nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from torture.scripted import CREATE, LIST, Reply, refusal
from torture.world import ADDRESS, BASKETS, Wait, World

from orders_tools.consent.answer import Answer
from orders_tools.consent.question import note_lost_yes, record_unanswered
from orders_tools.create_order import create_order
from orders_tools.errors import ArgumentFault, ArgumentProblem, FaultCode, InvalidArguments, ToolFault
from orders_tools.preview_order import preview_order
from orders_tools.results.create import CreateResult
from orders_tools.vocabulary import Unavailability
from support.full_disk import full_disk

pytestmark = pytest.mark.anyio
ONE = BASKETS["one"]


def once(world: World, point: str, act: Wait) -> None:
    """Somebody does `act` when the first caller has come to `point`."""

    async def acted() -> None:
        world.points.waits.clear()
        await act()

    world.points.waits[point] = acted


def given(world: World, token: str) -> dict[str, str]:
    shown = world.shown.get(token)
    return {"preview_token": token, "expected_total": shown.total if shown else "1.00"}


async def refused(world: World, token: str, answer: Answer = Answer.YES, at: datetime | None = None) -> ToolFault:
    with pytest.raises(ToolFault) as fault:
        await create_order(world.purchasing, given(world, token), answer, at or world.clock())
    return fault.value


async def told(world: World, token: str, answer: Answer = Answer.YES) -> CreateResult:
    said = await world.create(token, answer=answer)
    assert said.result, said.what
    return said.result


async def test_a_no_before_the_claim_is_told_as_somebody_elses(world: World) -> None:
    token = (await world.preview(ONE)).what
    once(world, "before claim", lambda: world.create(token, answer=Answer.NO))
    result = await told(world, token)

    assert (result.outcome, result.replayed) == ("declined", True)
    assert world.upstream.executed == []


async def test_a_no_before_a_changed_price_is_written_is_told_as_somebody_elses(world: World) -> None:
    world.upstream.offers = {2: "dearer"}
    token = (await world.preview(ONE)).what
    once(world, "before supersede", lambda: world.create(token, answer=Answer.NO))
    result = await told(world, token)

    assert (result.outcome, result.replayed) == ("declined", True)
    assert world.upstream.calls[CREATE] == 0


async def test_a_yes_that_was_taken_back_and_given_anew_is_another_one(world: World) -> None:
    token = (await world.preview(ONE)).what

    async def changed_twice() -> None:
        await world.create(token, answer=Answer.NO)
        await world.approve_in_terminal(token)

    once(world, "before claim", changed_twice)
    result = await told(world, token)
    waits = await told(world, (await world.preview(BASKETS["split"])).what, Answer.NOT_ASKED)

    assert (result.outcome, result.replayed) == ("awaiting_approval", False)
    assert result.purchase_ref == world.shown[token].purchase_ref
    assert "has not answered" not in result.summary + waits.summary
    assert world.upstream.executed == []
    assert (await told(world, token, Answer.NOT_ASKED)).outcome == "placed"


async def test_a_call_that_finds_its_order_made_meanwhile_tells_that_one(world: World) -> None:
    token = (await world.preview(ONE)).what
    once(world, "before orders", lambda: world.create(token))
    result = await told(world, token)

    assert (result.outcome, result.replayed) == ("placed", True)
    assert [order.order_id for order in result.orders] == list(world.upstream.executed[0].order_ids)
    assert world.upstream.calls[CREATE] == 1


async def test_a_reference_that_another_token_used_is_told_as_that(world: World) -> None:
    first, second = [(await world.preview(BASKETS[name], purchase_ref="PO-7")).what for name in ("one", "split")]
    assert (await world.create(first)).what == "placed"
    fault = await refused(world, second)
    with pytest.raises(InvalidArguments) as afresh:
        await preview_order(world.purchasing, {"lines": ONE, "address": ADDRESS, "purchase_ref": "PO-7"})

    assert (fault.code, fault.reason, fault.details) == (FaultCode.NOT_ORDERABLE, "reference_used", {"issues": []})
    assert afresh.value.faults == (ArgumentFault("purchase_ref", ArgumentProblem.REFERENCE_USED),)
    assert world.upstream.calls[CREATE] == 1


@pytest.mark.parametrize(
    ("end", "quantity", "code"),
    [
        ("none", 2, "BOUGHT_MEANWHILE"),
        ("dropped_after", 2, "POSSIBLE_DUPLICATE"),
        ("dropped_after", 9, "ALIKE_IN_DOUBT"),
    ],
)
async def test_what_was_ordered_since_the_question_is_named_to_whoever_says_yes(
    world: World, end: str, quantity: int, code: str
) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", [end]
    token, asked = (await world.preview(ONE)).what, world.clock()
    other = await world.preview([{**ONE[0], "quantity": quantity}], purchase_ref="PO-7")
    await world.create(other.what)
    fault = await refused(world, token, at=asked)

    assert fault.code == FaultCode.NOT_ORDERABLE
    assert [issue["code"] for issue in fault.details["issues"]] == [code]
    assert "PO-7" in fault.details["issues"][0]["message"]
    assert world.upstream.calls[CREATE] == 1


async def test_an_order_that_the_ledger_knows_nothing_of_is_named(world: World) -> None:
    token = (await world.preview(ONE, purchase_ref="PO-7")).what
    made = world.upstream.foreign_order((("610000000001", None, 2),), "PO-7")
    fault = await refused(world, token)

    assert (fault.code, fault.reason) == (FaultCode.NOT_ORDERABLE, "order_exists")
    assert fault.details == {"order_ids": [made.order_id], "purchase_ref": "PO-7", "issues": []}
    assert world.upstream.calls[CREATE] == 0


@pytest.mark.parametrize(
    ("offer", "code", "shown"),
    [
        ("610000000001", ADDRESS["mobile"], "＊＊＊"),
        ("610000000001", "610000000001", "610000000001"),
        (ADDRESS["mobile"], ADDRESS["mobile"], ADDRESS["mobile"]),
    ],
)
async def test_a_refused_look_names_the_code_and_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, offer: str, code: str, shown: str
) -> None:
    real = world.upstream.answer

    def answer(path: str, headers: Mapping[str, str], content: bytes) -> Reply:
        return refusal(code, "no") if path.endswith(LIST) else real(path, headers, content)

    token = (await world.preview([{"offer_id": offer, "quantity": 2}])).what
    monkeypatch.setattr(world.upstream, "answer", answer)
    fault = await refused(world, token)

    assert (fault.code, fault.reason) == (FaultCode.UPSTREAM_UNAVAILABLE, "look")
    assert fault.details == {"why": f"it refuses the list with code {shown}", "kind": Unavailability.REFUSED}


async def test_a_part_that_is_settled_before_its_turn_is_told_as_it_was_settled(world: World) -> None:
    token = (await world.preview(BASKETS["two_sellers"])).what

    async def settled() -> None:
        world.clock.forward(7200)
        await world.create(token)

    once(world, "before dispatch", settled)
    result = await told(world, token)

    assert (result.outcome, result.replayed) == ("partly_placed", False)
    assert [line.offer_id for line in result.failed_lines] == ["610000000002"]
    assert world.upstream.calls[CREATE] == 1


@pytest.mark.parametrize("wrong", ["PV-" + "0" * 26, "no token"])
async def test_a_no_to_a_token_that_does_not_exist_is_refused_as_any_other(world: World, wrong: str) -> None:
    assert (await refused(world, wrong, Answer.NO)).code is FaultCode.TOKEN_INVALID


async def test_a_no_said_twice_is_news_once(world: World) -> None:
    token = (await world.preview(ONE)).what
    heard = [await told(world, token, Answer.NO) for _ in range(2)]

    assert [(each.outcome, each.replayed) for each in heard] == [("declined", False), ("declined", True)]


async def test_a_ledger_that_breaks_under_a_yes_is_told_as_that(world: World) -> None:
    token = (await world.preview(ONE)).what

    def broken() -> None:
        world.file.write_bytes(b"no ledger any more")

    world.points.acts["before approve"] = broken
    said = await world.create(token)

    assert said.what.startswith("STORE ")
    assert world.upstream.calls[CREATE] == 0


async def unanswered(world: World, token: str) -> bool:
    """Whether the ledger has it that a dialog for the token is not answered."""
    await record_unanswered(world.purchasing, token)
    [row] = world.rows("SELECT dialog_unanswered_at FROM purchases WHERE token = ?", token)
    return row["dialog_unanswered_at"] is not None


async def test_a_dialog_without_an_answer_is_kept_until_the_client_comes_back(world: World) -> None:
    token, other = [(await world.preview(BASKETS[name])).what for name in ("one", "split")]
    kept = await unanswered(world, token)
    with full_disk():
        closed = await told(world, token, Answer.SILENT)
        await note_lost_yes(world.purchasing, token)
    waiting = await told(world, token, Answer.NOT_ASKED)
    await note_lost_yes(world.purchasing, token)
    back = await told(world, token, Answer.NOT_ASKED)
    await record_unanswered(world.purchasing, "PV-" + "0" * 26)

    assert kept
    assert [each.outcome for each in (closed, waiting, back)] == ["awaiting_approval"] * 3
    assert "has not answered" in waiting.summary
    assert "has not answered" not in back.summary + (await told(world, other, Answer.NOT_ASKED)).summary


@pytest.mark.parametrize("shows_dialogs", [True, False])
async def test_who_was_not_asked_is_told_whether_the_client_can_ask(world: World, shows_dialogs: bool) -> None:
    token = (await world.preview(ONE)).what
    purchasing = replace(world.purchasing, shows_dialogs=shows_dialogs)
    result = await create_order(purchasing, given(world, token), Answer.NOT_ASKED)

    assert ("Nobody has said yes yet" in result.summary) is shows_dialogs
    assert ("This client shows no dialog" in result.summary) is not shows_dialogs
