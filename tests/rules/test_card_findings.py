"""What a product card says against a line: only where both numbers are known, only as a warning, once."""

from typing import Any

import pytest

from orders_tools.offers.card import ProductCard, card_of, unknown_card, without_sku
from orders_tools.offers.model import Attribute, Offer, OfferSku
from orders_tools.purchase.model import AnsweredLine, Line
from orders_tools.purchase.pricing import with_cards
from orders_tools.purchase.records import Finding, Purchase, shown_digest
from orders_tools.rules.card_findings import CATALOGUE_CODES, card_findings
from orders_tools.vocabulary import IssueCode, WhyUnknown
from support.a_purchase import OFFER, OTHER, SKU, purchase

TITLE = "杯子"


def line(**named: Any) -> Line:
    fields: dict[str, Any] = {"offer_id": OFFER, "quantity": 7, "spec_id": SKU}
    return Line(**{**fields, **named})


def card(**told: Any) -> ProductCard:
    fields: dict[str, Any] = {"offer_id": OFFER, "spec_id": SKU, "title": TITLE, "match": "spec_id"}
    return ProductCard(**{**fields, **told})


def found(*pairs: tuple[Line, ProductCard]) -> list[Finding]:
    lines, cards = zip(*pairs, strict=True)
    return card_findings(lines, cards)


NUMBERS = [
    (IssueCode.BELOW_MINIMUM, {"min_quantity": 8}, {"min_quantity": 7}, {"minimum": 8, "quantity": 7}),
    (IssueCode.NOT_A_LOT, {"lot": 6}, {"lot": 7}, {"lot": 6, "quantity": 7, "spec_id": SKU}),
    (IssueCode.NOT_A_LOT, {"lot": 2}, {"lot": 1}, {"lot": 2, "quantity": 7, "spec_id": SKU}),
    (IssueCode.OVER_STOCK, {"stock": 6}, {"stock": 7}, {"stock": 6, "quantity": 7}),
    (IssueCode.OVER_STOCK, {"stock": 0}, {"stock": 100}, {"stock": 0, "quantity": 7}),
    (IssueCode.OVER_STOCK, {"sku_stock": 6}, {"sku_stock": 7}, {"stock": 6, "quantity": 7, "spec_id": SKU}),
    (IssueCode.OVER_STOCK, {"sku_stock": 0}, {"sku_stock": 9}, {"stock": 0, "quantity": 7, "spec_id": SKU}),
    (IssueCode.OFF_SALE, {"status": "member expired"}, {"status": "published"}, {"status": "member expired"}),
    (IssueCode.SKU_NOT_IN_OFFER, {"match": "not_in_offer"}, {"match": "unknown"}, {"spec_id": SKU}),
]


@pytest.mark.parametrize(("code", "against", "fits", "details"), NUMBERS)
def test_a_finding_is_there_where_the_card_says_so_and_not_where_it_fits_or_says_nothing(
    code: IssueCode, against: dict[str, Any], fits: dict[str, Any], details: dict[str, Any]
) -> None:
    [finding] = found((line(), card(**against)))
    assert (finding.code, finding.severity, finding.offer_id, finding.details) == (code, "warns", OFFER, details)
    assert found((line(), card(**fits))) == []
    silent = dict.fromkeys(against) if "match" not in against else {}
    assert found((line(), card(**silent))) == []


@pytest.mark.parametrize(
    ("named", "told", "warned"), [("S1", "S2", True), ("S1", "S1", False), (None, "S2", False), ("S1", None, False)]
)
def test_another_seller_is_one_where_both_are_named(named: str | None, told: str | None, warned: bool) -> None:
    findings = found((line(seller_open_id=named), card(seller_open_id=told)))
    assert [each.code for each in findings] == ([IssueCode.OTHER_SELLER] if warned else [])
    assert [each.details for each in findings] == ([{"seller": "S2"}] if warned else [])


def test_many_lines_that_name_the_same_other_seller_are_one_finding_and_two_offers_two() -> None:
    pair = line(seller_open_id="S1"), card(seller_open_id="S2")
    other = line(offer_id=OTHER, seller_open_id="S1"), card(offer_id=OTHER, seller_open_id="S2")
    assert [each.offer_id for each in found(pair, pair, pair, other)] == [OFFER, OTHER]


