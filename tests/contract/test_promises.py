"""One promise, one short test: each goes red where the code that keeps the promise is broken (`bugs.py`)."""

import asyncio
import sqlite3
from contextlib import closing

import anyio
import pytest
from sqlalchemy import Connection
from torture.joining import violations
from torture.scripted import CREATE, Twist
from torture.served import ServedWorld
from torture.world import ADDRESS, BASKETS, Crash, World

from orders_tools.consent.answer import Answer, record_yes
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel

OTHER_GOODS = [
    {"offer_id": "610000000005", "quantity": 1, "seller_open_id": "one"},
    {"offer_id": "610000000002", "quantity": 2, "seller_open_id": "two"},
]

pytestmark = pytest.mark.anyio
ONE = BASKETS["one"]


@pytest.mark.parametrize("fault", ["reset_after", "hung_after", "page_502_after"])
async def test_a_lost_answer_is_not_tried_again(world: World, fault: str) -> None:
    world.upstream.faults = [fault]
    token = (await world.preview(ONE)).what
    await world.create(token)

    assert world.upstream.calls[CREATE] == 1


async def test_the_row_is_on_the_disk_before_the_call_leaves(world: World) -> None:
    token = (await world.preview(ONE)).what
    await world.create(token)

    assert len(world.upstream.executed) == 1
    assert world.undurable == []


async def test_not_found_never_adds_a_send(world: World) -> None:
    world.upstream.faults, world.upstream.lag = ["reset_after"], 600
    token = (await world.preview(ONE)).what
    heard: list[str] = []
    for seconds in (0, 8, 83, 600):
        world.clock.forward(seconds)
        heard.append((await world.create(token)).what)

    assert heard == ["unknown", "unknown", "unknown", "placed"]
    assert world.upstream.calls[CREATE] == 1


async def test_not_found_after_a_crash_is_unknown_and_never_rejected(world: World) -> None:
    world.upstream.lag = 600
    world.points.plan = ["after create"]
    token = (await world.preview(ONE)).what
    with pytest.raises(Crash):
        await world.create(token)
    await world.restart()
    heard: list[str] = []
    for seconds in (1, 60, 600):
        world.clock.forward(seconds)
        heard.append((await world.create(token)).what)

    assert heard == ["IN_PROGRESS", "unknown", "placed"]
    assert violations(world) == []


@pytest.mark.parametrize("fault", ["code_400_after", "success_without_id", "cut_in_half"])
async def test_an_answer_that_proves_nothing_is_unknown(world: World, fault: str) -> None:
    world.upstream.faults = [fault]
    token = (await world.preview(ONE)).what

    assert (await world.create(token)).what == "unknown"


async def test_system_busy_is_no_refusal(world: World) -> None:
    world.upstream.faults = ["busy_after"]
    token = (await world.preview(ONE)).what

    assert [(await world.create(token)).what for _ in range(2)] == ["unknown", "placed"]


async def test_our_own_reference_is_no_order_id(world: World) -> None:
    world.upstream.faults = ["refused_with_our_reference"]
    token = (await world.preview(ONE)).what
    said = await world.create(token)

    assert (said.what, said.orders) == ("rejected", frozenset())
    assert (await world.create((await world.preview(ONE)).what)).what == "placed"


@pytest.mark.parametrize("fault", ["id_of_long_ago_before", "id_of_long_ago_after"])
async def test_an_order_of_before_the_send_is_none_of_this_purchase(world: World, fault: str) -> None:
    world.upstream.faults, world.upstream.profile = [fault], "echoed"
    token = (await world.preview(ONE)).what
    first = await world.create(token)
    world.clock.forward(86_400)
    later = await world.create(token)
    [executed] = [frozenset(each.order_ids) for each in world.upstream.executed] or [frozenset[str]()]

    assert first.what == ("placed" if executed else "unknown")
    assert (later.what, later.orders) == (first.what, executed)
    assert first.result
    assert [issue.code for issue in first.result.issues] == ([] if executed else ["ORDER_OLDER"])


