"""Cards beside a preview: of the SKU that it answers, and kept for a later preview only while it answers the same."""

from typing import Any

import pytest

from orders_tools.offers.card import ProductCard
from orders_tools.offers.lookup import cards_of, reused_cards, with_sellers
from orders_tools.offers.model import Attribute, Offer, OfferSku
from orders_tools.purchase.model import Line, Part
from orders_tools.vocabulary import WhyUnknown
from support.a_purchase import OFFER, OTHER, SKU, answer, basket, line, order, part

RED, BLUE = (
    OfferSku(spec_id=spec_id, sku_id=sku_id, attributes=(Attribute(name="颜色", value=colour),))
    for spec_id, sku_id, colour in ((SKU, "1", "红"), ("b", "2", "蓝"))
)
CUPS = Offer(offer_id=OFFER, title="杯子", skus=(RED, BLUE), skus_whole=True)


def previewed(sku: OfferSku, *, named: bool = False, **other: Any) -> list[Part]:
    """Two parts of a preview that answers `sku` for the first line, and something else for the second."""
    first = Line(offer_id=OFFER, quantity=2, spec_id=sku.spec_id if named else None)
    told = line(spec_id=sku.spec_id, sku_id=sku.sku_id)
    another = Line(offer_id=OTHER, quantity=1)
    return [
        part(answer(order(told)), wanted=basket(first)),
        part(
            answer(order(line(**{"offer_id": OTHER, "spec_id": None, "sku_id": None, **other}))), wanted=basket(another)
        ),
    ]


@pytest.mark.parametrize(("sku", "variant"), [(RED, "颜色: 红"), (BLUE, "颜色: 蓝")])
def test_a_line_that_names_no_sku_has_the_card_of_the_one_that_the_preview_answers(sku: OfferSku, variant: str) -> None:
    first, second = cards_of(previewed(sku), {OFFER: CUPS, OTHER: WhyUnknown.LATE})
    assert (first.match, first.variant) == ("sku_id", variant)
    assert second == ProductCard(offer_id=OTHER, why=WhyUnknown.LATE)


def test_an_offer_without_a_look_up_is_as_good_as_unreadable() -> None:
    assert [card.why for card in cards_of(previewed(RED), {OFFER: CUPS})] == [None, WhyUnknown.UNREADABLE]


def test_a_later_preview_that_answers_another_sku_keeps_the_offer_and_loses_the_variant() -> None:
    cards = cards_of(previewed(RED), {OFFER: CUPS, OTHER: CUPS.model_copy(update={"offer_id": OTHER})})
    first, second = reused_cards(cards, previewed(RED), previewed(BLUE))
    assert (first.title, first.variant, first.match) == ("杯子", None, "unknown")
    assert second == cards[1]


def test_a_later_preview_that_answers_the_same_sku_keeps_the_cards() -> None:
    cards = cards_of(previewed(RED), {OFFER: CUPS, OTHER: WhyUnknown.OFF})
    assert reused_cards(cards, previewed(RED), previewed(RED)) == list(cards)


@pytest.mark.parametrize(
    ("named", "known", "divided"),
    [
        ((None, None), ("A", "B"), ("A", "B")),
        ((None, "C"), ("A", "B"), ("A", "C")),
        ((None, "A"), ("A", "B"), ("A", "A")),
        ((None, None), ("A", "A"), None),
        ((None, None), ("A", None), None),
        (("C", "D"), ("A", "B"), None),
    ],
)
def test_lines_without_a_seller_take_the_catalogues_where_that_divides_them(
    named: tuple[str | None, str | None], known: tuple[str | None, str | None], divided: tuple[str, str] | None
) -> None:
    ids = (OFFER, OTHER)
    lines = [Line(offer_id=each, quantity=1, seller_open_id=name) for each, name in zip(ids, named, strict=True)]
    offers = {each: Offer(offer_id=each, seller_open_id=seller) for each, seller in zip(ids, known, strict=True)}
    told = with_sellers(lines, offers)
    assert (told and tuple(line.seller_open_id for line in told)) == divided
