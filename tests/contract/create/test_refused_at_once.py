"""What a call is told before anything is asked of the upstream: by its token, by what blocks, and by its total."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from torture.scripted import CREATE, PREVIEW
from torture.world import BASKETS, World

from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_tools.consent.answer import Answer
from orders_tools.consent.question import record_unanswered
from orders_tools.create_order import create_order
from orders_tools.errors import FaultCode, StoreUnavailable, ToolFault
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel

pytestmark = pytest.mark.anyio
ONE = BASKETS["one"]


async def refused(world: World, token: str, total: str, answer: Answer = Answer.YES) -> ToolFault:
    with pytest.raises(ToolFault) as fault:
        await create_order(world.purchasing, {"preview_token": token, "expected_total": total}, answer)
    return fault.value


def by_hand(world: World, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute(statement, values)
        connection.commit()


async def test_another_total_is_told_with_the_one_that_was_shown(world: World) -> None:
    token = (await world.preview(ONE, purchase_ref="PO-7")).what
    fault = await refused(world, token, "24.99")

    assert (fault.code, fault.details) == (FaultCode.TOTAL_MISMATCH, {"payable": "25.00", "purchase_ref": "PO-7"})


async def test_what_blocks_the_preview_is_told_again(world: World) -> None:
    world.upstream.twist = "blocker"
    token = (await world.preview(ONE)).what
    fault = await refused(world, token, "25.00", Answer.NOT_ASKED)

    assert fault.code is FaultCode.NOT_ORDERABLE
    assert {(issue["severity"], issue["code"]) for issue in fault.details["issues"]} == {("blocks", "SHORT_STOCK")}
    assert world.upstream.calls[PREVIEW] == 1


async def test_what_came_into_doubt_since_the_preview_is_told_before_anybody_is_asked(world: World) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_after"]
    token, other = [(await world.preview(ONE)).what for _ in range(2)]
    await world.create(other)
    fault = await refused(world, token, "25.00", Answer.NOT_ASKED)

    assert [issue["code"] for issue in fault.details["issues"]] == ["POSSIBLE_DUPLICATE"]


async def test_a_no_in_the_terminal_is_the_last_word(world: World) -> None:
    token = (await world.preview(ONE)).what
    purchase = await world.purchasing.ledger.purchase(world.purchasing.owner, token)
    assert purchase
    await world.purchasing.ledger.decline(purchase, "terminal", world.clock())
    said = await world.create(token)

    assert said.what == "declined"
    assert said.result
    assert said.result.replayed
    assert "nothing more happens with this token" in said.result.next_step


@pytest.mark.parametrize("table", ["placements", "purchases"])
async def test_a_used_token_without_its_rows_is_none(world: World, table: str) -> None:
    world.upstream.offers = {2: "dearer"} if table == "purchases" else {}
    token = (await world.preview(ONE)).what
    await world.create(token)
    by_hand(world, "DELETE FROM consignees WHERE token <> ?", token)
    by_hand(world, "DELETE FROM events")
    by_hand(world, f"DELETE FROM {table} WHERE {'token <>' if table == 'purchases' else 'token ='} ?", token)

    assert (await refused(world, token, "25.00")).code is FaultCode.TOKEN_INVALID
    assert world.upstream.calls[CREATE] == (1 if table == "placements" else 0)


@pytest.mark.parametrize(("answer", "shown"), [(Answer.YES, None), (Answer.YES, 3), (Answer.NOT_ASKED, 3)])
async def test_a_yes_is_to_the_text_that_was_answered_and_else_to_the_preview(
    world: World, answer: Answer, shown: int | None
) -> None:
    world.approval = "host"
    token = (await world.preview(ONE)).what
    previewed = world.clock()
    world.clock.forward(10)
    shown_at = None if shown is None else previewed + timedelta(seconds=shown)
    given = {"preview_token": token, "expected_total": world.shown[token].total}
    result = await create_order(world.purchasing, given, answer, shown_at)
    [row] = world.rows("SELECT shown_at, approved_at, approved_through FROM purchases WHERE token = ?", token)

    assert result.outcome == "placed"
    heard = shown_at if answer is Answer.YES and shown_at else previewed
    assert row["shown_at"] == heard.isoformat(timespec="microseconds")
    assert row["approved_at"] == world.clock().isoformat(timespec="microseconds")
    assert row["approved_through"] == "host"


async def test_a_no_before_the_yes_is_written_is_told_as_somebody_elses(world: World) -> None:
    token = (await world.preview(ONE)).what

    async def no() -> None:
        world.points.waits.clear()
        await world.create(token, answer=Answer.NO)

    world.points.waits["before approve"] = no
    said = await world.create(token)

    assert said.what == "declined"
    assert said.result
    assert said.result.replayed
    assert world.upstream.calls[CREATE] == 0


async def test_a_yes_of_somebody_else_before_ours_is_written_counts(world: World) -> None:
    token = (await world.preview(ONE)).what

    async def yes() -> None:
        world.points.waits.clear()
        purchase = await world.purchasing.ledger.purchase(world.purchasing.owner, token)
        assert purchase
        now = world.clock()
        assert await world.purchasing.ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=now, shown_at=now))

    world.points.waits["before approve"] = yes
    said = await world.create(token)

    assert said.what == "placed"
    assert said.result
    assert said.result.approval
    assert said.result.approval.channel == "terminal"


async def expires_at(world: World, token: str) -> datetime:
    [row] = world.rows("SELECT expires_at FROM purchases WHERE token = ?", token)
    return datetime.fromisoformat(row["expires_at"])


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
async def test_a_preview_is_over_at_its_end_for_good(world: World, late: timedelta) -> None:
    token = (await world.preview(ONE)).what
    over = await expires_at(world, token)
    world.clock.now = over + late
    first = await refused(world, token, "25.00")
    world.clock.now = over - timedelta(seconds=1)
    again = await refused(world, token, "25.00")

    for fault in (first, again):
        assert (fault.code, fault.reason) == (FaultCode.TOKEN_EXPIRED, "")
        assert fault.details == {"expires_at": over}
    assert world.rows("SELECT state FROM purchases") == [{"state": "expired"}]


async def test_a_ledger_that_was_put_back_is_told_as_the_reason(world: World) -> None:
    token = (await world.preview(ONE)).what
    over = await expires_at(world, token)
    await world.close()
    copy = world.file.read_bytes()
    await world.preview(BASKETS["split"])
    await world.close()
    world.file.write_bytes(copy)
    fault = await refused(world, token, "25.00")

    assert (fault.code, fault.reason, fault.details) == (FaultCode.TOKEN_EXPIRED, "ledger", {"expires_at": over})
    assert world.rows("SELECT state FROM purchases WHERE token = ?", token) == [{"state": "open"}]


async def test_what_was_used_is_told_although_the_key_is_another(world: World) -> None:
    used, open_one = [(await world.preview(BASKETS[name])).what for name in ("one", "split")]
    await world.create(used)
    ledger = SqlLedger(world.store, Seals(b"another key"))
    purchasing = replace(world.purchasing, ledger=ledger)
    given = {"preview_token": used, "expected_total": "25.00"}
    result = await create_order(purchasing, given, Answer.NOT_ASKED)
    with pytest.raises(ToolFault) as fault:
        await create_order(purchasing, {"preview_token": open_one, "expected_total": "50.00"}, Answer.YES)

    assert (result.outcome, result.replayed) == ("placed", True)
    assert fault.value.code is FaultCode.TOKEN_INVALID


async def test_a_clock_that_was_set_back_ends_nothing_for_good(world: World) -> None:
    token = (await world.preview(ONE)).what
    now = world.clock()
    world.clock.forward(-7200)
    fault = await refused(world, token, "25.00")
    world.clock.now = now

    assert fault.code is FaultCode.TOKEN_EXPIRED
    assert world.rows("SELECT state FROM purchases") == [{"state": "open"}]
    assert (await world.create(token)).what == "placed"


@pytest.mark.parametrize(
    ("answer", "point", "unanswered"), [(Answer.YES, "approve", False), (Answer.NO, "close_dialog", True)]
)
async def test_a_yes_that_could_not_be_written_may_be_asked_for_again(
    world: World, answer: Answer, point: str, unanswered: bool
) -> None:
    def busy() -> None:
        raise StoreUnavailable("busy")

    token = (await world.preview(ONE)).what
    await record_unanswered(world.purchasing, token)
    world.points.acts[f"before {point}"] = busy
    said = await world.create(token, answer=answer)
    [row] = world.rows("SELECT dialog_unanswered_at FROM purchases")

    assert said.what == "STORE busy"
    assert (row["dialog_unanswered_at"] is not None) is unanswered
