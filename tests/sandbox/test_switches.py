"""What no document says, either way: each switch, as a caller meets it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from orders_sandbox import CATALOGUE, SWITCHES, SandboxOptions, Switches
from orders_sandbox.switches import switches_from

if TYPE_CHECKING:
    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio


def switched(**chosen: Any) -> SandboxOptions:
    return SandboxOptions(switches=Switches(**chosen))


async def whole_answer(caller: Caller, path: str, body: object) -> tuple[int, Any]:
    response = await caller.send(path, body)
    return response.status_code, json.loads(response.text, parse_float=Decimal)


def create_body(caller: Caller, *names: str, **changed: object) -> dict[str, object]:
    lines = [caller.line(name) for name in names or ("plain",)]
    return {"flow": "general", "addressParam": caller.address(), "cargoParamList": lines, **changed}


@pytest.mark.parametrize(("unit", "taken"), [("both", [200, 200]), ("ms", [623, 200]), ("s", [200, 623])])
async def test_the_timestamps_unit(sandbox_with: OpenSandbox, unit: str, taken: list[int]) -> None:
    async with sandbox_with(switched(timestamp_unit=unit)) as caller:
        seconds = int(caller.clock.now.timestamp())
        answers = [
            await caller.send("list", {}, caller.headers(timestamp=str(each))) for each in (seconds, seconds * 1000)
        ]
        assert [answer.json()["code"] for answer in answers] == taken


@pytest.mark.parametrize(("nonces", "second"), [("once", 611), ("replayed", 200)])
async def test_a_nonce_may_be_forgotten(sandbox_with: OpenSandbox, nonces: str, second: int) -> None:
    async with sandbox_with(switched(nonces=nonces)) as caller:
        headers = caller.headers()
        assert [(await caller.send("list", {}, headers)).json()["code"] for _ in range(2)] == [200, second]


async def test_the_user_may_have_to_be_signed(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched(signed_user="yes")) as caller:
        assert (await caller.ask("list", {}))["code"] == 610
        # The test's own caller signs nonce and secret in one piece, so the user can travel with the nonce there.
        headers = caller.headers()
        signed = caller.headers(timestamp=headers["timestamp"], nonce_str=headers["nonce-str"] + "sandbox-user")
        headers["signature"] = signed["signature"]
        assert (await caller.send("list", {}, headers)).json()["code"] == 200


@pytest.mark.parametrize(("ids", "kinds"), [("mixed", {int, str}), ("numbers", {int}), ("text", {str})])
async def test_ids_are_numbers_or_texts(sandbox_with: OpenSandbox, ids: str, kinds: set[type]) -> None:
    async with sandbox_with(switched(ids=ids)) as caller:
        [line] = (await caller.preview(caller.line("plain")))["data"][0]["orderItemTOList"]
        made = (await caller.create(caller.line("plain")))["data"]["result"]["orderId"]
        [row] = (await caller.listed())["result"]
        base, item = row["baseInfo"], row["productItems"][0]
        told = [base["id"], base["idOfStr"], item["productID"], item["subItemIDString"], made, line["offerId"]]
        assert {type(each) for each in told} == kinds
        assert int(base["id"]) == int(base["idOfStr"]) == int(made)


@pytest.mark.parametrize(("form", "kind"), [("text", str), ("number", int)])
async def test_the_developers_id_is_a_number_or_text(sandbox_with: OpenSandbox, form: str, kind: type) -> None:
    async with sandbox_with(switched(develop_id=form)) as caller:
        assert type((await caller.ask("list", {}))["developId"]) is kind


@pytest.mark.parametrize(("kept", "found"), [("echoed", 1), ("dropped", 0)])
async def test_create_may_ignore_the_callers_number(sandbox_with: OpenSandbox, kept: str, found: int) -> None:
    async with sandbox_with(switched(out_order_id=kept)) as caller:
        await caller.create(caller.line("plain"), outOrderId="PO-1")
        assert (await caller.listed(outOrderId="PO-1"))["totalRecord"] == found
        [row] = (await caller.listed())["result"]
        assert ("outOrderId" in row["baseInfo"]) == bool(found)


async def test_create_may_refuse_the_callers_number(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched(out_order_id="refused")) as caller:
        answer = await caller.create(caller.line("plain"), outOrderId="PO-1")
        assert (answer["code"], answer["msg"]) == (630, "参数错误:outOrderId")
        assert (await caller.create(caller.line("plain")))["code"] == 200


@pytest.mark.parametrize(
    ("rule", "orders", "message"),
    [("second-order", 2, "成功"), ("refused", 1, "outOrderId重复"), ("first-order", 1, "成功")],
)
async def test_a_number_used_twice(sandbox_with: OpenSandbox, rule: str, orders: int, message: str) -> None:
    async with sandbox_with(switched(repeated_out_order_id=rule)) as caller:
        first, second = [await caller.create(caller.line("plain"), outOrderId="PO-1") for _ in range(2)]
        assert ((await caller.listed())["totalRecord"], second["msg"]) == (orders, message)
        if rule == "first-order":
            assert second["data"] == first["data"]
        assert (await caller.create(caller.line("plain")))["code"] == 200


async def test_create_may_want_the_very_lines_of_a_preview(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched(preview_first="checked")) as caller:
        await caller.preview(caller.line("plain", 2), caller.line("promotion"))
        for lines, message in (
            ([caller.line("plain", 2)], "拆单结果发生了变化"),
            ([caller.line("promotion"), caller.line("plain", 3)], "拆单结果发生了变化"),
            ([caller.line("promotion"), caller.line("plain", 2)], "成功"),
        ):
            assert (await caller.create(*lines))["msg"] == message
        assert (await caller.listed())["totalRecord"] == 1


async def test_creates_answer_has_four_forms(sandbox_with: OpenSandbox) -> None:
    told: dict[str, Any] = {}
    for form in ("wrapped", "flat", "orders", "own"):
        async with sandbox_with(switched(create_answer=form)) as caller:
            told[form] = (await caller.create(caller.line("plain")))["data"]
            split = (await caller.create(caller.line("plain"), caller.line("split")))["data"]
            ids = [row["baseInfo"]["idOfStr"] for row in (await caller.listed())["result"]][::-1]
            assert all(json.dumps(split, default=str).count(f'"{order_id}"') >= 1 for order_id in ids[1:])
    order_id = told["flat"]["orderId"]
    assert told["wrapped"] == {"result": told["flat"], "success": True}
    [info] = told["orders"]
    assert (info["baseInfo"]["idOfStr"], info["baseInfo"]["totalAmount"]) == (order_id, 35)
    assert "nativeLogistics" in info
    assert told["own"] == {"orderId": order_id, "orderNo": "PO202605200001"}


@pytest.mark.parametrize(("charge", "amount"), [("payment", 6400), ("total-payment", 6560)])
async def test_create_charges_with_or_without_the_fee(sandbox_with: OpenSandbox, charge: str, amount: int) -> None:
    async with sandbox_with(switched(charge=charge)) as caller:
        made = (await caller.create(caller.line("plain", 2)))["data"]["result"]
        detail = (await caller.detail(orderId=made["orderId"]))["data"]
        assert made["totalSuccessAmount"] == detail["baseInfo"]["totalAmount"] * 100 == amount


async def test_list_and_details_may_be_elsewhere(sandbox_with: OpenSandbox) -> None:
    paths = {"list_path": "/alibaba/ka/order/page", "detail_path": "/alibaba/ka/order/info"}
    async with sandbox_with(switched(**paths)) as caller:
        made = (await caller.create(caller.line("plain")))["data"]["result"]["orderId"]
        assert (await caller.ask("page", {}))["data"]["totalRecord"] == 1
        found = await caller.ask("info", {"webSite": "1688", "orderId": made})
        assert found["data"]["baseInfo"]["idOfStr"] == made
        assert [(await caller.send(path, {})).status_code for path in ("list", "detail")] == [404, 404]


@pytest.mark.parametrize("form", ["result", "bare", "list", "records"])
async def test_the_lists_orders_stand_under_several_names(sandbox_with: OpenSandbox, form: str) -> None:
    async with sandbox_with(switched(list_answer=form)) as caller:
        await caller.create(caller.line("plain"))
        data = (await caller.ask("list", {}))["data"]
        rows = data if form == "bare" else data[form]
        assert [row["baseInfo"]["status"] for row in rows] == ["waitbuyerpay"]
        if form != "bare":
            assert data["totalRecord" if form == "result" else "total"] == 1


async def test_the_lists_orders_may_be_large(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched(list_rows="large")) as caller:
        await caller.create(caller.line("plain"))
        response = await caller.send("list", {})
        assert 70_000 < len(response.content) < 80_000


async def test_the_lists_orders_may_be_odd_and_stand_between_two_without_an_id(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched(list_rows="odd")) as caller:
        await caller.create(caller.line("plain"))
        first, order, last = (await caller.listed())["result"]
        assert (first["baseInfo"], last) == ([], None)
        assert order["baseInfo"]["status"] == "waitbuyerpay"
        assert (order["productItems"][0]["price"], order["nativeLogistics"]) == (Decimal("0.035"), [])


async def test_a_page_has_a_limit(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched(page_limit=2)) as caller:
        for _ in range(3):
            await caller.create(caller.line("plain"))
        page = await caller.listed(pageSize=50)
        assert (len(page["result"]), page["pageSize"], page["totalRecord"]) == (2, 2, 3)


@pytest.mark.parametrize(("when", "told"), [("asked", [False, True]), ("always", [True] * 2), ("never", [False] * 2)])
async def test_the_list_tells_the_note_or_not(sandbox_with: OpenSandbox, when: str, told: list[bool]) -> None:
    async with sandbox_with(switched(note=when)) as caller:
        await caller.create(caller.line("plain"), message="门口")
        pages = [await caller.listed(needMemoInfo=asked) for asked in (False, True)]
        assert ["buyerFeedback" in page["result"][0]["baseInfo"] for page in pages] == told


@pytest.mark.parametrize(
    ("words", "unpaid", "closed"),
    [
        ("1688", "waitbuyerpay", "cancel"),
        ("messages", "WAITING_FOR_PAYMENT", "CANCEL"),
        ("upper", "WAITBUYERPAY", "CANCEL"),
    ],
)
async def test_statuses_have_several_words_and_the_filter_takes_the_same(
    sandbox_with: OpenSandbox, words: str, unpaid: str, closed: str
) -> None:
    async with sandbox_with(switched(statuses=words)) as caller:
        await caller.create(caller.line("plain"))
        for status in (unpaid, closed):
            [row] = (await caller.listed(orderStatus=status))["result"]
            assert row["baseInfo"]["status"] == row["productItems"][0]["status"] == status
            assert row["productItems"][0]["statusStr"].isascii() is False
            caller.clock.forward(432_000)


@pytest.mark.parametrize("status", ["200", "400", "500"])
async def test_a_refusal_has_one_http_status(sandbox_with: OpenSandbox, status: str) -> None:
    async with sandbox_with(switched(error_http=status)) as caller:
        for names in (("plain",), ("short-stock", "minimum-quantity"), ("delisted",)):
            http, answer = await whole_answer(caller, "create", create_body(caller, *names))
            assert http == (200 if answer["code"] == 200 else int(status))


TWO_REFUSED = ("minimum-quantity", "zero-price")
PLACES: dict[str, tuple[object, str, object]] = {
    "message": (500, "500_005:低于起订量,最小起订量3;500_008:sku价格为0", None),
    "code": ("500_005", "低于起订量,最小起订量3;sku价格为0", None),
    "data": (
        200,
        "成功",
        {"success": False, "errorCode": "500_005", "errorMsg": "低于起订量,最小起订量3;sku价格为0"},
    ),
    "document": (
        200,
        "成功",
        {
            "success": False,
            "errorCode": "500_005",
            "errorMsg": '{"errorMessage":"500_005:低于起订量,最小起订量3;500_008:sku价格为0"}',
        },
    ),
}


@pytest.mark.parametrize("place", PLACES)
async def test_1688s_code_travels_in_several_places(sandbox_with: OpenSandbox, place: str) -> None:
    async with sandbox_with(switched(error_place=place)) as caller:
        _, answer = await whole_answer(caller, "create", create_body(caller, *TWO_REFUSED))
        assert (answer["code"], answer["msg"], answer["data"]) == PLACES[place]
        assert (await caller.ask("create", {}))["code"] == 630
        assert (await caller.listed())["totalRecord"] == 0


@pytest.mark.parametrize("generation", ["2025", "2026"])
async def test_a_refusal_may_stand_at_each_line(sandbox_with: OpenSandbox, generation: Any) -> None:
    async with sandbox_with(SandboxOptions(generation=generation, switches=Switches(error_place="lines"))) as caller:
        made = (await caller.create(*map(caller.line, TWO_REFUSED)))["data"]["result"]
        assert (made["success"], made["orderId"]) == (False, "")
        assert [(line["offerId"], line["errorCode"]) for line in made["failedOfferList"]] == [
            (CATALOGUE["minimum-quantity"].offer_id, "500_005"),
            (CATALOGUE["zero-price"].offer_id, "500_008"),
        ]
        shown = (await caller.preview(caller.line("plain"), caller.line("other-seller")))["data"]
        [order] = shown if generation == "2026" else shown["orderPreviewResuslt"]
        lines = order["orderItemTOList" if generation == "2026" else "cargoList"]
        assert [line["message"][:8] for line in lines] == ["500_002:"] * 2
        assert (await caller.detail(orderId="1"))["msg"] == "ORDER_NOT_EXIST"


async def test_data_may_be_left_out_of_a_refusal(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(switched(error_data="absent")) as caller:
        assert "data" not in await caller.detail(orderId="1")
        assert "data" in await caller.ask("list", {})


async def test_every_default_is_the_first_value_and_says_what_it_decides() -> None:
    hints = get_type_hints(Switches)
    for name, switch in SWITCHES.items():
        assert switch.shows
        assert switch.values == get_args(hints[name])
        assert switch.default == (switch.values[0] if switch.values else str(getattr(Switches(), name)))


async def test_switches_are_read_from_text_and_every_fault_is_told() -> None:
    chosen, faults = switches_from(["ids=text", "page_limit=5", "list_path=/a", "ids=numbers"])
    assert (chosen, faults) == (Switches(ids="numbers", page_limit=5, list_path="/a"), [])
    _, faults = switches_from(["nothing=1", "ids=roman", "page_limit=0", "detail_path=x", "nonces"])
    assert len(faults) == 5
    assert all(name in faults[0] for name in SWITCHES)
    assert faults[1] == "switch ids is one of mixed, numbers, text"


def test_a_value_that_a_switch_does_not_have_is_refused_with_all_others() -> None:
    with pytest.raises(ValueError, match=r"switch ids is one of .*; switch page_limit is a whole number"):
        Switches(ids="roman", page_limit=0)  # pyright: ignore[reportArgumentType]
