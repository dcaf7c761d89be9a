"""What is bought is named by its seller's words: in the preview, in the dialog, once ordered, as it was ordered."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest

from orders_prompts.inert import quoted
from orders_sandbox import CATALOGUE
from orders_sandbox.catalogue_words import ENGLISH
from orders_sandbox.offers import Offer, Sku
from orders_server.xportcn.client import XportcnClient
from support.house import ADDRESS, Buyer, House, Person, offer_id, opened_house
from support.products import telling
from support.thoroughness import at_least

pytestmark = pytest.mark.anyio

BLOCKED = {"no-cross-border-pay", "no-order-mode", "zero-price", "not-sellable", "delisted"}
LOST = {"price-rise", "lost-answer", "bad-gateway"}
"""What cannot be ordered, or not in one call."""
_HOSTILE = {"hostile-seller", "seller-texts"}


@dataclass(frozen=True)
class Bought:
    """One SKU of an offer; `named`: the line has its spec_id."""

    name: str
    place: int
    named: bool

    @property
    def offer(self) -> Offer:
        return CATALOGUE[self.name]

    @property
    def sku(self) -> Sku:
        return self.offer.skus[self.place]

    def __str__(self) -> str:
        return f"{self.name}-{self.place}-{'named' if self.named else 'chosen'}"

    @property
    def quantity(self) -> int:
        own = self.offer
        batch = own.mixed_batch.pieces if own.mixed_batch else 1
        return max(own.minimum, own.wholesale_minimum, batch, own.lot)

    def line(self) -> dict[str, Any]:
        spec = {"spec_id": self.sku.spec_id} if self.named else {}
        return {"offer_id": offer_id(self.name), "quantity": self.quantity, "label": "assistant's own word", **spec}

    @property
    def variant(self) -> str:
        size = f"尺码: {self.sku.size}; " if self.sku.size else ""
        return quoted(f"{size}颜色: {self.sku.colour[:80]}")

    def told_in(self, language: str) -> tuple[str, str]:
        """Title and variant for a reader of this language."""
        if language == "zh":
            return quoted(self.offer.title), self.variant
        size = f"Size: {ENGLISH[self.sku.size]}; " if self.sku.size else ""
        return quoted(ENGLISH[self.offer.title]), quoted(f"{size}Colour: {ENGLISH[self.sku.colour][:80]}")


def bought() -> list[Bought]:
    rows: list[Bought] = []
    for name, offer in CATALOGUE.items():
        if name in BLOCKED | LOST:
            continue
        last = len(offer.skus) - 1
        rows += [Bought(name, place, named=True) for place in sorted({0, last // 2, last})]
        rows += [Bought(name, 0, named=False)] if last == 0 else []
    return rows


@dataclass(frozen=True)
class Shop:
    """A house and a buyer for each language, in another order in each generation."""

    house: House
    buyers: list[tuple[str, Buyer]]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=["2025", "2026"])
async def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Shop]:
    async with (
        opened_house(tmp_path_factory.mktemp("names"), generation=request.param) as house,
        house.buyer(person=Person(), language="en") as english,
        house.buyer(person=Person(), language="zh") as chinese,
    ):
        buyers = [("en", english), ("zh", chinese)]
        yield Shop(house, buyers if request.param == "2025" else buyers[::-1])


@pytest.mark.parametrize("turn", range(at_least(1, 2)))
@pytest.mark.parametrize("row", bought(), ids=str)
async def test_title_variant_and_unit_are_those_of_what_is_ordered(shop: Shop, row: Bought, turn: int) -> None:
    """In each generation in one of the two languages, and in the other one in the other generation."""
    number = 2 * bought().index(row) + turn
    language, buyer = shop.buyers[(bought().index(row) + turn) % 2]
    shop.house.clock.forward(1)  # the purchase before is over
    address = {**ADDRESS, "full_name": f"收货人{number}", "mobile": f"139{number:08}"}
    preview = await buyer.said("preview_order", lines=[row.line()], address=address)
    [line] = [line for order in preview["orders"] for line in order["lines"]]
    title, unit = quoted(row.offer.title), "件" if row.offer.unit == "件" else quoted(row.offer.unit, 20)
    assert (line["title"], line["variant"], line["unit"]) == (title, row.variant, unit)
    assert line["label"] == "assistant's own word"
    named = f"{row.quantity} {unit} {title} {row.variant}"
    shown_title, shown_variant = row.told_in(language)
    assert buyer.person
    buyer.person.shown.clear()
    made = await buyer.create(preview)
    [dialog] = buyer.person.shown
    word = {"en": "called 『assistant's own word』 by the assistant", "zh": "『assistant's own word』"}[language]
    in_brief = f"{row.quantity} {unit} {short(shown_title, 35 if language == 'en' else 25)} {shown_variant}"
    for text, words in ((preview["summary"], in_brief), (dialog, named)):
        [shown] = [each for each in text.split("\n") if each.startswith("- ") and words in each]
        assert word in shown
        below = text[text.index(shown) :].split("\n")[1]
        assert offer_id(row.name) in below
        assert row.sku.spec_id in below
    assert made["outcome"] == "placed"
    assert f"{row.quantity} {unit} {shown_title[:20]}" in _lines_of(made["summary"], offer_id(row.name))
    order = shop.house.upstream.orders()[-1]
    assert [(str(each.offer_id), each.spec_id, each.quantity) for each in order.lines] == [
        (offer_id(row.name), row.sku.spec_id, row.quantity)
    ]
    assert order.order_id == made["orders"][0]["order_id"]
    if row.name not in _HOSTILE:
        told = await buyer.said("get_order", order_id=order.order_id)
        [own] = told["lines"]
        assert own["product"] == line["title"]
        assert _values(own["variant"]) == _values(line["variant"])


def short(words: str, most: int) -> str:
    """Words in their marks, cut as the texts cut them."""
    return words if len(words) <= most + 2 else f"{words[:most]}…」"


def _lines_of(text: str, word: str) -> str:
    return "\n".join(line for line in text.split("\n") if word in line)


def _values(variant: str) -> set[str]:
    """The words of a variant without the names of its attributes."""
    return {re.sub(r"^.*[:：] ?", "", each.strip()) for each in re.split("[;,，；]", variant.strip("「」"))}


async def test_the_head_of_a_dialog_names_what_is_bought_before_anything_else_about_it(shop: Shop) -> None:
    lines = [Bought("many-variants", 299, named=True).line(), Bought("plain", 0, named=True).line()]
    buyer = dict(shop.buyers)["en"]
    assert buyer.person
    buyer.person.shown.clear()
    preview = await buyer.said("preview_order", lines=lines, address=ADDRESS)
    await buyer.create(preview)
    third = buyer.person.shown[0].split("\n")[2]
    assert third == (
        "2 lines: 1 件 「Cotton crew-neck T-…」 「Size: Size 64; Colour: Coffee」 (610000000031); "
        "1 件 「Plain ceramic mug」 「Colour: Natural」 (610000000001)"
    )


async def test_a_translation_that_shows_nothing_leaves_the_sellers_own_words(house: House) -> None:
    with telling(plain={"subjectTrans": "\u202e\u200b"}):
        async with house.buyer(person=Person()) as buyer:
            assert (await buyer.create(await buyer.preview(("plain", 1))))["outcome"] == "placed"
            assert buyer.person
            assert "1 件 「简约陶瓷马克杯」 「颜色: 本色」 (610000000001)" in buyer.person.shown[0]


async def test_of_a_line_without_an_sku_the_variant_is_that_of_the_sku_that_1688_chose(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, chosen = XportcnClient.preview, CATALOGUE["two-colours"].skus

    async def preview(self: XportcnClient, lines: Any, *given: Any) -> Any:
        """As the API that chooses an SKU where none was named: another one each time."""
        answer = await real(self, [line.model_copy(update={"spec_id": chosen[0].spec_id}) for line in lines], *given)
        sku = next(each)
        ids = {"spec_id": sku.spec_id, "sku_id": str(sku.sku_id)}
        orders = [
            order.model_copy(update={"lines": tuple(line.model_copy(update=ids) for line in order.lines)})
            for order in answer.orders
        ]
        return answer.model_copy(update={"orders": tuple(orders)})

    monkeypatch.setattr(XportcnClient, "preview", preview)
    async with house.buyer(person=Person()) as buyer:
        each = iter((chosen[1], chosen[0]))
        first = await buyer.preview(("two-colours", 1))
        changed = await buyer.create(first)
    [line] = first["orders"][0]["lines"]
    assert (line["spec_id"], line["variant"]) == (chosen[1].spec_id, "「颜色: 米白」")
    assert changed["outcome"] == "price_changed"
    [fresh] = changed["fresh_preview"]["orders"][0]["lines"]
    assert (fresh["spec_id"], fresh["title"]) == (chosen[0].spec_id, line["title"])
    assert fresh["variant"] is None  # the one that was looked up is of the SKU before
    assert "米白" not in changed["summary"]
