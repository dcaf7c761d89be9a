"""Which line a finding of a card is about, at the edge of what the offer and the SKU have."""

from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import Line
from orders_tools.rules.card_findings import card_findings
from orders_tools.vocabulary import IssueCode
from support.a_purchase import OFFER, SKU


def test_a_finding_about_a_line_that_names_no_sku_names_none() -> None:
    line, card = Line(offer_id=OFFER, quantity=7), ProductCard(offer_id=OFFER, title="杯子", lot=6, match="only_sku")
    [finding] = card_findings([line], [card])
    assert (finding.code, finding.details) == (IssueCode.NOT_A_LOT, {"lot": 6, "quantity": 7})


def test_too_many_of_an_sku_are_told_where_the_offer_has_just_as_many() -> None:
    line = Line(offer_id=OFFER, spec_id=SKU, quantity=7)
    card = ProductCard(offer_id=OFFER, spec_id=SKU, title="杯子", stock=7, sku_stock=6)
    [finding] = card_findings([line], [card])
    assert (finding.code, finding.details) == (IssueCode.OVER_STOCK, {"stock": 6, "quantity": 7, "spec_id": SKU})