def test_the_minimum_and_the_stock_of_an_offer_count_all_its_lines_and_the_lot_each() -> None:
    several = [(line(spec_id=sku, quantity=4), card(spec_id=sku, min_quantity=8, stock=8, lot=4)) for sku in "ab"]
    assert found(*several) == []
    below = [(each, told.model_copy(update={"min_quantity": 9})) for each, told in several]
    assert [(each.code, each.details) for each in found(*below)] == [
        (IssueCode.BELOW_MINIMUM, {"minimum": 9, "quantity": 8})
    ]
    over = [(each, told.model_copy(update={"stock": 7})) for each, told in several]
    assert [(each.code, each.details) for each in found(*over)] == [(IssueCode.OVER_STOCK, {"stock": 7, "quantity": 8})]
    odd = [(each, told.model_copy(update={"lot": 8})) for each, told in several]
    assert [each.details["spec_id"] for each in found(*odd)] == ["a", "b"]


def test_more_than_the_stock_of_the_offer_is_not_said_again_of_its_sku() -> None:
    assert len(found((line(), card(stock=6, sku_stock=6)))) == 1
    assert len(found((line(), card(stock=None, sku_stock=6)))) == 1


@pytest.mark.parametrize("why", WhyUnknown)
def test_of_a_card_that_is_not_known_only_that_is_said_and_why(why: WhyUnknown) -> None:
    [finding] = found(*[(line(spec_id=sku), unknown_card(line(spec_id=sku), why)) for sku in "ab"])
    assert (finding.severity, finding.code, finding.offer_id) == ("notes", IssueCode.PRODUCT_UNKNOWN, None)
    assert finding.details == {"offer_ids": [OFFER], "why": why.value}


def test_each_reason_is_said_once_with_its_offers() -> None:
    late, off = (unknown_card(line(offer_id=each), WhyUnknown.LATE) for each in (OFFER, OTHER)), WhyUnknown.OFF
    pairs = [(line(offer_id=each.offer_id), each) for each in late]
    pairs += [(line(offer_id="7"), unknown_card(line(offer_id="7"), off))]
    assert {each.details["why"]: each.details["offer_ids"] for each in found(*pairs)} == {
        "late": [OFFER, OTHER],
        "off": ["7"],
    }


@pytest.mark.parametrize("title", [None, "", "\u200b\u3164"])
def test_a_card_without_a_title_that_shows_something_is_as_good_as_unreadable(title: str | None) -> None:
    [finding] = found((line(), card(title=title)))
    assert finding.details == {"offer_ids": [OFFER], "why": "unreadable"}


def test_lines_without_sellers_whose_offers_have_several_are_told_each_with_its_own() -> None:
    def one(offer_id: str, told: str | None, named: str | None = None) -> tuple[Line, ProductCard]:
        return line(offer_id=offer_id, seller_open_id=named), card(offer_id=offer_id, seller_open_id=told)

    [finding] = found(one("1", "A"), one("2", "B"), one("3", None), one("4", "A"), one("1", "A"))
    assert (finding.severity, finding.code) == ("warns", IssueCode.SELLERS_DIFFER)
    sellers = [{"offer_id": each, "seller": seller} for each, seller in (("1", "A"), ("2", "B"), ("4", "A"))]
    assert finding.details == {"sellers": sellers}
    assert found(one("1", "A"), one("2", "A"), one("3", None)) == []
    assert found(one("1", "A"), one("2", "B", named="B")) == []


def everything_against() -> tuple[Line, ProductCard]:
    told = {"min_quantity": 99, "lot": 5, "stock": 1, "status": "deleted", "seller_open_id": "S2"}
    return line(seller_open_id="S1"), card(match="not_in_offer", **told)


def test_no_card_blocks_and_every_code_is_the_catalogues() -> None:
    findings = found(everything_against(), (line(offer_id="7"), unknown_card(line(offer_id="7"), WhyUnknown.OFF)))
    assert len(findings) == 7
    assert {each.severity for each in findings} == {"warns", "notes"}
    assert {each.code for each in findings} <= CATALOGUE_CODES