async def test_the_beginning_of_a_refusal_is_none(world: World) -> None:
    world.upstream.faults = ["refused_by_a_beginning_after"]
    token = (await world.preview(ONE)).what

    assert [(await world.create(token)).what for _ in range(2)] == ["unknown", "placed"]


@pytest.mark.parametrize(
    "fault",
    [
        "refused_beside_success_after",
        "refused_with_an_amount_after",
        "refused_with_a_number_after",
        "refused_and_created_after",
    ],
)
async def test_a_refusal_beside_a_sign_of_an_order_is_none(world: World, fault: str) -> None:
    world.upstream.faults = [fault]
    token = (await world.preview(ONE)).what

    assert [(await world.create(token)).what for _ in range(2)] == ["unknown", "placed"]


async def test_an_order_is_found_by_the_reference_that_was_sent(world: World) -> None:
    world.upstream.faults = ["reset_after"]
    token = (await world.preview(ONE)).what
    await world.create(token)

    assert (await world.create(token)).what == "placed"
    assert [each.reference for each in world.upstream.executed] == [world.shown[token].purchase_ref]


async def test_a_basket_that_was_edited_in_the_ledger_is_not_ordered(world: World) -> None:
    token = (await world.preview(ONE)).what
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute("UPDATE purchases SET basket = replace(basket, '\"quantity\":2', '\"quantity\":9')")
        connection.commit()

    assert (await world.create(token)).what == "TOKEN_INVALID"
    assert world.upstream.executed == []


async def test_one_reference_is_ordered_once_whatever_goods_it_is_given_for(world: World) -> None:
    # They share no offer, and the parts of the second have references of their own.
    baskets = BASKETS["one"], OTHER_GOODS, BASKETS["split"]
    *at_once, later = [(await world.preview(basket, purchase_ref="PO-7")).what for basket in baskets]
    # Each has looked for orders with the reference before either of them sends.
    world.points.waits["before claim"] = asyncio.Barrier(2).wait
    with anyio.fail_after(20):
        heard = await asyncio.gather(*(world.create(token) for token in at_once))
    world.clock.forward(60)

    assert sorted(said.what for said in heard) == ["NOT_ORDERABLE", "placed"]
    assert (await world.create(later)).what == "NOT_ORDERABLE"
    assert {each.reference.split("-")[1] for each in world.upstream.executed} == {"7"}
    assert len(world.rows("SELECT token FROM purchases WHERE state = 'claimed'")) == 1


@pytest.mark.parametrize("approved_before", [True, False])
async def test_callers_of_one_token_hear_its_outcome_or_that_it_is_on_its_way(
    world: World, approved_before: bool
) -> None:
    token = (await world.preview(ONE)).what
    if approved_before:  # all of them claim with the same yes
        await world.approve_in_terminal(token)
    world.points.waits["before claim"] = asyncio.Barrier(8).wait
    with anyio.fail_after(20):
        heard = [said.what for said in await asyncio.gather(*(world.create(token) for _ in range(8)))]

    assert set(heard) <= {"placed", "IN_PROGRESS"}
    assert "placed" in heard
    assert len(world.upstream.executed) == 1


async def test_each_commit_of_the_ledger_is_synced(world: World) -> None:
    await world.preview(ONE)

    def pragma(connection: Connection, name: str) -> object:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

    assert await world.store.reading(pragma, "synchronous") == 3
    assert await world.store.reading(pragma, "journal_mode") == "delete"


async def test_a_cancelled_caller_leaves_a_recorded_outcome(served_world: ServedWorld) -> None:
    arrived, answered = asyncio.Event(), asyncio.Event()
    token = (await served_world.preview(ONE)).what
    served_world.hold(arrived, answered)
    order = {"preview_token": token, "expected_total": served_world.shown[token].total}
    served_world.answered(token, order["expected_total"], Answer.YES)
    async with served_world.client() as client:
        async with anyio.create_task_group() as callers:
            callers.start_soon(client.call_tool, "create_order", order)
            await arrived.wait()
            callers.cancel_scope.cancel()
            answered.set()
        assert served_world.placing
        assert await served_world.placing.drain(10)

    assert served_world.state_of(served_world.shown[token].purchase_ref) == "placed"
    assert served_world.upstream.calls[CREATE] == 1
    assert violations(served_world) == []


