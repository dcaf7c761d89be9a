"""What a preview stores and tells: exactly what was asked for, what the ledger knows of it, and why it is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from torture.scripted import PREVIEW, Reply, refusal
from torture.world import ADDRESS, BASKETS, World

from orders_tools.arguments.preview import NOTE_LIMIT
from orders_tools.errors import ArgumentFault, ArgumentProblem, FaultCode, InvalidArguments, ToolFault
from orders_tools.preview_order import preview_order
from orders_tools.purchase.likeness import repeat_digest
from orders_tools.purchase.model import Address
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.results.preview import PreviewResult

pytestmark = pytest.mark.anyio
ONE, TWO = BASKETS["one"], BASKETS["two_sellers"]


async def previewed(
    world: World, lines: Any = ONE, policy: dict[str, Any] | None = None, **named: Any
) -> PreviewResult:
    purchasing = replace(world.purchasing, policy=replace(world.purchasing.policy, **(policy or {})))
    given = {"lines": lines, "address": ADDRESS, **named}
    return await preview_order(purchasing, given)


async def stored(world: World, result: PreviewResult) -> Purchase:
    purchase = await world.purchasing.ledger.purchase(world.purchasing.owner, result.preview_token)
    assert purchase
    return purchase


def codes(result: PreviewResult) -> list[tuple[str, str]]:
    return [(issue.severity, issue.code) for issue in result.issues]


async def test_what_is_stored_is_what_was_asked_for_at_the_moment_of_its_price(world: World) -> None:
    world.clock.now += timedelta(microseconds=250)
    world.points.acts["after preview"] = lambda: world.clock.forward(3)
    purchase = await stored(world, await previewed(world, TWO, {"ali_id": "b2b-1"}, buyer_message="quick"))

    assert (purchase.owner, purchase.sandbox, purchase.state) == (world.purchasing.owner, False, TokenState.OPEN)
    assert purchase.address == Address(**ADDRESS)
    assert purchase.created_at == world.clock()
    assert purchase.expires_at == world.clock().replace(microsecond=0) + timedelta(minutes=15)
    assert purchase.basket_digest == repeat_digest(purchase.basket, Address(**ADDRESS))
    assert purchase.intact
    assert purchase.basket.ali_id == "b2b-1"
    assert (purchase.basket.flow, purchase.basket.buyer_message) == ("fenxiaonew", "quick")
    assert [line.offer_id for line in purchase.basket.lines] == ["610000000001", "610000000002"]
    assert purchase.findings == ()


@pytest.mark.parametrize(("flow", "sent"), [(None, "fenxiaonew"), ("paired", "paired")])
async def test_the_channel_is_the_calls_or_else_the_operators(world: World, flow: str | None, sent: str) -> None:
    named: dict[str, Any] = {"flow": flow} if flow else {}
    purchase = await stored(world, await previewed(world, **named))

    assert purchase.basket.flow == sent


@pytest.mark.parametrize(
    ("message", "noted", "notes"),
    [
        ("quick", True, ["quick [PO-7-1]", "quick [PO-7-2]"]),
        ("", True, ["[PO-7-1]", "[PO-7-2]"]),
        ("quick", False, ["quick", "quick"]),
        ("", False, ["", ""]),
    ],
)
async def test_the_reference_of_each_part_stands_at_the_end_of_its_note(
    world: World, message: str, noted: bool, notes: list[str]
) -> None:
    named = {"buyer_message": message, "purchase_ref": "PO-7"}
    purchase = await stored(world, await previewed(world, TWO, {"note_reference": noted}, **named))

    assert [part.note for part in purchase.parts] == notes
    assert [part.part_ref for part in purchase.parts] == ["PO-7-1", "PO-7-2"]
    assert purchase.basket.purchase_ref == "PO-7"


@pytest.mark.parametrize(
    ("lines", "noted", "reference", "taken"),
    [
        (ONE, True, "PO-7", len(" [PO-7]")),
        (TWO, True, "PO-7", len(" [PO-7-1]")),
        (ONE, False, "PO-7", 0),
        (ONE, True, None, len(" [PO260520-12345678]")),
        (TWO, True, None, len(" [PO260520-12345678-1]")),
    ],
)
async def test_a_note_may_be_as_long_as_the_reference_leaves_room_for(
    world: World, lines: Any, noted: bool, reference: str | None, taken: int
) -> None:
    named: dict[str, Any] = {"purchase_ref": reference} if reference else {}
    room = NOTE_LIMIT - taken
    await previewed(world, lines, {"note_reference": noted}, buyer_message="a" * room, **named)
    with pytest.raises(InvalidArguments) as refused:
        await previewed(world, lines, {"note_reference": noted}, buyer_message="a" * (room + 1), **named)

    details = {"limit": room, "length": room + 1}
    assert refused.value.faults == (ArgumentFault("buyer_message", ArgumentProblem.TOO_LONG, details),)


async def test_a_reference_of_our_own_making_is_new_each_time(world: World) -> None:
    made = {(await previewed(world)).purchase_ref for _ in range(3)}

    assert len(made) == 3
    assert all(each.startswith(f"PO{world.clock():%y%m%d}-") for each in made)


async def test_where_no_reference_comes_back_that_is_noted(world: World) -> None:
    told = [codes(await previewed(world, ONE, {"reference_returned": back})) for back in (False, True)]

    assert told == [[("notes", "NO_LOOK_BEFORE_SENDING")], []]


async def test_a_district_that_nobody_knows_is_warned_of_before_what_the_api_says(world: World) -> None:
    world.upstream.twist = "warned"
    result = await previewed(world, address={**ADDRESS, "district_code": "330199"})

    assert codes(result) == [("warns", "DISTRICT_UNKNOWN"), ("warns", "CONSIGNMENT")]


@pytest.mark.parametrize(("hours", "told"), [(23, ["BOUGHT_RECENTLY"]), (24, ["BOUGHT_RECENTLY"]), (25, [])])
async def test_the_same_bought_within_a_day_is_warned_of(world: World, hours: int, told: list[str]) -> None:
    first = (await world.preview(ONE, purchase_ref="PO-7")).what
    await world.create(first)
    world.clock.forward(3600 * hours)
    result = await previewed(world)

    assert codes(result) == [("warns", code) for code in told]
    assert all("PO-7" in issue.message for issue in result.issues)


@pytest.mark.parametrize(
    ("lines", "code", "severity"),
    [
        (ONE, "POSSIBLE_DUPLICATE", "blocks"),
        ([{"offer_id": "610000000001", "quantity": 9}], "ALIKE_IN_DOUBT", "warns"),
        ([{"offer_id": "610000000007", "quantity": 2}], None, None),
    ],
)
async def test_what_is_in_doubt_is_told_by_how_much_alike_it_is(
    world: World, lines: Any, code: str | None, severity: str | None
) -> None:
    world.upstream.profile, world.upstream.faults = "ignored", ["dropped_after"]
    await world.create((await world.preview(ONE, purchase_ref="PO-7")).what)
    world.clock.forward(86_400 * 30)
    result = await previewed(world, lines)

    assert codes(result) == ([(severity, code)] if code else [])
    assert all("PO-7" in issue.message + (issue.remedy or "") for issue in result.issues)
    assert result.orderable is (severity != "blocks")


@pytest.mark.parametrize("sandbox", [True, False])
async def test_a_ledger_put_back_is_warned_of_for_a_day_where_something_real_is_bought(
    world: World, sandbox: bool
) -> None:
    await world.preview(ONE)
    await world.close()
    copy = world.file.read_bytes()
    await world.preview(BASKETS["split"])
    await world.close()
    world.file.write_bytes(copy)
    purchasing = replace(world.purchasing, sandbox=sandbox)
    given = {"lines": [{"offer_id": "610000000007", "quantity": 2}], "address": ADDRESS}
    now = await preview_order(purchasing, given)
    world.clock.forward(86_401)
    later = await preview_order(purchasing, given)

    assert codes(now) == ([] if sandbox else [("warns", "LEDGER_OLDER")])
    assert codes(later) == []


def answering(world: World, monkeypatch: pytest.MonkeyPatch, *replies: Reply | None) -> None:
    """The next previews are answered so, None as the upstream would."""
    real, left = world.upstream.answer, list(replies)

    def answer(path: str, headers: Any, content: bytes) -> Reply:
        reply = left.pop(0) if left and path.endswith(PREVIEW) else None
        return reply or real(path, headers, content)

    monkeypatch.setattr(world.upstream, "answer", answer)


async def test_a_preview_without_an_answer_is_refused_and_names_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(world, monkeypatch, Reply(400, b"no"))
    with pytest.raises(ToolFault) as refused:
        await previewed(world)

    assert (refused.value.code, refused.value.reason) == (FaultCode.UPSTREAM_UNAVAILABLE, "")
    assert world.rows("SELECT * FROM purchases") == []


async def test_what_blocks_the_part_of_each_seller_is_told_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"500_001 {ADDRESS['full_name']}"
    answering(world, monkeypatch, refusal("500", words), refusal("500", "500_004 剩余 1"))
    with pytest.raises(ToolFault) as refused:
        await previewed(world, TWO)

    details = refused.value.details
    assert (refused.value.code, details["upstream_code"]) == (FaultCode.UPSTREAM_REJECTED, "500")
    assert details["message"] == "500_001 ＊＊＊"
    assert [(each["code"], each["offer_id"]) for each in details["issues"]] == [
        ("NOT_SELLABLE", "610000000001"),
        ("SHORT_STOCK", "610000000002"),
    ]
    assert details["words"]["known"] == "NOT_SELLABLE"
    assert details["words"]["offer_id"] == "610000000001"
    assert ADDRESS["full_name"] not in str(details)


async def test_a_blocked_part_is_told_beside_a_refused_one_and_the_same_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.upstream.twist = "blocker"
    answering(world, monkeypatch, refusal("500", "500_001"), None)
    with pytest.raises(ToolFault) as refused:
        await previewed(world, TWO)
    answering(world, monkeypatch, refusal("500", "系统繁忙,请重试!"), refusal("500", "系统繁忙,请重试!"))
    with pytest.raises(ToolFault) as busy:
        await previewed(world, TWO)

    assert [each["code"] for each in refused.value.details["issues"]] == ["NOT_SELLABLE", "SHORT_STOCK"]
    assert busy.value.details["issues"] == []
    assert busy.value.details["words"]["known"] == "BUSY"


async def test_a_consignee_is_taken_by_its_name(world: World) -> None:
    depot = Address(**{**ADDRESS, "full_name": "仓库"})
    result = await previewed(world, ONE, {"consignees": {"depot": depot}}, address="depot")

    assert (await stored(world, result)).address == depot


@pytest.mark.parametrize(("reference", "taken"), [("PO-77", 8), (None, 20), ("", 20)])
async def test_a_note_that_the_reference_leaves_no_room_for_is_told_with_all_else_that_is_wrong(
    world: World, reference: str | None, taken: int
) -> None:
    lines = [{"offer_id": "610000000001", "quantity": 0}]
    named: dict[str, Any] = {} if reference is None else {"purchase_ref": reference}
    with pytest.raises(InvalidArguments) as refused:
        await previewed(world, lines, buyer_message="a" * NOTE_LIMIT, **named)

    assert {fault.path for fault in refused.value.faults} == {"lines[0].quantity", "buyer_message"}
    [room] = [fault.details["limit"] for fault in refused.value.faults if fault.path == "buyer_message"]
    assert room == NOTE_LIMIT - taken


async def test_words_about_the_basket_have_blanks_for_the_consignee_and_none_for_its_ids(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.upstream.twist = "blocker"
    real = world.upstream.answer

    def answer(path: str, headers: Any, content: bytes) -> Reply:
        reply = real(path, headers, content)
        return Reply(reply.status, reply.body.replace("库存不足".encode(), ADDRESS["full_name"].encode()))

    monkeypatch.setattr(world.upstream, "answer", answer)
    result = await previewed(world, [{"offer_id": ADDRESS["mobile"], "quantity": 2}])

    assert [line.offer_id for order in result.orders for line in order.lines] == [ADDRESS["mobile"]]
    assert "＊＊＊" in result.summary
    assert ADDRESS["full_name"] not in result.summary


async def test_a_refusal_keeps_the_ids_of_the_basket_as_they_are(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(world, monkeypatch, refusal("500", ADDRESS["mobile"]), refusal("500", f"500_001 {ADDRESS['mobile']}"))
    own = [{"offer_id": ADDRESS["mobile"], "quantity": 2}]
    told: list[str] = []
    for _ in range(2):
        with pytest.raises(ToolFault) as refused:
            await previewed(world, own)
        told.append(refused.value.details["message"])

    assert told == [ADDRESS["mobile"], "500_001 ＊＊＊"]


async def test_the_operators_trade_type_is_sent_where_the_api_names_none(world: World) -> None:
    world.upstream.form = "2026"
    purchase = await stored(world, await previewed(world, ONE, {"trade_type": "period"}))

    assert [part.trade_type for part in purchase.parts] == ["period"]
