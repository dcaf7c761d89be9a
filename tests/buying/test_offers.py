"""What each offer of the sandbox shows, as a purchaser meets it."""

import pytest

from orders_server.sandbox import CATALOGUE
from support.house import House, Person, offer_id, order_of

pytestmark = pytest.mark.anyio

ORDERABLE = {
    "plain": ("29.00", "6.00"),
    "promotion": ("13.21", "3.50"),
    "free-carriage": ("18.00", "0.00"),
    "carriage-by-description": ("10.00", "0.00"),
    "seller-texts": ("14.00", "6.00"),
}
BLOCKED = {
    ("no-cross-border-pay", 1): {"2025": "NO_CROSS_BORDER_PAY", "2026": "NO_CROSS_BORDER_PAY"},
    ("minimum-quantity", 2): {"2025": "MINIMUM_QUANTITY", "2026": "MINIMUM_QUANTITY"},
    ("short-stock", 6): {"2025": "SHORT_STOCK", "2026": "SHORT_STOCK"},
    ("no-order-mode", 1): {"2025": "NO_ORDER_MODE", "2026": "NOT_SELLABLE"},
}


@pytest.mark.parametrize("name", ORDERABLE)
async def test_an_orderable_offer_is_priced_to_the_fen(either_house: House, name: str) -> None:
    async with either_house.buyer(person=Person()) as buyer:
        preview = await buyer.preview((name, 1))
        made = await buyer.create(preview)

    assert preview["orderable"]
    assert (preview["totals"]["goods"], preview["totals"]["carriage"]) == ORDERABLE[name]
    assert preview["unsupported_offers"] == []
    assert made["outcome"] == "placed"


@pytest.mark.parametrize(("name", "quantity"), BLOCKED)
async def test_a_blocked_offer_is_named_with_its_reason_and_remedy(
    either_house: House, name: str, quantity: int
) -> None:
    async with either_house.buyer(person=Person()) as buyer:
        preview = await buyer.preview((name, quantity))
        copy = await buyer.refused("create_order", **order_of(preview))

    generation = "2026" if preview["orders"][0]["trade_types"] is None else "2025"
    blockers = [issue for issue in preview["issues"] if issue["severity"] == "blocks"]
    assert [issue["code"] for issue in blockers] == [BLOCKED[name, quantity][generation]]
    assert all(issue["remedy"] for issue in blockers)
    assert [offer["offer_id"] for offer in preview["unsupported_offers"]] == [offer_id(name)]
    assert copy["code"] == "NOT_ORDERABLE"
    assert either_house.upstream.create_calls == 0


async def test_a_remedy_names_the_number_to_use(either_house: House) -> None:
    async with either_house.buyer() as buyer:
        minimum = await buyer.preview(("minimum-quantity", 1))
        stock = await buyer.preview(("short-stock", 9))

    assert "3" in minimum["issues"][0]["remedy"]
    assert "5" in stock["issues"][0]["remedy"]


async def test_carriage_by_description_is_not_final(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("carriage-by-description", 1))

    assert preview["orderable"]
    assert preview["carriage_is_final"] is False
    assert "not final" in preview["summary"]


async def test_a_promotion_is_shown_in_the_sellers_words(house: House) -> None:
    async with house.buyer() as buyer:
        [line] = (await buyer.preview(("promotion", 2)))["orders"][0]["lines"]

    assert (line["unit_price"], line["amount"], line["promotions"]) == ("13.90", "27.11", ["「省0.69」"])


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_sellers_texts_stay_words(house: House, language: str) -> None:
    async with house.buyer(person=(person := Person()), language=language) as buyer:
        preview = await buyer.preview(("seller-texts", 1))
        made = await buyer.create(preview)
        detail = await buyer.said("get_order", purchase_ref=preview["purchase_ref"])
        listed = await buyer.said("list_orders")

    ours = preview["orders"][0]["lines"][0]["url"]
    for text in (preview["summary"], made["summary"], detail["summary"], listed["summary"], *person.shown):
        outside = text.replace(ours, "")
        for active in ("http:", "https:", "<", "](", "\x1b", "\u202e", "\u200b", "`"):
            assert active not in outside
    assert "「" in detail["summary"]


async def test_an_id_above_the_safe_integers_survives_as_text(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))

    order_id = made["orders"][0]["order_id"]
    assert order_id == str(house.upstream.orders()[0].order_id)
    assert int(order_id) > 2**53
    assert len(CATALOGUE) >= 13
