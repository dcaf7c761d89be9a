"""What the card of a line takes from its offer and its SKU, and what is left of it without the SKU."""

from typing import Any

import pytest

from orders_tools.offers.card import ProductCard, card_of, unknown_card, without_sku
from orders_tools.offers.model import Attribute, Offer, OfferSku
from orders_tools.purchase.model import AnsweredLine, Line
from orders_tools.vocabulary import WhyUnknown

LINE = Line(offer_id="7", spec_id="a", quantity=3)
RED = Attribute(name="颜色", value="红", name_translated="Colour", value_translated="Red")
OFFER = Offer(
    offer_id="7",
    title="杯子",
    title_translated="Mug",
    picture="https://cbu01.alicdn.com/offer.jpg",
    seller_open_id="S1",
    status="published",
    unit="件",
    min_quantity=2,
    lot=6,
    stock=90,
    skus=(
        OfferSku(spec_id="a", sku_id="1", attributes=(RED,), stock=40, picture="https://cbu01.alicdn.com/red.jpg"),
        OfferSku(spec_id="b", sku_id="2"),
    ),
    skus_whole=True,
)
OF_OFFER: dict[str, Any] = {
    "offer_id": "7",
    "title": "杯子",
    "title_translated": "Mug",
    "unit": "件",
    "status": "published",
    "min_quantity": 2,
    "lot": 6,
    "stock": 90,
    "seller_open_id": "S1",
}


def test_a_card_has_all_that_the_offer_and_the_sku_say() -> None:
    own: dict[str, Any] = {
        "variant": "颜色: 红",
        "variant_translated": "Colour: Red",
        "picture": "https://cbu01.alicdn.com/red.jpg",
    }
    assert card_of(LINE, OFFER, None) == ProductCard(**OF_OFFER, **own, spec_id="a", sku_stock=40, match="spec_id")


def test_an_sku_without_a_picture_has_that_of_the_offer() -> None:
    picture = "https://cbu01.alicdn.com/offer.jpg"
    other = LINE.model_copy(update={"spec_id": "b"})
    assert card_of(other, OFFER, None) == ProductCard(**OF_OFFER, spec_id="b", picture=picture, match="spec_id")


def test_a_card_of_no_sku_has_what_the_offer_says() -> None:
    picture = "https://cbu01.alicdn.com/offer.jpg"
    other = LINE.model_copy(update={"spec_id": "c"})
    assert card_of(other, OFFER, None) == ProductCard(**OF_OFFER, spec_id="c", picture=picture, match="not_in_offer")


def test_words_that_nobody_translated_have_no_translation() -> None:
    plain = RED.model_copy(update={"name_translated": None, "value_translated": "红"})
    skus = (OFFER.skus[0].model_copy(update={"attributes": (plain,)}),)
    card = card_of(LINE, OFFER.model_copy(update={"title_translated": "杯子", "skus": skus}), None)
    assert (card.title, card.title_translated) == ("杯子", None)
    assert (card.variant, card.variant_translated) == ("颜色: 红", None)


def test_without_its_sku_a_card_keeps_what_the_offer_says() -> None:
    assert without_sku(card_of(LINE, OFFER, None)) == ProductCard(**OF_OFFER, spec_id="a")


def test_a_card_that_is_not_known_has_the_reason_alone() -> None:
    assert unknown_card(LINE, WhyUnknown.LATE) == ProductCard(offer_id="7", spec_id="a", why=WhyUnknown.LATE)


@pytest.mark.parametrize(("spec_id", "sku_id"), [(None, None), ("", ""), (None, "1")])
def test_the_only_sku_is_the_lines_where_the_preview_names_no_other(spec_id: str | None, sku_id: str | None) -> None:
    only = OfferSku(spec_id="a", attributes=(RED,))
    line = LINE.model_copy(update={"spec_id": None})
    answered = AnsweredLine(offer_id="7", spec_id=spec_id, sku_id=sku_id, unit_price=1, amount=1)
    card = card_of(line, OFFER.model_copy(update={"skus": (only,)}), answered)
    assert (card.match, card.variant) == ("only_sku", "颜色: 红")