async def test_a_no_is_not_a_yes(world: World) -> None:
    token = (await world.preview(ONE)).what

    assert (await world.create(token, answer=Answer.NO)).what == "declined"
    assert (await world.create(token, answer=Answer.YES)).what == "declined"
    assert world.upstream.executed == []


async def test_a_no_takes_back_a_yes_that_was_given_elsewhere(world: World) -> None:
    token = (await world.preview(ONE)).what
    await world.approve_in_terminal(token)

    assert (await world.create(token, answer=Answer.NO)).what == "declined"
    assert (await world.create(token, answer=Answer.NOT_ASKED)).what == "declined"
    assert world.upstream.executed == []


async def test_a_yes_to_a_text_that_has_gone_stale_orders_nothing(world: World) -> None:
    first, second = [(await world.preview(ONE)).what for _ in range(2)]
    shown_at = world.clock()
    placed = await world.create(first)
    world.clock.forward(60)

    assert placed.what == "placed"
    assert (await world.create(second, shown_at=shown_at)).what == "NOT_ORDERABLE"
    assert len(world.upstream.executed) == 1


async def test_a_ledger_that_was_put_back_orders_nothing_again(world: World) -> None:
    token = (await world.preview(ONE)).what
    await world.approve_in_terminal(token)
    await world.close()
    copy = world.file.read_bytes()
    assert (await world.create(token)).what == "placed"
    await world.close()
    world.file.write_bytes(copy)
    noticed = (await world.create(token)).what
    await world.close()
    world.file.write_bytes(copy)
    world.file.with_name("ledger.sqlite3.seen").unlink()

    assert (noticed, (await world.create(token)).what) == ("TOKEN_EXPIRED", "NOT_ORDERABLE")
    assert len(world.upstream.executed) == 1


async def test_a_yes_that_was_written_into_the_ledger_by_hand_orders_nothing(world: World) -> None:
    bare, signed = [(await world.preview(lines)).what for lines in (ONE, BASKETS["split"])]
    await world.close()
    with closing(sqlite3.connect(world.file)) as connection:
        connection.execute("UPDATE purchases SET state = 'approved'")
        now = world.clock().isoformat(timespec="microseconds")
        yes = (now, now, "0" * 64, signed)
        columns = "approved_through = 'terminal', approved_at = ?, shown_at = ?, approval_seal = ?"
        connection.execute(f"UPDATE purchases SET {columns} WHERE token = ?", yes)
        connection.commit()

    assert [(await world.create(token)).what for token in (bare, signed)] == ["TOKEN_INVALID"] * 2
    assert world.upstream.executed == []


async def test_an_expired_token_orders_nothing(world: World) -> None:
    token = (await world.preview(ONE)).what
    world.clock.forward(901)

    assert (await world.create(token)).what == "TOKEN_EXPIRED"
    assert world.upstream.executed == []


async def test_another_total_than_the_one_shown_orders_nothing(world: World) -> None:
    token = (await world.preview(ONE)).what

    assert (await world.create(token, "1.00")).what == "TOTAL_MISMATCH"
    assert world.upstream.executed == []


@pytest.mark.parametrize("fault", ["dropped_before", "dropped_after", "busy_before", "page_500_after"])
async def test_the_same_goods_are_not_ordered_while_one_order_is_in_doubt(world: World, fault: str) -> None:
    world.upstream.faults, world.upstream.profile = [fault], "ignored"
    early = (await world.preview(ONE)).what
    first = (await world.preview(ONE)).what
    assert (await world.create(first)).what == "unknown"
    late = (await world.preview(ONE)).what
    heard = [(await world.create(token)).what for token in (early, late)]

    assert heard == ["NOT_ORDERABLE", "NOT_ORDERABLE"]
    assert world.upstream.calls[CREATE] == 1


