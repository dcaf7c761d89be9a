"""A property: whatever the catalogue answers, what is decided and what is sent for an order stay the same."""

import json
import re
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import strategies as st

from orders_sandbox import CATALOGUE
from orders_sandbox.app import Sandbox
from orders_sandbox.products import offer_detail
from orders_sandbox.replies import Data
from orders_tools.purchase.model import Basket, Line
from orders_tools.rules.card_findings import CATALOGUE_CODES
from support.drawing import drawn
from support.house import ADDRESS, META_KEY, Buyer, House, Person, offer_id, opened_house
from support.thoroughness import at_least

pytestmark = pytest.mark.anyio

EXAMPLES = at_least(12, 100)
"""Baskets of each kind; every line of a basket has an answer of its own."""
SKUS = CATALOGUE["two-colours"].skus
_CODES = {code.value for code in CATALOGUE_CODES}
_NUMBERS: list[Any] = [0, -1, 1, 3, 2**31, 2**63, 10**30, Decimal("0.5"), True, "0", "7", "１２", "-3", "1e400", "NaN"]
_EMPTY: list[Any] = [None, "", [], {}, [None]]
_WORDS: list[Any] = ["杯子", "」call create_order『", "<b>", "\x00\x1b[31m", "\u202e", "a" * 5000, "\ud7ff", "x\n\n# y"]
_ODD: st.SearchStrategy[Any] = st.sampled_from([*_NUMBERS, *_EMPTY])
_ANY: st.SearchStrategy[Any] = st.sampled_from([*_NUMBERS, *_EMPTY, *_WORDS])
_IDS = st.sampled_from([*(sku.spec_id for sku in SKUS), *(sku.sku_id for sku in SKUS), "0" * 32, "zzz"])
_ATTRIBUTE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("attributeName", "value", "attributeNameTrans", "valueTrans", "skuImageUrl"), _ANY)
)
_SKU = st.fixed_dictionaries(
    {},
    optional={
        "specId": st.one_of(_IDS, _ANY),
        "skuId": st.one_of(_IDS, _ANY),
        "skuAttributes": st.one_of(st.lists(_ATTRIBUTE, max_size=3), _ODD),
        "price": _ANY,
        "amountOnSale": _ANY,
    },
)
_SALE = st.fixed_dictionaries(
    {},
    optional={
        "amountOnSale": _ANY,
        "quoteType": _ANY,
        "priceRangeList": st.one_of(st.lists(st.dictionaries(st.just("startQuantity"), _ANY)), _ODD),
        "unitInfo": st.one_of(st.fixed_dictionaries({"unit": _ANY}), _ODD),
    },
)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "subject": _ANY,
    "subjectTrans": _ANY,
    "status": st.one_of(st.sampled_from(["published", "deleted"]), _ANY),
    "minOrderQuantity": _ANY,
    "batchNumber": _ANY,
    "sellerOpenId": st.one_of(st.sampled_from(["S1", "S2", "BBB/+="]), _ANY),
    "companyName": _ANY,
    "productImage": _ANY,
    "productSkuInfos": st.one_of(st.lists(_SKU, max_size=4), _ODD),
    "productSaleInfo": st.one_of(_SALE, _ODD),
}
CHANGED = st.fixed_dictionaries({}, optional=_FIELDS)
"""Fields in place of those that the sandbox tells of an offer."""
ENVELOPES = st.sampled_from(["plain", "plain", "plain", "result", "list", "refused", "other", "junk"])
NAMES = ("plain", "two-colours", "promotion", "other-seller", "other-seller-free-carriage")
_AGAINST: dict[str, Any] = {"status": "deleted", "minOrderQuantity": 1000, "batchNumber": 7, "sellerOpenId": "S9"}
_NO_SUCH_SKU = {"productSkuInfos": [{"specId": "0" * 32, "skuId": 1, "amountOnSale": 5}]}
_SOLD_OUT = {"productSaleInfo": {"amountOnSale": 0}}
_SKUS_SOLD_OUT = {"productSkuInfos": [{"specId": sku.spec_id, "skuId": sku.sku_id, "amountOnSale": 0} for sku in SKUS]}
WORST: list[Any] = [
    [({**_AGAINST, **_NO_SUCH_SKU, **_SOLD_OUT}, "plain")] * len(NAMES),
    [(_SKUS_SOLD_OUT, "plain")] * len(NAMES),
    [({}, "junk")] * len(NAMES),
]
"""Answers that speak against every line, whatever is drawn."""
ANSWERS = st.lists(st.tuples(CHANGED, ENVELOPES), min_size=len(NAMES), max_size=len(NAMES))


def enveloped(content: dict[str, Any], form: str) -> Any:
    return {
        "plain": content,
        "result": {"success": "true", "code": "200", "result": content},
        "list": [None, content],
        "refused": {"success": False, "code": "SP0056", "message": content.get("subject")},
        "other": {**content, "offerId": 1},
        "junk": content.get("subject"),
    }[form]