@pytest.mark.parametrize("severity", ["blocks", "warns"])
def test_what_the_preview_refuses_itself_is_not_said_again_by_the_catalogue(severity: Any) -> None:
    own = Finding(severity=severity, code=IssueCode.MINIMUM_QUANTITY, offer_id=OFFER)
    priced = purchase().model_copy(update={"findings": (own,)})
    _, told = everything_against()
    codes = [each.code for each in with_cards(priced, [told], cut=False).findings]
    assert codes[0] == own.code
    assert (IssueCode.BELOW_MINIMUM in codes) is (severity == "warns")
    assert len(codes) == (1 if severity == "blocks" else 6)


def test_a_card_changes_the_digest_and_nothing_else_that_was_decided() -> None:
    bare = purchase()

    def shown(**told: Any) -> Purchase:
        return with_cards(bare, [card(**told)], cut=False)

    digests = {shown_digest(each) for each in (bare, shown(), shown(title="碗"), shown(variant="红"), shown(unit="箱"))}
    assert len(digests) == 5
    assert (shown().orderable, shown().payable, shown().parts) == (bare.orderable, bare.payable, bare.parts)
    assert with_cards(bare, [unknown_card(line(), WhyUnknown.OFF)], cut=False).cards == ()


def offer(*skus: OfferSku, whole: bool = True) -> Offer:
    return Offer(offer_id=OFFER, title=TITLE, skus=skus, skus_whole=whole)


def sku(spec_id: str | None, sku_id: str | None, colour: str) -> OfferSku:
    return OfferSku(spec_id=spec_id, sku_id=sku_id, attributes=(Attribute(name="颜色", value=colour),))


RED, BLUE = sku("a", "1", "红"), sku("b", "2", "蓝")


@pytest.mark.parametrize(
    ("named", "told", "answered", "match", "colour"),
    [
        ("b", offer(RED, BLUE), None, "spec_id", "蓝"),
        ("b", offer(RED, BLUE), ("a", "1"), "spec_id", "蓝"),
        ("c", offer(RED, BLUE), ("a", "1"), "not_in_offer", None),
        ("c", offer(RED, BLUE, whole=False), None, "unknown", None),
        (None, offer(RED, BLUE), ("b", "2"), "sku_id", "蓝"),
        (None, offer(RED, BLUE), (None, "2"), "sku_id", "蓝"),
        (None, offer(RED, BLUE), ("b", None), "sku_id", "蓝"),
        (None, offer(RED, BLUE), (None, None), "unknown", None),
        (None, offer(RED, BLUE), None, "unknown", None),
        (None, offer(RED), None, "only_sku", "红"),
        (None, offer(RED, whole=False), None, "unknown", None),
        (None, offer(), None, "no_sku", None),
        (None, offer(whole=False), None, "unknown", None),
    ],
)
def test_the_sku_of_a_line_is_found_by_what_it_names_then_by_what_the_preview_returned(
    named: str | None, told: Offer, answered: tuple[str | None, str | None] | None, match: str, colour: str | None
) -> None:
    fields: dict[str, Any] = {"offer_id": OFFER, "unit_price": 1, "amount": 1}
    chosen = AnsweredLine(spec_id=answered[0], sku_id=answered[1], **fields) if answered else None
    made = card_of(line(spec_id=named), told, chosen)
    assert (made.match, made.variant) == (match, f"颜色: {colour}" if colour else None)
    bare = without_sku(made)
    assert (bare.title, bare.variant, bare.sku_stock, bare.match) == (TITLE, None, None, "unknown")


def test_an_answer_about_another_sku_of_one_that_is_alone_is_not_taken_for_it() -> None:
    fields: dict[str, Any] = {"offer_id": OFFER, "unit_price": 1, "amount": 1}
    made = card_of(line(spec_id=None), offer(RED), AnsweredLine(spec_id="z", sku_id="9", **fields))
    assert (made.match, made.variant) == ("unknown", None)