async def test_a_price_that_rose_after_the_yes_orders_nothing(world: World) -> None:
    world.upstream.offers = {2: "dearer"}
    token = (await world.preview(ONE)).what

    assert (await world.create(token)).what == "price_changed"
    assert world.upstream.executed == []


@pytest.mark.parametrize("twist", ["warned", "by_description", "hundredth"])
async def test_terms_that_got_worse_after_the_yes_order_nothing(world: World, twist: Twist) -> None:
    world.upstream.offers = {2: twist}
    token = (await world.preview(ONE)).what

    assert [(await world.create(token)).what for _ in range(2)] == ["price_changed", "price_changed"]
    assert world.upstream.executed == []


@pytest.mark.parametrize("fault", ["dropped_after", "busy_before"])
async def test_a_consignee_written_otherwise_is_the_same_while_one_order_is_in_doubt(world: World, fault: str) -> None:
    world.upstream.faults, world.upstream.profile = [fault], "ignored"
    otherwise = {**ADDRESS, "province": "浙江", "mobile": "13800000000"}
    early = (await world.preview(ONE, otherwise)).what
    first = (await world.preview(ONE)).what
    assert (await world.create(first)).what == "unknown"
    late = (await world.preview(ONE, otherwise)).what
    heard = [(await world.create(token)).what for token in (early, late)]

    assert heard == ["NOT_ORDERABLE", "NOT_ORDERABLE"]
    assert world.upstream.calls[CREATE] == 1


async def test_a_create_call_that_never_answers_is_given_up_and_found_later(world: World) -> None:
    world.create_timeout = 0.05
    token = (await world.preview(ONE)).what
    world.hold(asyncio.Event(), asyncio.Event())
    first = await world.create(token)
    world.release()

    assert first.what == "unknown"
    assert (await world.create(token)).what == "placed"
    assert world.upstream.calls[CREATE] == 1


async def test_an_order_that_is_not_what_was_approved_is_told_even_after_a_crash_in_between(world: World) -> None:
    world.upstream.faults = ["answer_of_another_after"]
    token = (await world.preview(ONE)).what
    world.points.plan = ["after record"]
    with pytest.raises(Crash):
        await world.create(token)
    await world.restart()
    said = [await world.create(token) for _ in range(2)]

    told = [{issue.code for issue in each.result.issues} for each in said if each.result]
    assert told == [{"CHARGED_DIFFERENTLY", "LINES_DIFFER"}] * 2


@pytest.mark.parametrize("demanded", ["terminal", "page", "passkey", "ask; terminal above 1"])
async def test_a_weaker_yes_than_is_demanded_orders_nothing(world: World, demanded: str) -> None:
    world.approval = demanded
    token = (await world.preview(ONE)).what

    assert [(await world.create(token)).what for _ in range(2)] == ["awaiting_approval"] * 2
    assert world.upstream.calls[CREATE] == 0


async def test_a_passkeys_yes_without_its_signature_orders_nothing(world: World) -> None:
    world.approval = "passkey"
    token = (await world.preview(ONE)).what
    ledger, owner = world.purchasing.ledger, world.purchasing.owner
    purchase = await ledger.purchase(owner, token)
    assert purchase
    yes = Approval(channel=Channel.PASSKEY, at=world.clock(), shown_at=world.clock(), by="王芳")
    assert await record_yes(ledger, purchase, yes)

    assert (await world.create(token, answer=Answer.NOT_ASKED)).what == "awaiting_approval"
    assert world.upstream.calls[CREATE] == 0


async def test_the_page_orders_once_beside_a_call_with_the_same_token(world: World) -> None:
    token = (await world.preview(ONE)).what
    heard = await asyncio.gather(world.approve_on_page(token), world.create(token))

    assert "placed" in {said.what for said in heard}
    assert len(world.upstream.executed) == 1
    assert violations(world) == []
