"""The attributes of an SKU in one line, in either language, and which SKUs hold the words that were asked for."""

from orders_tools.offers.model import Attribute, OfferSku
from orders_tools.offers.skus import matching_first, variant

COLOUR = Attribute(name="颜色", value="米白", name_translated="Colour", value_translated="Off-white")
SIZE = Attribute(name="尺码", value="L")


def test_attributes_stand_in_their_order_and_in_the_sellers_words() -> None:
    assert variant((COLOUR, SIZE)) == "颜色: 米白; 尺码: L"
    assert variant(()) == ""


def test_what_nobody_translated_stays_in_the_sellers_words() -> None:
    half = Attribute(name="材质", value="陶瓷", name_translated="Material")
    assert variant((COLOUR, SIZE, half), translated=True) == "Colour: Off-white; 尺码: L; Material: 陶瓷"


def test_skus_that_hold_more_of_the_words_come_first_and_those_that_hold_all_are_counted() -> None:
    small, large = (
        OfferSku(spec_id=size, attributes=(COLOUR, SIZE.model_copy(update={"value": size}))) for size in ("S", "2XL")
    )
    other = OfferSku(spec_id="M", attributes=(SIZE.model_copy(update={"value": "M"}),))
    found, whole = matching_first([other, small, large], "OFF-ＷＨＩＴＥ 尺码: 2xl")
    assert ([sku.spec_id for sku in found], whole) == (["2XL", "S", "M"], 1)
