"""What each offer of the sandbox shows, as a purchaser meets it."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest

from orders_sandbox import CATALOGUE
from support.house import ADDRESS, Buyer, House, Person, offer_id, opened_house, order_of
from support.offer_table import ROWS, Row

pytestmark = pytest.mark.anyio

GENERATIONS = ("2025", "2026")
EVERY_2026 = ("warns CREDIT_MAY_BE_CHARGED -", "notes CARRIAGE_NOT_QUALIFIED -")
"""The form of 2026 says neither how an order may be paid nor whose carriage is only described."""
_NAMES = {offer_id(name): name for name in CATALOGUE}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Shop:
    """One house that sells to all rows, each for a consignee of its own, so that none repeats another's purchase."""

    generation: str
    house: House
    buyer: Buyer

    def arguments(self, row: Row) -> dict[str, Any]:
        flow = {"flow": row.flow} if row.flow else {}
        address = {**ADDRESS, **dict(row.region), "full_name": f"收货人{ROWS.index(row)}"}
        return {"lines": [line.argument() for line in row.asked], "address": address, **flow}

    def money(self, column: str) -> tuple[str, str, str]:
        """Goods, carriage and payable of a preview."""
        goods, carriage, in_2025, in_2026 = column.split()
        return goods, carriage, in_2025 if self.generation == "2025" else in_2026

    def issues(self, row: Row) -> list[str]:
        own = [issue for generation, issue in row.only if generation == self.generation]
        return sorted([*row.issues, *own, *(EVERY_2026 if self.generation == "2026" else ())])


@pytest.fixture(scope="module", params=GENERATIONS)
async def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Shop]:
    folder = tmp_path_factory.mktemp("offers")
    async with (
        opened_house(folder, generation=request.param) as house,
        house.buyer(person=Person()) as buyer,
    ):
        yield Shop(request.param, house, buyer)


def test_every_offer_of_the_catalogue_has_its_rows() -> None:
    asked = [line for row in ROWS for line in row.asked]
    assert {line.offer for line in asked} == set(CATALOGUE)
    for name, offer in CATALOGUE.items():
        amounts = {row.asked[0].quantity for row in ROWS if row.asked[0].offer == name}
        starts = [start for start, _ in offer.tiers]
        least = max(offer.minimum, offer.wholesale_minimum, offer.mixed_batch.pieces if offer.mixed_batch else 1)
        most = min(offer.stock, offer.maximum or offer.stock)
        sides = {*starts, *(start - 1 for start in starts), *((least - 1, least) if least > 1 else ())}
        sides |= {most, most + 1} if most < 100_000 else set()
        sides |= {offer.lot, offer.lot + 1} if offer.lot > 1 else set()
        assert amounts >= sides, name


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_an_offer_gets_the_right_decision_total_reason_and_remedy(shop: Shop, row: Row) -> None:
    before = shop.house.upstream.create_calls
    shop.house.clock.forward(1)  # the row before is over, and its order was made for the same mobile
    if row.outcome == "UPSTREAM_REJECTED":
        copy = await shop.buyer.refused("preview_order", **shop.arguments(row))
        assert copy["code"] == row.outcome
        assert row.reason in copy["message"]
        assert row.remedy == copy["next_step"]
        assert copy["details"]["offer_id"] == (offer_id(row.asked[0].offer) if len(row.asked) == 1 else None)
        return
    preview = await shop.buyer.said("preview_order", **shop.arguments(row))
    _is_previewed(shop, row, preview)
    if row.outcome == "NOT_ORDERABLE":
        copy = await shop.buyer.refused("create_order", **order_of(preview))
        assert copy["code"] == row.outcome
        assert [issue["remedy"] for issue in copy["details"]["issues"]] == [row.remedy]
        assert shop.house.upstream.create_calls == before
        return
    made = await _created(shop, row, preview)
    if row.outcome == "price_changed":
        assert shop.house.upstream.create_calls == before
        totals = made["fresh_preview"]["totals"]
        assert (totals["goods"], totals["carriage"], totals["payable"]) == shop.money(row.fresh)
        made = await shop.buyer.create(made["fresh_preview"])
        assert made["outcome"] == "placed"
    _is_ordered(row, made)
    parts = {CATALOGUE[line.offer].seller for line in row.asked}
    assert shop.house.upstream.create_calls == before + len(parts)


def _is_previewed(shop: Shop, row: Row, preview: dict[str, Any]) -> None:
    totals = preview["totals"]
    assert (totals["goods"], totals["carriage"], totals["payable"]) == shop.money(row.money)
    assert (totals["service_fee"] is None) == (shop.generation == "2025")
    issues = [f"{each['severity']} {each['code']} {_NAMES.get(each['offer_id'], '-')}" for each in preview["issues"]]
    assert sorted(issues) == shop.issues(row)
    blockers = [each for each in preview["issues"] if each["severity"] == "blocks"]
    assert preview["orderable"] is (row.outcome != "NOT_ORDERABLE") is not bool(blockers)
    assert [each["remedy"] for each in blockers] == ([row.remedy] if blockers else [])
    assert all(row.reason in each["message"] for each in blockers)
    unsupported = [(each["offer_id"], each["reasons"]) for each in preview["unsupported_offers"]]
    assert unsupported == [(each["offer_id"], [each["message"]]) for each in blockers]
    assert preview["carriage_is_final"] is row.carriage_is_final[GENERATIONS.index(shop.generation)]
    assert f"{totals['payable']} CNY" in preview["summary"]
    assert row.remedy in preview["summary"]


async def _created(shop: Shop, row: Row, preview: dict[str, Any]) -> dict[str, Any]:
    """The last answer to create, which is asked once for each outcome that the row names."""
    made: dict[str, Any] = {}
    for outcome in row.outcome.split(", "):
        made = await shop.buyer.create(preview)
        assert made["outcome"] == outcome
        if outcome == "unknown":
            assert made["orders"] == []
            shop.house.clock.forward(120)
    return made


def _is_ordered(row: Row, made: dict[str, Any]) -> None:
    _, carriage, payable, _ = row.money.split()
    orders = [f"{order['payable']} {order['carriage']}" for order in made["orders"]]
    assert orders == list(row.orders or [f"{payable} {carriage}"])
    assert all(order["status"] == "awaiting_payment" and order["pay_by"] for order in made["orders"])
    assert len(made["failed_lines"]) == len(row.failed)
    for line, (offer, code, reason, remedy) in zip(made["failed_lines"], row.failed, strict=True):
        assert (line["offer_id"], line["code"], line["remedy"]) == (offer_id(offer), code, remedy)
        assert reason in line["reason"]


async def test_carriage_by_description_is_not_final(house: House) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("carriage-by-description", 1))

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
        outside = re.sub(r"https://trade\.1688\.com/order/offer_snapshot\.htm\?order_entry_id=\d+", "", text)
        outside = outside.replace(ours, "")
        for active in ("http:", "https:", "<", "](", "\x1b", "\u202e", "\u200b", "`"):
            assert active not in outside
    assert "「" in detail["summary"]


async def test_an_id_above_the_safe_integers_survives_as_text(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))

    order_id = made["orders"][0]["order_id"]
    assert order_id == str(house.upstream.orders()[0].order_id)
    assert int(order_id) > 2**53
