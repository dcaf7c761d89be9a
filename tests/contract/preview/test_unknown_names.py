"""Where the catalogue tells nothing, the preview says so and everything else is as it was; and names are kept."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from orders_sandbox import CATALOGUE
from orders_sandbox.switches import Switches
from support.house import ADDRESS, Buyer, House, Person, offer_id, opened_house, order_of
from support.products import telling

pytestmark = pytest.mark.anyio

LINES = [
    {"offer_id": offer_id("plain"), "quantity": 2, "label": "the white mug"},
    {"offer_id": offer_id("promotion"), "quantity": 1},
]
FORMS = {
    "refused": "it refused the look-up",
    "late": "it did not answer in time",
    "off": "its answer could not be read",
    "other-offer": "it answered about another offer",
    "turned off": "the look-up is turned off",
    "our own fault": "its answer could not be read",
}


def facts(preview: dict[str, Any]) -> Any:
    """What a preview decides, without tokens, names and what the catalogue said."""
    lines = [
        [{name: line[name] for name in line if name not in {"title", "variant", "unit"}} for line in order["lines"]]
        for order in preview["orders"]
    ]
    orders = [{**order, "lines": own} for order, own in zip(preview["orders"], lines, strict=True)]
    kept = ("orderable", "currency", "totals", "carriage_is_final", "unsupported_offers")
    issues = [each for each in preview["issues"] if each["code"] != "PRODUCT_UNKNOWN"]
    return orders, [preview[name] for name in kept], issues


async def previewed(buyer: Buyer) -> dict[str, Any]:
    return await buyer.said("preview_order", lines=LINES, address=ADDRESS)


@pytest.mark.parametrize("generation", ["2025", "2026"])
@pytest.mark.parametrize("form", FORMS)
async def test_a_preview_without_names_says_why_and_is_ordered_all_the_same(
    tmp_path: Path, form: Any, generation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened_house(tmp_path / "whole", generation=generation) as house, house.buyer() as buyer:
        named = await previewed(buyer)
    switches = Switches() if form in {"turned off", "our own fault"} else Switches(product_answers=form)
    settings: dict[str, Any] = {"product_path": ""} if form == "turned off" else {"product_timeout": 0.2}
    if form == "our own fault":
        monkeypatch.setattr("orders_server.xportcn.catalogue.read_offer", dict[str, Any]().pop)
    async with (
        opened_house(tmp_path / "without", generation=generation, switches=switches) as house,
        house.buyer(person=Person(), **settings) as buyer,
    ):
        preview = await previewed(buyer)
        made = await buyer.create(preview)
        assert buyer.person
        [dialog] = buyer.person.shown
    assert facts(preview) == facts(named)
    assert preview["orderable"]
    assert {line["title"] for order in preview["orders"] for line in order["lines"]} == {None}
    [note] = [each for each in preview["issues"] if each["code"] == "PRODUCT_UNKNOWN"]
    assert (note["severity"], note["offer_id"], note["remedy"]) == ("notes", None, None)
    both = ", ".join(offer_id(name) for name in ("plain", "promotion"))
    says = f"The catalogue tells nothing of offer {both}: {FORMS[form]}. Only the assistant's word says what it is."
    assert note["message"] == says
    for text in (preview["summary"], dialog):
        assert says in text
        assert f"2 x offer {offer_id('plain')}, called 『the white mug』 by the assistant" in text
    assert made["outcome"] == "placed"


async def test_one_offer_that_is_not_known_leaves_the_others_their_names(house: House) -> None:
    with telling(promotion=None):
        async with house.buyer() as buyer:
            preview = await previewed(buyer)
    titles = [line["title"] for order in preview["orders"] for line in order["lines"]]
    assert titles == [f"「{CATALOGUE['plain'].title}」", None]
    [note] = preview["issues"]
    says = f"The catalogue tells nothing of offer {offer_id('promotion')}: it has no such offer."
    assert note["message"].startswith(says)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("subject", [None, "", "\u200b\u202e\u3164"], ids=["none", "empty", "invisible"])
async def test_an_offer_whose_title_shows_nothing_is_said_to_have_no_name_and_keeps_its_variant(
    house: House, language: str, subject: str | None
) -> None:
    with telling(plain={"subject": subject}):
        async with house.buyer(person=Person(), language=language) as buyer:
            preview = await buyer.preview(("plain", 2))
            await buyer.create(preview)
            assert buyer.person
            [dialog] = buyer.person.shown
    [line] = preview["orders"][0]["lines"]
    assert (line["title"], line["variant"], line["unit"]) == (None, "「颜色: 本色」", "件")
    [note] = preview["issues"]
    assert note["code"] == "PRODUCT_UNKNOWN"
    for text in (preview["summary"], dialog):
        assert "「颜色: 本色」" in text
        assert note["message"] in text


async def test_the_catalogue_is_asked_once_in_ten_minutes_and_never_for_an_order(either_house: House) -> None:
    async with either_house.buyer(person=Person()) as buyer:
        preview = await previewed(buyer)
        assert either_house.upstream.product_calls == 2
        either_house.clock.forward(599)
        again = await previewed(buyer)
        assert either_house.upstream.product_calls == 2
        assert [line["title"] for order in again["orders"] for line in order["lines"]] == [
            line["title"] for order in preview["orders"] for line in order["lines"]
        ]
        either_house.clock.forward(601)
        assert (await buyer.create(again))["outcome"] == "placed"
        assert (await buyer.create(again))["replayed"]
        assert either_house.upstream.product_calls == 2
        await previewed(buyer)
        assert either_house.upstream.product_calls == 4


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_price_that_changed_names_the_products_without_asking_again(house: House, language: str) -> None:
    async with house.buyer(person=Person(), language=language) as buyer:
        first = await buyer.preview(("price-rise", 1))
        house.clock.forward(601)
        changed = await buyer.create(first)
        assert house.upstream.product_calls == 1
        assert changed["outcome"] == "price_changed"
        [line] = changed["fresh_preview"]["orders"][0]["lines"]
        named = {"en": "1 件 「Cordless desk lamp」 「Colour: Natural」", "zh": "1 件 「无线桌面台灯」 「颜色: 本色」"}[
            language
        ]
        whole = f"1 件 「{CATALOGUE['price-rise'].title}」 「颜色: 本色」"
        assert (line["title"], line["variant"], line["unit"]) == ("「无线桌面台灯」", "「颜色: 本色」", "件")
        assert named in changed["summary"]
        assert (await buyer.create(changed["fresh_preview"]))["outcome"] == "placed"
        assert buyer.person
        assert all(whole in dialog for dialog in buyer.person.shown)
        assert house.upstream.product_calls == 1


async def test_a_title_and_a_seller_that_change_after_the_preview_change_nothing_of_the_order(house: House) -> None:
    names = ("plain", "other-seller")
    with telling() as told:
        async with house.buyer(person=Person()) as buyer:
            preview = await buyer.preview(*((name, 1) for name in names))
            told.update({name: {"subject": "另一个", "sellerOpenId": "BBBanother"} for name in names})
            house.clock.forward(601)
            made = await buyer.create(preview)
    assert made["outcome"] == "placed"
    assert "「Plain ceramic mug」" in made["summary"]
    assert "另一个" not in made["summary"]
    assert [str(order.lines[0].offer_id) for order in house.upstream.orders()] == [offer_id(name) for name in names]
    assert house.upstream.product_calls == 2


@pytest.mark.parametrize("written", ["title", "variant", "all"])
async def test_a_card_that_was_changed_in_the_ledger_makes_the_token_worthless(house: House, written: str) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await previewed(buyer)
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            [cards] = connection.execute("SELECT cards FROM purchases").fetchone()
            assert CATALOGUE["plain"].title in cards
            changed = {
                "title": cards.replace(CATALOGUE["plain"].title, "黄金马克杯"),
                "variant": cards.replace("本色", "金色"),
                "all": None,
            }[written]
            connection.execute("UPDATE purchases SET cards = ?", (changed,))
        refused = await buyer.refused("create_order", **order_of(preview))
        assert buyer.person
        assert (refused["code"], buyer.person.shown) == ("TOKEN_INVALID", [])
    assert house.upstream.create_calls == 0
