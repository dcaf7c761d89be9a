"""Offers with something odd in a field: only the offer's id decides, and each other field hides itself alone."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_server.xportcn.catalogue import BOUNDS
from orders_server.xportcn.offer_detail import read_offer
from orders_server.xportcn.offer_fields import picture_reader
from orders_server.xportcn.offer_search import read_offer_page
from orders_server.xportcn.wire import Unreadable, as_list, as_object, read_json
from orders_tools.offers.model import Offer, OfferPage
from orders_tools.ports import OfferUnknown, UpstreamRefused
from support.oddities import ODD, REMOVED

CORPUS = Path(__file__).parent / "corpus"
ASKED = "731200000017"
PICTURE = picture_reader(())
Path_ = tuple[str | int, ...]
HIDES: dict[str, set[str]] = {
    "subject": {"title", "title_translated"},
    "subjectTrans": {"title_translated"},
    "productImage": {"picture"},
    "productImage.images": {"picture"},
    "productImage.images.0": {"picture"},
    "productSkuInfos": {"skus", "skus_whole"},
    "productSkuInfos.0": {"skus", "skus_whole"},
    "productSkuInfos.0.specId": {"skus.spec_id", "skus_whole"},
    "productSkuInfos.0.skuId": {"skus.sku_id"},
    "productSkuInfos.0.price": {"skus.price"},
    "productSkuInfos.0.promotionPrice": {"skus.promotion_price"},
    "productSkuInfos.0.amountOnSale": {"skus.stock"},
    "productSkuInfos.0.skuAttributes": {"skus.attributes", "skus.picture"},
    "productSkuInfos.0.skuAttributes.0": {"skus.attributes", "skus.picture"},
    "productSkuInfos.0.skuAttributes.0.attributeName": {"skus.attributes"},
    "productSkuInfos.0.skuAttributes.0.attributeNameTrans": {"skus.attributes"},
    "productSkuInfos.0.skuAttributes.0.value": {"skus.attributes"},
    "productSkuInfos.0.skuAttributes.0.valueTrans": {"skus.attributes"},
    "productSkuInfos.0.skuAttributes.0.skuImageUrl": {"skus.picture"},
    "productSaleInfo": {"stock", "priced_by", "tiers", "unit", "unit_translated"},
    "productSaleInfo.amountOnSale": {"stock"},
    "productSaleInfo.quoteType": {"priced_by"},
    "productSaleInfo.priceRangeList": {"tiers"},
    "productSaleInfo.priceRangeList.0": {"tiers"},
    "productSaleInfo.priceRangeList.0.startQuantity": {"tiers"},
    "productSaleInfo.priceRangeList.0.price": {"tiers"},
    "productSaleInfo.priceRangeList.0.promotionPrice": {"tiers"},
    "productSaleInfo.unitInfo": {"unit", "unit_translated"},
    "productSaleInfo.unitInfo.unit": {"unit"},
    "productSaleInfo.unitInfo.transUnit": {"unit_translated"},
    "sellerOpenId": {"seller_open_id"},
    "companyName": {"seller_name"},
    "minOrderQuantity": {"min_quantity"},
    "batchNumber": {"lot"},
    "status": {"status"},
}
"""Every field that is read but the id, and what of the offer it tells. A field that is not here tells nothing."""


def body(kind: str) -> dict[str, Any]:
    return json.loads((CORPUS / kind / "whole.json").read_bytes())


def travelled(content: Any) -> Any:
    return read_json(json.dumps(content, default=float, ensure_ascii=False).encode("utf-8", "replace"), BOUNDS)


def told(content: Any) -> Offer:
    return read_offer(travelled(content), ASKED, PICTURE)


def paths(content: Any, where: Path_ = ()) -> Iterator[Path_]:
    """The way to every value inside a document."""
    steps: list[tuple[str | int, Any]] = [*(as_object(content) or {}).items(), *enumerate(as_list(content) or ())]
    for step, value in steps:
        yield (*where, step)
        yield from paths(value, (*where, step))


def put(document: dict[str, Any], path: Path_, value: Any) -> dict[str, Any]:
    """A copy of `document` with `value` at `path`, or without what is there."""
    changed = copy.deepcopy(document)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    if value is REMOVED:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return changed


def differing(one: Offer, other: Offer) -> set[str]:
    """The names of what differs; of SKUs the fields that do, where only the first one differs and is still there."""
    names = {name for name in type(one).model_fields if getattr(one, name) != getattr(other, name)}
    if "skus" in names and len(one.skus) == len(other.skus) and one.skus[1:] == other.skus[1:]:
        fields = type(one.skus[0]).model_fields
        names |= {f"skus.{name}" for name in fields if getattr(one.skus[0], name) != getattr(other.skus[0], name)}
        names.remove("skus")
    return names


WHOLE, SEARCH = body("offer"), body("search")
OURS = told(WHOLE)
FIELDS = [path for path in paths(WHOLE["data"]) if path[:1] != ("offerId",)]


def hidden_by(path: Path_) -> set[str]:
    """What of the offer the field at `path` tells; in another SKU than the first, something of that SKU."""
    hidden = HIDES.get(".".join("0" if isinstance(step, int) else step for step in path), set[str]())
    later = path[0] == "productSkuInfos" and path[1:2] not in ((), (0,))
    return {"skus", "skus_whole"} if hidden and later else hidden


@pytest.mark.parametrize("name", ODD)
def test_an_odd_field_hides_itself_alone(name: str) -> None:
    for path in FIELDS:
        offer = told(put(WHOLE, ("data", *path), ODD[name]))
        assert offer.offer_id == ASKED
        assert differing(OURS, offer) <= hidden_by(path), path


def test_each_field_that_is_read_tells_what_is_said_of_it() -> None:
    absent = {"batchNumber": 6, "productSaleInfo.priceRangeList.0.promotionPrice": "9.90"}
    for path, hidden in HIDES.items():
        steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
        changed = told(put(WHOLE, ("data", *steps), absent.get(path, {"odd": [1]})))
        assert differing(OURS, changed) & hidden, path


def test_what_is_never_read_changes_nothing() -> None:
    for name in ("description", "mainVideo", "sellingPoint", "traceInfo", "productImageTrans", "productAttribute"):
        for odd in ("https://evil.example", {"a": [1]}, 7, REMOVED):
            assert told(put(WHOLE, ("data", name), odd)) == OURS


ODD_TEXTS = ["1.50", "-1", "9" * 40, "false", "//cbu01.alicdn.com/a.jpg", "\ud800", "1e400", ASKED]
NAMES = ["success", "code", "data", "result", "offerId", "value", "price"]
NUMBERS = st.integers(-(10**30), 10**30) | st.decimals(-(10**6), 10**6, places=4)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=30) | st.sampled_from(ODD_TEXTS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
EVERYWHERE = list(paths(WHOLE))


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EVERYWHERE), JSON), min_size=1, max_size=4))
def test_whatever_stands_in_any_field_an_offer_is_told_or_is_unknown(changes: list[tuple[Path_, Any]]) -> None:
    document = WHOLE
    for path, value in changes:
        try:
            document = put(document, path, value)
        except (KeyError, IndexError, TypeError):
            continue
    try:
        offer = told(document)
    except (OfferUnknown, UpstreamRefused, Unreadable):
        return
    assert offer.offer_id == ASKED
    for number in (offer.min_quantity, offer.lot, offer.stock, *(sku.price for sku in offer.skus)):
        assert number is None or 0 <= number < 10**14
    for url in filter(None, (offer.picture, *(sku.picture for sku in offer.skus))):
        assert url.startswith("https://")
        assert url.split("/")[2].endswith(".alicdn.com")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(JSON)
def test_any_document_is_an_offer_or_unknown_and_a_page_or_unreadable(document: Any) -> None:
    for read in (lambda: told(document), lambda: read_offer_page(travelled(document), 1, PICTURE)):
        try:
            found: Offer | OfferPage = read()
        except (OfferUnknown, UpstreamRefused, Unreadable):
            continue
        assert isinstance(found, OfferPage) or found.offer_id == ASKED


@pytest.mark.parametrize("name", ODD)
def test_an_odd_field_of_a_found_offer_hides_itself_and_no_other_offer(name: str) -> None:
    [row] = SEARCH["data"]["data"]
    other = {**row, "offerId": 731200000024}
    for path in paths(row):
        odd = put(row, path, ODD[name])
        document = put(SEARCH, ("data", "data"), [odd, other])
        page = read_offer_page(travelled(document), 1, PICTURE)
        assert page.offers[-1].offer_id == "731200000024"
        assert page.offers[-1].title
        assert len(page.offers) == 2 or path == ("offerId",)
        if len(page.offers) == 2 and path != ("offerId",):
            names = {
                each
                for each in type(page.offers[0]).model_fields
                if getattr(page.offers[0], each) != getattr(page.offers[1], each)
            }
            assert len(names - {"offer_id"}) <= (2 if path == ("subject",) else 1), path


@pytest.mark.parametrize(
    ("written", "fen"),
    [("6.80", 680), (" 6.8 ", 680), ("0", 0), ("12.800", 1280), ("999999999", 99999999900), ("12.805", None),
     ("-1", None), ("1e3", None), ("125-128", None), ("¥6", None), ("6,80", None), ("６", None), ("", None),
     ("1234567890", None), (680, None), (6.8, None), (True, None), (None, None), ({"price": "6"}, None)],
)  # fmt: skip
def test_only_a_decimal_text_is_a_price(written: Any, fen: int | None) -> None:
    [sku, _] = told(put(WHOLE, ("data", "productSkuInfos", 0, "price"), written)).skus
    assert sku.price == fen


def test_pictures_of_another_host_are_taken_from_below_that_origin_alone() -> None:
    own = picture_reader(["http://127.0.0.1:8700"])
    assert own("http://127.0.0.1:8700/pictures/1.png") == "http://127.0.0.1:8700/pictures/1.png"
    for url in ("http://127.0.0.1:87001/1.png", "http://127x0.0.1:8700/1.png", "http://127.0.0.1:8700@evil.example/1",
                "https://127.0.0.1:8700/1.png", "http://127.0.0.1:8700", "http://127.0.0.1:8700/a b"):  # fmt: skip
        assert own(url) is None, url
    assert own("http://cbu01.alicdn.com/a.jpg") == "https://cbu01.alicdn.com/a.jpg"
    assert PICTURE("http://127.0.0.1:8700/pictures/1.png") is None


def test_more_skus_than_anybody_sells_are_cut_and_said_to_be_cut() -> None:
    sku = WHOLE["data"]["productSkuInfos"][0]
    offer = told(put(WHOLE, ("data", "productSkuInfos"), [{**sku, "skuId": number} for number in range(2001)]))
    assert (len(offer.skus), offer.skus_whole) == (2000, False)
    offer = told(put(WHOLE, ("data", "productSkuInfos"), [sku] * 2000))
    assert (len(offer.skus), offer.skus_whole) == (2000, True)
