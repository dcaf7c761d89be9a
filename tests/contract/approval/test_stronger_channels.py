"""Purchases that demand more than a dialog, and calls that wait until a person has said yes somewhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from orders_tools.consent.answer import record_no, record_yes
from orders_tools.consent.patience import Patience
from orders_tools.create_order import order_with_approval
from orders_tools.ports import Purchasing
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.vocabulary import Channel
from support.commands import types
from support.house import ADDRESS, MODES, House, Person, order_of, saying, text_of

pytestmark = pytest.mark.anyio
LINK = "http://localhost:8766/approvals"


@dataclass
class Page:
    """An approval page that is there, as far as the tools know."""

    asked: list[str] = field(default_factory=list[str])

    async def address(self, purchase: Purchase) -> str:
        self.asked.append(purchase.token)
        return f"{LINK}/{purchase.basket.purchase_ref}"


@dataclass
class Meanwhile:
    """A person who does something at the third look of a call that waits."""

    act: Callable[[], Awaitable[object]] | None = None
    looks: int = 0
    slept: float = 0

    async def sleep(self, seconds: float) -> None:
        self.looks += 1
        self.slept += seconds
        if self.looks == 3 and self.act:
            await self.act()


async def stored(purchasing: Purchasing, preview: dict[str, Any]) -> Purchase:
    purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
    assert purchase is not None
    return purchase


def yes(house: House, channel: Channel, by: str | None = "王芳") -> Approval:
    return Approval(channel=channel, at=house.clock(), shown_at=house.clock(), by=by)


def patience(house: House, seconds: float = 25) -> Meanwhile:
    meanwhile = Meanwhile()
    house.patience = Patience(seconds, meanwhile.sleep)
    return meanwhile


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("demanded", ["terminal", "page", "passkey", "ask; page above 20"])
async def test_where_more_than_a_dialog_is_demanded_no_client_is_asked_and_no_client_can_order(
    house: House, mode: str, demanded: str
) -> None:
    person = Person()
    async with house.buyer(mode, person=person, approval=demanded) as buyer:
        preview = await buyer.preview(("plain", 1))
        first = await buyer.create(preview)
        second = await buyer.create(preview)

    assert person.shown == []
    assert {first["outcome"], second["outcome"]} == {"awaiting_approval"}
    assert "not enough" in first["summary"]
    assert house.upstream.create_calls == 0


async def test_below_the_step_the_dialog_is_enough(house: House) -> None:
    person = Person()
    async with house.buyer(person=person, approval="ask; passkey above 35") as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))

    assert (made["outcome"], made["approval"]["channel"], len(person.shown)) == ("placed", "dialog", 1)


@pytest.mark.parametrize(
    ("demanded", "page", "channels"),
    [
        ("ask", True, ["terminal", "page"]),
        ("ask", False, ["terminal"]),
        ("terminal", True, ["terminal", "page"]),
        ("page", True, ["terminal", "page"]),
        ("passkey", True, ["passkey"]),
        ("passkey", False, []),
    ],
)
async def test_the_ways_that_are_enough_are_listed_the_strongest_last_with_the_link_alone_on_its_line(
    house: House, demanded: str, page: bool, channels: list[str]
) -> None:
    async with house.buyer(approval=demanded, page=Page() if page else None) as buyer:
        said = await buyer.call("preview_order", lines=[{"offer_id": "610000000001", "quantity": 20}], address=ADDRESS)
        waiting = await buyer.create(said.structured_content or {})

    ref = waiting["purchase_ref"]
    assert [way["channel"] for way in waiting["ways_to_approve"]] == channels
    for text in (text_of(said), waiting["summary"], waiting["next_step"]):
        assert (f"{LINK}/{ref}" in text.splitlines()) is page
        assert (f"`xportcn-orders approve {ref}`" in text.splitlines()) is ("terminal" in channels)
    if not channels:
        assert "xportcn-orders page" in waiting["next_step"]


async def test_a_yes_that_is_not_enough_any_more_is_taken_back_and_a_stronger_one_counts(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
    async with house.purchasing() as purchasing:
        purchase = await stored(purchasing, preview)
        assert await record_yes(purchasing.ledger, purchase, yes(house, Channel.DIALOG, None))
    async with house.buyer(approval="page") as buyer, house.purchasing(approval="page") as purchasing:
        waiting = await buyer.create(preview)
        made = await order_with_approval(purchasing, await stored(purchasing, preview), yes(house, Channel.PAGE))

    assert waiting["outcome"] == "awaiting_approval"
    assert (made.outcome, made.approval and made.approval.by) == ("placed", "王芳")
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("channel", [Channel.HOST, Channel.DIALOG, Channel.TERMINAL, Channel.PAGE])
async def test_nothing_weaker_than_what_was_demanded_at_the_preview_is_recorded_whatever_is_set_elsewhere(
    house: House, channel: Channel
) -> None:
    async with house.buyer(approval="passkey") as buyer:
        preview = await buyer.preview(("plain", 1))
    async with house.purchasing(approval="ask") as purchasing:
        purchase = await stored(purchasing, preview)
        recorded = await record_yes(purchasing.ledger, purchase, yes(house, channel))
        after = await order_with_approval(purchasing, purchase, yes(house, channel))

    assert purchase.demand is Channel.PASSKEY
    assert recorded is None
    assert after.outcome == "awaiting_approval"
    assert house.upstream.create_calls == 0


async def test_a_stored_demand_that_was_taken_out_of_the_ledger_makes_the_token_invalid(house: House) -> None:
    async with house.buyer(approval="passkey") as buyer:
        preview = await buyer.preview(("plain", 1))
        house.sql("UPDATE purchases SET demand = NULL")
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize("mode", MODES)
async def test_the_second_call_waits_and_goes_on_by_itself_once_somebody_answered_on_the_page(
    house: House, mode: str
) -> None:
    meanwhile = patience(house)
    async with house.buyer(mode, page=Page()) as buyer, house.purchasing() as purchasing:
        preview = await buyer.preview(("plain", 1))
        purchase = await stored(purchasing, preview)
        meanwhile.act = lambda: order_with_approval(purchasing, purchase, yes(house, Channel.PAGE))
        first = await buyer.create(preview)
        before = meanwhile.looks
        second = await buyer.create(preview)

    assert (first["outcome"], before) == ("awaiting_approval", 0)
    assert (second["outcome"], second["replayed"], second["approval"]["channel"]) == ("placed", True, "page")
    assert "by 王芳" in second["summary"]
    assert meanwhile.looks == 3
    assert house.upstream.create_calls == 1


async def test_the_second_call_orders_by_itself_what_was_approved_in_a_terminal_meanwhile(house: House) -> None:
    meanwhile = patience(house)
    async with house.buyer() as buyer, house.purchasing() as purchasing:
        preview = await buyer.preview(("plain", 1))
        purchase = await stored(purchasing, preview)
        meanwhile.act = lambda: record_yes(purchasing.ledger, purchase, yes(house, Channel.TERMINAL, None))
        await buyer.create(preview)
        made = await buyer.create(preview)

    assert (made["outcome"], made["approval"]["channel"], meanwhile.looks) == ("placed", "terminal", 3)


async def test_the_second_call_hears_of_a_no_at_once(house: House) -> None:
    meanwhile = patience(house)
    async with house.buyer() as buyer, house.purchasing() as purchasing:
        preview = await buyer.preview(("plain", 1))
        purchase = await stored(purchasing, preview)
        meanwhile.act = lambda: record_no(purchasing.ledger, purchase, Channel.PAGE, house.clock(), "王芳")
        await buyer.create(preview)
        declined = await buyer.create(preview)

    assert (declined["outcome"], declined["ways_to_approve"], meanwhile.looks) == ("declined", [], 3)
    assert house.upstream.create_calls == 0


async def test_a_call_waits_for_25_seconds_and_then_says_again_where_the_person_can_answer(house: House) -> None:
    meanwhile = patience(house)
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        first = await buyer.create(preview)
        second = await buyer.create(preview)

    assert meanwhile.slept == 25
    assert second == first | {"summary": second["summary"]}
    assert second["ways_to_approve"]


async def test_a_call_that_waits_ends_with_the_preview(house: House) -> None:
    meanwhile = patience(house)
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        await buyer.create(preview)

        async def expires() -> None:
            house.clock.forward(3600)

        meanwhile.act = expires
        refused = await buyer.refused("create_order", **order_of(preview))

    assert (refused["code"], meanwhile.looks) == ("TOKEN_EXPIRED", 3)


@pytest.mark.parametrize("mode", MODES)
async def test_after_a_client_that_answers_no_by_itself_a_person_says_yes_on_the_page_and_the_next_call_goes_on(
    house: House, mode: str
) -> None:
    meanwhile = patience(house)
    async with house.buyer(mode, saying("decline"), page=Page()) as buyer, house.purchasing() as purchasing:
        preview = await buyer.preview(("plain", 1))
        purchase = await stored(purchasing, preview)
        meanwhile.act = lambda: order_with_approval(purchasing, purchase, yes(house, Channel.PAGE))
        first = await buyer.create(preview)
        second = await buyer.create(preview)

    assert first["outcome"] == "declined"
    assert [way["channel"] for way in first["ways_to_approve"]] == ["terminal", "page"]
    assert (second["outcome"], house.upstream.create_calls) == ("placed", 1)


async def test_a_yes_on_the_page_and_a_call_that_waits_order_once_between_them(house: House) -> None:
    """The page recorded the yes and ended before it ordered: the waiting call leaves it its time, then it orders."""
    meanwhile = patience(house)
    async with house.buyer(page=Page()) as buyer, house.purchasing() as purchasing:
        preview = await buyer.preview(("plain", 1))
        purchase = await stored(purchasing, preview)
        meanwhile.act = lambda: record_yes(purchasing.ledger, purchase, yes(house, Channel.PAGE))
        await buyer.create(preview)
        made = await buyer.create(preview)

    assert meanwhile.slept == 25
    assert (made["outcome"], house.upstream.create_calls) == ("placed", 1)
    assert made["approval"]["channel"] == "page"


async def test_the_page_orders_nothing_that_is_blocked_expired_or_declined(house: House) -> None:
    async with house.buyer() as buyer, house.purchasing() as purchasing:
        preview = await buyer.preview(("plain", 1))
        purchase = await stored(purchasing, preview)
        assert await record_no(purchasing.ledger, purchase, Channel.TERMINAL, house.clock())
        late = await order_with_approval(purchasing, purchase, yes(house, Channel.PAGE))
        declined = await stored(purchasing, preview)

    assert (late.outcome, declined.state) == ("declined", TokenState.DECLINED)
    assert house.upstream.create_calls == 0


async def test_the_terminal_says_that_a_purchase_needs_a_passkey(house: House) -> None:
    house.clock.now = datetime.now(UTC)
    async with house.buyer(approval="passkey") as buyer:
        preview = await buyer.preview(("plain", 1))
        refused = await types(house, "35.00", "approve", preview["purchase_ref"])

    assert refused.returncode == 1
    assert "needs a passkey" in refused.stderr
