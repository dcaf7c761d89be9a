"""Everything that keeps a basket from being ordered, in one answer, and where the goods would go."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orders_sandbox import Switches, served
from support.house import ADDRESS, META_KEY, House, basket, offer_id, opened_house, text_of

pytestmark = pytest.mark.anyio

CORPUS = Path(__file__).parents[2] / "xportcn/corpus/preview"


def line(name: str, quantity: int, **more: str) -> dict[str, Any]:
    return {"offer_id": offer_id(name), "quantity": quantity, **more}


async def test_the_refusals_of_all_sellers_are_told_in_one_answer(either_house: House) -> None:
    lines = [
        line("two-colours", 1, seller_open_id="a"),
        {"offer_id": "999", "quantity": 1, "seller_open_id": "b"},
        line("short-stock", 9, seller_open_id="c"),
        line("minimum-quantity", 1, seller_open_id="c"),
    ]
    async with either_house.buyer() as buyer:
        copy = await buyer.refused("preview_order", lines=lines, address=ADDRESS)
        result = await buyer.call("preview_order", lines=lines, address=ADDRESS)

    assert copy["code"] == "UPSTREAM_REJECTED"
    told = {(issue["code"], issue["offer_id"]): issue["remedy"] for issue in copy["details"]["issues"]}
    assert set(told) >= {
        ("SKU_MISMATCH", offer_id("two-colours")),
        ("NOT_SELLABLE", "999"),
        ("SHORT_STOCK", offer_id("short-stock")),
        ("MINIMUM_QUANTITY", offer_id("minimum-quantity")),
    }
    assert told["SHORT_STOCK", offer_id("short-stock")] == "Order 5 or fewer."
    assert told["MINIMUM_QUANTITY", offer_id("minimum-quantity")] == "Order 3 or more."
    for remedy in told.values():
        assert remedy in text_of(result)


@pytest.mark.parametrize("generation", ["2025", "2026"])
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["two-colours"], [("SKU_MISMATCH", "two-colours")]),
        (["delisted", "plain"], [("NOT_SELLABLE", "delisted")]),
        (["plain", "other-seller"], [("SKU_MISMATCH", "plain"), ("SKU_MISMATCH", "other-seller")]),
    ],
)
async def test_a_call_refused_in_its_lines_is_told_by_its_reason_alone(
    tmp_path: Path, generation: str, names: list[str], told: list[tuple[str, str]]
) -> None:
    async with (
        opened_house(tmp_path, generation=generation, switches=Switches(error_place="lines")) as house,
        house.buyer(product_path="") as buyer,
    ):
        preview = await buyer.preview(*((name, 1) for name in names))

    blockers = [(issue["code"], issue["offer_id"]) for issue in preview["issues"] if issue["severity"] == "blocks"]
    assert blockers == [(code, offer_id(name)) for code, name in told]
    assert "CREDIT_MAY_BE_CHARGED" not in {issue["code"] for issue in preview["issues"]}


async def test_a_call_that_is_refused_for_one_line_names_meaning_and_remedy(house: House) -> None:
    async with house.buyer() as buyer:
        copy = await buyer.refused("preview_order", lines=[line("two-colours", 1)], address=ADDRESS)

    assert copy["code"] == "UPSTREAM_REJECTED"
    assert f"Offer {offer_id('two-colours')}: The SKU is missing" in copy["message"]
    assert "spec_id" in copy["next_step"]


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ("2025-sum-payment-missing", "data.orderPreviewResuslt[0].sumPayment"),
        ("2026-offer-id-an-object", "data[0].orderItemTOList[0].offerId"),
        ("2025-status-a-number", "data.orderPreviewResuslt[0].status"),
    ],
)
async def test_a_preview_that_cannot_be_read_names_the_field_and_gives_no_token(
    house: House, case: str, field: str
) -> None:
    body = (CORPUS / f"{case}.json").read_bytes()

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])
    async with served(app) as base_url, house.buyer(base_url=base_url) as buyer:
        copy = await buyer.refused("preview_order", lines=[line("plain", 1)], address=ADDRESS)

    assert copy["code"] == "UPSTREAM_UNAVAILABLE"
    assert f"the field {field})" in copy["message"]


async def test_a_refused_list_is_not_answered_with_what_to_change_about_a_basket(house: House) -> None:
    async with house.buyer(access_secret="wrong") as buyer:
        copy = await buyer.refused("list_orders")

    assert copy["code"] == "UPSTREAM_REJECTED"
    assert "offer" not in copy["next_step"]


async def test_a_district_code_of_another_place_is_refused_before_any_call(house: House) -> None:
    async with house.buyer() as buyer:
        address = {**ADDRESS, "district_code": "310107"}
        copy = await buyer.refused("preview_order", lines=[line("plain", 1)], address=address)

    (fault,) = copy["details"]["faults"]
    assert fault["path"] == "address.district_code"
    assert "上海市 普陀区" in fault["problem"]
    assert "浙江省 杭州市" in fault["problem"]
    assert house.upstream.preview_calls == 0


async def test_a_district_code_that_nobody_knows_is_warned_of_and_orderable(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1), address={**ADDRESS, "district_code": "330199"})
        agreed = await buyer.preview(("plain", 1), address={**ADDRESS, "district_code": "330108"})

    (warning,) = [issue for issue in preview["issues"] if issue["code"].startswith("DISTRICT")]
    assert (warning["severity"], warning["code"]) == ("warns", "DISTRICT_UNKNOWN")
    assert "330199" in warning["message"]
    assert warning["message"] in preview["summary"]
    assert preview["orderable"]
    assert not [issue for issue in agreed["issues"] if issue["code"].startswith("DISTRICT")]


async def test_a_consignee_of_the_settings_is_held_to_the_same_rule(house: House, tmp_path: Path) -> None:
    from orders_server.settings import SettingsFault

    names = tmp_path / "consignees.toml"
    fields = "\n".join(f'{name} = "{value}"' for name, value in {**ADDRESS, "district_code": "310107"}.items())
    names.write_text(f"[depot]\n{fields}\n", encoding="utf-8")
    with pytest.raises(SettingsFault, match=r"depot\.district_code is in 上海市 普陀区"):
        async with house.buyer(consignees=names):
            pass


async def test_an_offer_without_an_order_mode_among_others_is_found_by_the_remedy(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("no-order-mode", 1), ("plain", 1))
        alone = await buyer.preview(("no-order-mode", 1))

    (mode,) = [issue for issue in preview["issues"] if issue["code"] == "NO_ORDER_MODE"]
    assert mode["offer_id"] is None
    assert "one by one" in mode["remedy"]
    (mode,) = [issue for issue in alone["issues"] if issue["code"] == "NO_ORDER_MODE"]
    assert (mode["offer_id"], mode["remedy"]) == (offer_id("no-order-mode"), "Take another offer for this product.")


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_what_is_warned_of_has_its_remedy_too(either_house: House, language: Any) -> None:
    async with either_house.buyer(language=language) as buyer:
        preview = await buyer.preview(("consignment", 1), ("carriage-by-description", 1))

    warned = [issue for issue in preview["issues"] if issue["severity"] == "warns"]
    assert warned
    for issue in warned:
        assert issue["remedy"], issue["code"]
        assert issue["remedy"] in preview["summary"]


async def test_a_basket_refused_whole_for_one_line_is_told_what_blocks_each(either_house: House) -> None:
    async with either_house.buyer() as buyer:
        lines = basket(("plain", 1), ("delisted", 1), ("short-stock", 9), ("two-colours", 1))
        told = await buyer.refused("preview_order", lines=lines, address=ADDRESS)

    assert told["code"] == "UPSTREAM_REJECTED"
    reasons = {issue["offer_id"]: (issue["code"], issue["remedy"]) for issue in told["details"]["issues"]}
    assert {offer: code for offer, (code, _) in reasons.items()} == {
        offer_id("delisted"): "NOT_SELLABLE",
        offer_id("short-stock"): "SHORT_STOCK",
        offer_id("two-colours"): "SKU_MISMATCH",
    }
    assert reasons[offer_id("short-stock")][1] == "Order 5 or fewer."


async def test_one_line_at_fault_in_a_basket_refused_whole_is_named(either_house: House) -> None:
    async with either_house.buyer() as buyer:
        result = await buyer.call("preview_order", lines=basket(("plain", 1), ("delisted", 1)), address=ADDRESS)

    assert offer_id("delisted") in text_of(result)
    assert either_house.upstream.preview_calls == 3


async def test_a_server_that_is_not_admitted_is_no_fault_of_the_basket(tmp_path: Path) -> None:
    async with opened_house(tmp_path, switches=Switches(signed_user="yes")) as house, house.buyer() as buyer:
        told = [
            await buyer.refused("preview_order", lines=basket(("plain", 1), ("promotion", 1)), address=ADDRESS),
            await buyer.refused("list_orders"),
        ]

    assert [fault["code"] for fault in told] == ["UPSTREAM_REJECTED"] * 2
    assert all("doctor" in fault["next_step"] for fault in told)
    assert house.upstream.preview_calls == 0


async def test_an_upstream_that_goes_away_meanwhile_hides_no_reason(house: House) -> None:
    answered = house.upstream.answer

    def twice(*arguments: Any) -> Response:
        reply = answered(*arguments)
        return reply if house.upstream.preview_calls <= 2 else Response("away", 400)

    house.upstream.answer = twice
    async with house.buyer() as buyer:
        lines = basket(("short-stock", 9), ("delisted", 1))
        told = await buyer.refused("preview_order", lines=lines, address=ADDRESS)

    assert told["code"] == "UPSTREAM_REJECTED"
    assert [issue["code"] for issue in told["details"]["issues"]] == ["NOT_SELLABLE", "SHORT_STOCK"]
    assert house.upstream.preview_calls == 3


AWAY = {
    "429": (Response(b"", 429), "请求过于频繁，接口暂不受理"),
    "redirect": (Response(b"", 302, {"Location": "/elsewhere"}), "接口返回了重定向，本服务器不会跟随"),
    "no result": (Response(b"{}", 500, media_type="application/json"), "接口返回的内容没有结果代码"),
    "no JSON": (Response(b"<html>", 200), "接口返回的内容无法读取，英文说明：it sent a body that is not JSON"),
}
"""Answers that nothing can be made of, and how Chinese tells them."""


@pytest.mark.parametrize(("answer", "told"), AWAY.values(), ids=AWAY.keys())
async def test_why_the_api_is_unavailable_is_told_in_the_readers_language(
    house: House, answer: Response, told: str
) -> None:
    async def always(_: Request) -> Response:
        return answer

    app = Starlette(routes=[Route("/{path:path}", always, methods=["POST"])])
    async with served(app) as base_url, house.buyer(base_url=base_url, language="zh", read_timeout=0.5) as buyer:
        refused = await buyer.call("list_orders")

    assert f"UPSTREAM_UNAVAILABLE: 下单接口没有给出可用的答复（{told}" in text_of(refused)
    assert set((refused.meta or {})[META_KEY]["details"]) == {"why"}


async def test_an_api_that_nobody_reaches_is_told_in_the_readers_language(house: House) -> None:
    async with house.buyer(base_url="http://127.0.0.1:1", language="zh", read_timeout=0.5) as buyer:
        refused = await buyer.call("list_orders")

    assert "下单接口没有给出可用的答复（与接口的连接失败）" in text_of(refused)
