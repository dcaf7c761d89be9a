"""Two purchases in doubt at once: a person's word counts for the one whose reference was typed, and for no other."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from orders_server.app.services import Services
from orders_server.cli import settle as commands
from orders_tools.settlement import manual as deciding
from orders_tools.settlement.manual import CannotSettle
from support.house import ADDRESS, House, Person, content_of, offer_id, order_of

pytestmark = pytest.mark.anyio
OLDER, NEWER = "PO-OLDER", "PO-NEWER"
NEVER = "9999999999999999999"


def nothing_found(*_: Any) -> dict[str, Any]:
    return {"success": True, "result": []}


@pytest.fixture
async def order_ids(house: House, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The orders of two purchases whose answers were lost two days ago, by reference; no look finds them."""
    monkeypatch.setattr("orders_sandbox.app.list_orders", nothing_found)
    house.clock.now = datetime.now(UTC) - timedelta(days=2)
    ids: dict[str, str] = {}
    async with house.buyer(person=Person()) as buyer:
        for quantity, reference in enumerate((OLDER, NEWER), start=1):
            preview = await buyer.preview(("lost-answer", quantity), purchase_ref=reference)
            assert (await buyer.create(preview))["outcome"] == "unknown"
            [ids[reference]] = {str(order.order_id) for order in house.upstream.orders()} - set(ids.values())
            house.clock.forward(60)
    house.clock.now = datetime.now(UTC)
    return ids


def rows(house: House, query: str) -> dict[Any, Any]:
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        return dict(connection.execute(query).fetchall())


def states(house: House) -> dict[str, str]:
    return rows(house, "SELECT part_ref, state FROM placements")


def last_line(told: tuple[int, str]) -> tuple[int, str]:
    """The exit status and the last line of the screen; the lines before it say which ledger was found."""
    return told[0], told[1].splitlines()[-1]


async def at_terminal(house: House, typed: str, command: str, *arguments: str) -> tuple[int, str]:
    """The exit status and the screen of a command where `typed` is typed."""
    with CliRunner().isolation(input=f"{typed}\n") as (screen, errors, _):
        status = await getattr(commands, command)(house.settings(), *arguments)
    return status, (screen.getvalue() + errors.getvalue()).decode()


@pytest.mark.parametrize(("meant", "other"), [(OLDER, NEWER), (NEWER, OLDER)], ids=["older", "newer"])
async def test_releasing_one_of_two_doubts_leaves_the_other(
    house: House, order_ids: dict[str, str], meant: str, other: str
) -> None:
    status, screen = await at_terminal(house, meant, "release", meant)

    assert status == 0
    assert f"Sent as {meant} at" in screen
    assert f"{meant} is rejected: it was declared that no order was made." in screen
    assert states(house) == {meant: "rejected", other: "unknown"}
    assert rows(house, "SELECT part_ref, why FROM events WHERE to_state = 'rejected'") == {
        meant: "released_by_a_person"
    }