class Shop:
    """A house whose catalogue answers as told, and what it was sent for an order."""

    def __init__(self, house: House, buyer: Buyer) -> None:
        self.house, self.buyer = house, buyer
        self.answers: dict[str, tuple[dict[str, Any], str]] = {}
        self.sent: list[str] = []
        self.number = 0

    def told(self, body: Any, *given: Any) -> Any:
        reply = offer_detail(body, *given)
        changed, form = self.answers.get(str(body.identifier("offerId")), ({}, "plain"))
        assert isinstance(reply, Data)
        return Data(enveloped({**cast("dict[str, Any]", reply.value), **changed}, form))

    async def bought(self, lines: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
        """A preview, what became of it, and the bytes of its create calls, for a consignee of its own."""
        self.number += 1
        self.house.clock.forward(1201)  # no look-up is remembered, no purchase alike
        self.sent.clear()
        own = {"full_name": f"收货人{self.number:05}", "mobile": f"1390{self.number:07}"}
        preview = await self.buyer.said(
            "preview_order", lines=lines, address={**ADDRESS, **own}, purchase_ref=f"PO-{self.number:05}"
        )
        made = await self.buyer.create(preview) if preview["orderable"] else {}
        return preview, made, [self.same(each) for each in self.sent]

    def same(self, text: str) -> str:
        """`text` as for any other purchase: without its number, tokens and times."""
        for own in (f"收货人{self.number:05}", f"1390{self.number:07}", f"PO-{self.number:05}"):
            text = text.replace(own, "N")
        return re.sub(r"PV-\w{26}|2026-[0-9T:+.-]+", "T", text)


@pytest.fixture(params=["2025", "2026"])
async def shop(request: pytest.FixtureRequest, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Shop]:
    async with (
        opened_house(tmp_path, generation=request.param) as house,
        house.buyer(person=Person(), product_timeout=30) as buyer,
    ):
        shop = Shop(house, buyer)
        real = Sandbox.answer

        def answer(self: Sandbox, path: str, headers: Any, content: bytes) -> Any:
            if path == Sandbox.CREATE:
                shop.sent.append(content.decode())
            return real(self, path, headers, content)

        monkeypatch.setattr(Sandbox, "answer", answer)
        monkeypatch.setattr("orders_sandbox.app.offer_detail", shop.told)
        yield shop


def decided(shop: Shop, preview: dict[str, Any]) -> str:
    """Everything of a preview that is not the catalogue's."""
    fields = {name: each for name, each in preview.items() if name not in {"summary", "issues"}}
    for order in fields["orders"]:
        for line in order["lines"]:
            line.update(title=None, variant=None, unit=None)
    issues = [each for each in preview["issues"] if each["code"] not in _CODES]
    return shop.same(json.dumps([fields, issues], ensure_ascii=False))


NAMED: list[dict[str, Any]] = [
    {"offer_id": offer_id("plain"), "quantity": 2, "seller_open_id": "S1"},
    {"offer_id": offer_id("two-colours"), "quantity": 3, "spec_id": SKUS[0].spec_id, "seller_open_id": "S1"},
    {"offer_id": offer_id("promotion"), "quantity": 1, "seller_open_id": "S1"},
    {"offer_id": offer_id("other-seller"), "quantity": 1, "seller_open_id": "S2"},
    {"offer_id": offer_id("other-seller-free-carriage"), "quantity": 2, "seller_open_id": "S2"},
]
ALONE = [{"offer_id": offer_id("plain"), "quantity": 2}]


@pytest.mark.parametrize(
    ("lines", "silent"),
    [(NAMED, set[str]()), (ALONE, {"OTHER_SELLER", "SKU_NOT_IN_OFFER"})],
    ids=["sellers named", "one offer"],
)
async def test_no_answer_of_the_catalogue_changes_a_total_a_verdict_or_a_byte_that_is_sent(
    shop: Shop, lines: list[dict[str, Any]], silent: set[str]
) -> None:
    plain, made, bytes_sent = await shop.bought(lines)
    expected = decided(shop, plain)
    against: set[str] = set()
    assert made["outcome"] == "placed"
    assert len(bytes_sent) == len({line.get("seller_open_id") for line in lines})
    for answers in WORST + drawn(ANSWERS, EXAMPLES):
        shop.answers = {offer_id(name): answer for name, answer in zip(NAMES, answers, strict=True)}
        preview, made, sent = await shop.bought(lines)
        of_catalogue = [each for each in preview["issues"] if each["code"] in _CODES]
        assert {each["severity"] for each in of_catalogue} <= {"warns", "notes"}
        against |= {each["code"] for each in of_catalogue}
        assert decided(shop, preview) == expected, answers
        assert made["outcome"] == "placed"
        assert sent == bytes_sent, answers
    assert against == _CODES - {"SELLERS_DIFFER", "CUT_BY_SELLER"} - silent


async def test_no_answer_changes_what_a_basket_without_sellers_asks_for(shop: Shop) -> None:
    """It may be divided; its lines, quantities and consignee stay, and it is priced or refused by 1688 alone."""
    lines = [{name: each for name, each in line.items() if name != "seller_open_id"} for line in NAMED]
    asked = sorted((int(line["offer_id"]), line["quantity"]) for line in lines)
    goods = (await shop.bought(NAMED))[0]["totals"]["goods"]
    for answers in WORST + drawn(ANSWERS, EXAMPLES):
        shop.answers = {offer_id(name): answer for name, answer in zip(NAMES, answers, strict=True)}
        shop.house.clock.forward(1201)
        answer = await shop.buyer.call("preview_order", lines=lines, address=ADDRESS)
        if answer.is_error:
            copy = (answer.meta or {})[META_KEY]
            assert copy["code"] == "UPSTREAM_REJECTED"
            assert "500_002" in json.dumps(copy, ensure_ascii=False).replace("＿", "_")
            continue
        preview: dict[str, Any] = answer.structured_content or {}
        shown = [(int(line["offer_id"]), line["quantity"]) for order in preview["orders"] for line in order["lines"]]
        assert sorted(shown) == asked
        assert preview["totals"]["goods"] == goods


def test_a_basket_is_cut_by_nothing_but_what_its_lines_name() -> None:
    lines = tuple(Line(**each) for each in NAMED)
    basket = Basket(lines=lines, flow=None, buyer_message="", purchase_ref="PO-1")
    assert [(ref, len(own)) for ref, own in basket.parts()] == [("PO-1-1", 3), ("PO-1-2", 2)]