@pytest.mark.parametrize("part", [1, 2])
async def test_a_purchase_of_two_sellers_is_settled_by_its_own_reference_and_the_order_that_fits(
    house: House, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr("orders_sandbox.app.list_orders", nothing_found)
    house.clock.now = datetime.now(UTC) - timedelta(days=2)
    lines = [
        {"offer_id": offer_id(name), "quantity": 1, "seller_open_id": seller}
        for name, seller in (("lost-answer", "one"), ("bad-gateway", "two"))
    ]
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.said("preview_order", lines=lines, address=ADDRESS, purchase_ref=OLDER)
        told = await buyer.call("create_order", **order_of(preview))
        order_ids = sorted(str(order.order_id) for order in house.upstream.orders())
        house.clock.now = datetime.now(UTC)
    assert content_of(told)["outcome"] == "unknown"

    status, screen = await at_terminal(house, order_ids[part - 1], "settle", OLDER, order_ids[part - 1])

    assert (status, states(house)) == (0, {f"{OLDER}-{part}": "placed", f"{OLDER}-{3 - part}": "unknown"}), screen


@pytest.mark.parametrize(("meant", "other"), [(OLDER, NEWER), (NEWER, OLDER)], ids=["older", "newer"])
async def test_settling_one_of_two_doubts_leaves_the_other(
    house: House, order_ids: dict[str, str], meant: str, other: str
) -> None:
    status, screen = await at_terminal(house, order_ids[meant], "settle", meant, order_ids[meant])

    assert status == 0
    assert f"Sent as {meant} at" in screen
    assert f"{meant} is placed." in screen
    assert states(house) == {meant: "placed", other: "unknown"}
    assert rows(house, "SELECT order_id, part_ref FROM placed_orders") == {order_ids[meant]: meant}
    assert rows(house, "SELECT part_ref, why FROM events WHERE to_state = 'placed'") == {meant: "accepted_by_a_person"}


async def test_another_answer_than_the_reference_or_the_order_id_decides_nothing(
    house: House, order_ids: dict[str, str]
) -> None:
    released = await at_terminal(house, OLDER, "release", NEWER)
    settled = await at_terminal(house, order_ids[OLDER], "settle", NEWER, order_ids[NEWER])

    for status, screen in (released, settled):
        assert status == 1
        assert "That is something else: nothing was changed." in screen
    assert states(house) == {OLDER: "unknown", NEWER: "unknown"}


@pytest.mark.parametrize("command", ["release", "settle"])
async def test_a_reference_that_is_not_in_doubt_is_refused_by_name(
    house: House, order_ids: dict[str, str], command: str
) -> None:
    status, screen = await at_terminal(house, "PO-NONE", command, "PO-NONE", *([NEVER] if command == "settle" else []))

    assert last_line((status, screen)) == (1, "Nothing was changed: nothing with the reference PO-NONE is in doubt.")
    assert states(house) == {OLDER: "unknown", NEWER: "unknown"}


async def test_an_order_of_the_other_doubt_or_of_none_is_refused_with_the_reason(
    house: House, order_ids: dict[str, str]
) -> None:
    others = await at_terminal(house, order_ids[OLDER], "settle", NEWER, order_ids[OLDER])
    nobodys = await at_terminal(house, NEVER, "settle", NEWER, NEVER)

    reason = f"order {order_ids[OLDER]} carries the reference of another purchase"
    assert last_line(others) == (1, f"Nothing was changed: {reason}.")
    assert last_line(nobodys) == (1, f"Nothing was changed: the ordering API has no order {NEVER}.")
    assert states(house) == {OLDER: "unknown", NEWER: "unknown"}


def _without_reference(house: House, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """The upstream's detail tells no external number, or an empty one; `changed` is told instead of what is true."""
    from orders_server.xportcn.client import XportcnClient

    real = XportcnClient.order

    async def bare(self: XportcnClient, order_id: str) -> Any:
        order = await real(self, order_id)
        return order and order.model_copy(update={"out_order_id": None, **changed})

    monkeypatch.setattr(XportcnClient, "order", bare)


@pytest.mark.parametrize("number", [None, ""], ids=["none", "empty"])
async def test_an_order_that_carries_no_reference_may_be_taken_once(
    house: House, order_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch, number: str | None
) -> None:
    _without_reference(house, monkeypatch, out_order_id=number)
    first = await at_terminal(house, order_ids[OLDER], "settle", OLDER, order_ids[OLDER])
    again = await at_terminal(house, order_ids[OLDER], "settle", NEWER, order_ids[OLDER])

    assert first[0] == 0
    assert last_line(again) == (1, f"Nothing was changed: order {order_ids[OLDER]} is recorded as another purchase's.")
    assert states(house) == {OLDER: "placed", NEWER: "unknown"}


async def test_an_order_of_other_lines_is_refused_with_the_reason(
    house: House, order_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_reference(house, monkeypatch)
    told = await at_terminal(house, order_ids[OLDER], "settle", NEWER, order_ids[OLDER])

    assert last_line(told) == (
        1,
        f"Nothing was changed: order {order_ids[OLDER]} holds other lines than this purchase.",
    )
    assert states(house) == {OLDER: "unknown", NEWER: "unknown"}


async def test_a_person_may_take_an_order_again_that_is_recorded_as_just_this_purchases(
    house: House, order_ids: dict[str, str]
) -> None:
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        connection.execute(
            "INSERT INTO placed_orders (owner, order_id, part_ref) SELECT owner, ?, part_ref FROM placements"
            " WHERE part_ref = ?",
            (order_ids[NEWER], NEWER),
        )
    async with Services(house.settings(), clock=house.clock) as services:
        purchasing = await services.purchasing()
        doubt = await deciding.find_doubt(purchasing, NEWER)

        assert (await deciding.check_order(purchasing, doubt, order_ids[NEWER])).order_id == order_ids[NEWER]


async def test_what_the_taken_order_charges_differently_is_kept_and_told(
    house: House, order_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_reference(house, monkeypatch, payable=9900)
    status, _ = await at_terminal(house, order_ids[NEWER], "settle", NEWER, order_ids[NEWER])
    async with Services(house.settings(), clock=house.clock) as services:
        purchasing = await services.purchasing()
        placement = await purchasing.ledger.placement_of(purchasing.owner, order_ids[NEWER], None)

    assert status == 0
    assert placement is not None
    assert placement.part_ref == NEWER
    assert placement.verdict is not None
    assert placement.verdict.compared
    assert [finding.code for finding in placement.verdict.differences] == ["CHARGED_DIFFERENTLY"]


async def test_a_doubt_that_the_look_settles_leaves_nothing_to_decide(
    house: House, order_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    status, screen = await at_terminal(house, NEWER, "release", NEWER)

    assert last_line((status, screen)) == (
        1,
        f"Nothing was changed: {NEWER} is placed now; there is nothing to decide.",
    )
    assert states(house)[NEWER] == "placed"


async def test_a_doubt_may_be_released_from_just_the_moment_that_was_said(
    house: House, order_ids: dict[str, str]
) -> None:
    async with Services(house.settings(), clock=house.clock) as services:
        purchasing = await services.purchasing()
        doubt = await deciding.find_doubt(purchasing, NEWER)
        house.clock.now = doubt.releasable_from - timedelta(microseconds=1)
        with pytest.raises(CannotSettle, match="TOO_EARLY") as early:
            await deciding.release(purchasing, doubt)
        assert early.value.details == {"moment": doubt.releasable_from}
        house.clock.now = doubt.releasable_from
        released = await deciding.release(purchasing, doubt)

    assert (released.part_ref, released.state) == (NEWER, "rejected")
    assert states(house) == {OLDER: "unknown", NEWER: "rejected"}
