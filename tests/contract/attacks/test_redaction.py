"""A consignee's own values in every text field of every answer: no result and no refusal of any tool holds them."""

import json
import re
import sqlite3
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.types import CallToolResult

from orders_tools.results.redaction import REDACTED
from support.house import Buyer, Person, content_of, house_of, order_of, saying

from .hostile import FIRST_OFFER, HARMLESS, Hostile
from .inertness import said

pytestmark = pytest.mark.anyio

CONSIGNEE = {
    "full_name": "欧阳测试",
    "mobile": "139 1234 5678",
    "province": "浙江省",
    "city": "杭州市",
    "area": "滨江区",
    "street": "秘密路7号3幢",
    "phone": "0571-88776655",
}
WRITTEN = (
    "收货人欧阳测试,13912345678,秘密路7号3幢",
    "欧阳 测试 +86-139-1234-5678",
    "欧 阳·测 试 / １３９１２３４５６７８",
    "浙江省杭州市滨江区秘密路７号 3幢",
    "0571 8877 6655, 88776655",
    "8613912345678欧\u200b阳测试",
    "秘密路\u20607号-3幢 139.1234.5678",
    "欧\x1b[31m阳测试",
    "13912345678",
)
"""Ways to write them; no field cuts one of these short."""
OWN = ("欧阳测试", "13912345678", "秘密路7号3幢", "88776655")


def folded(text: str) -> str:
    """The letters and digits of `text` alone, in one width."""
    return "".join(each for each in unicodedata.normalize("NFKC", text) if each.isalnum())


def assert_blanked(result: CallToolResult) -> list[str]:
    """No text of the answer holds a value of the consignee's; the paths of those that have blanks instead."""
    told = said(result)
    assert len(told) > 1
    for path, text in told:
        assert not [own for own in OWN if own in folded(text)], (path, text)
    return [path for path, text in told if REDACTED in text]


@asynccontextmanager
async def betrayed(folder: Path, address: Any, **changed: Any) -> AsyncGenerator[tuple[Hostile, Buyer]]:
    """An upstream that repeats the consignee wherever it can, and a buyer whose operator names one or none."""
    upstream = Hostile([HARMLESS])
    if isinstance(address, str):
        changed["consignees"] = folder / "consignees.json"
        changed["consignees"].write_text(json.dumps({address: CONSIGNEE}), "utf-8")
    async with house_of(upstream, folder) as house, house.buyer(**changed) as buyer:
        yield upstream, buyer


def lines(first: int = 0, *, sellers: bool = False) -> list[dict[str, Any]]:
    """A line for each way to write them, each of a seller of its own where there are `sellers`."""
    own = [{"offer_id": str(FIRST_OFFER + first + number), "quantity": 1} for number in range(len(WRITTEN))]
    return [{**line, "seller_open_id": f"S{place}"} if sellers else line for place, line in enumerate(own)]


given = pytest.mark.parametrize("address", [CONSIGNEE, "warehouse"], ids=["given", "named"])


@given
@pytest.mark.parametrize("form", ["noted", "refused", "strange", "2026", "2026 refused", "failed"])
async def test_no_preview_tells_the_consignee_back(tmp_path: Path, form: str, address: Any) -> None:
    async with betrayed(tmp_path, address) as (upstream, buyer):
        upstream.form, upstream.texts = form, WRITTEN
        preview = await buyer.call("preview_order", lines=lines(), address=address)
        paths = assert_blanked(preview)
        assert "text" in paths
        if preview.structured_content:
            assert_blanked(await buyer.call("create_order", **order_of(preview.structured_content)))


@given
async def test_no_refusal_tells_the_consignee_back(tmp_path: Path, address: Any) -> None:
    async with betrayed(tmp_path, address, approval="host") as (upstream, buyer):
        one = {"lines": lines()[:1], "address": address}
        preview = await buyer.said("preview_order", **one)
        for text in WRITTEN:
            upstream.refusal = (text, text)
            assert {"text", "meta.message"} <= {*assert_blanked(await buyer.call("preview_order", **one))}
            assert "text" in assert_blanked(await buyer.call("create_order", **order_of(preview)))
            if isinstance(address, str):  # of an order that was refused nobody else is known
                for asked in ({"order_id": "1"}, {"purchase_ref": "PO-1"}):
                    assert "text" in assert_blanked(await buyer.call("get_order", **asked))
                assert "text" in assert_blanked(await buyer.call("list_orders"))


@given
@pytest.mark.parametrize(
    ("made", "outcome"), [("failed lines", "partly_placed"), ("refused", "rejected"), ("unclear", "unknown")]
)
async def test_no_outcome_tells_the_consignee_back(tmp_path: Path, made: str, outcome: str, address: Any) -> None:
    async with betrayed(tmp_path, address, approval="host") as (upstream, buyer):
        # What could be the id of an order would leave the outcome unknown.
        upstream.made, upstream.texts = made, [text for text in WRITTEN if not re.search("[0-9]{11}", text)]
        several = lines()[:1] if made == "refused" else lines(sellers=True)
        order = order_of(await buyer.said("preview_order", lines=several, address=address))
        first, again = await buyer.call("create_order", **order), await buyer.call("create_order", **order)
        assert [content_of(each)["outcome"] for each in (first, again)] == [outcome, outcome]
        assert_blanked(first)
        assert "text" in assert_blanked(again)


@given
async def test_no_changed_offer_tells_the_consignee_back_and_the_dialog_tells_the_person(
    tmp_path: Path, address: Any
) -> None:
    async with betrayed(tmp_path, address, person=Person()) as (upstream, buyer):
        upstream.texts = WRITTEN
        preview = await buyer.said("preview_order", lines=lines(sellers=True), address=address)
        upstream.shift = 1
        changed = await buyer.call("create_order", **order_of(preview))
        assert content_of(changed)["outcome"] == "price_changed"
        assert {"text", "structured.fresh_preview.summary"} <= {*assert_blanked(changed)}
        assert buyer.person
        dialog = folded(buyer.person.shown[0])
        assert [own for own in OWN if own not in dialog] == []
        assert REDACTED not in buyer.person.shown[0]


@given
async def test_a_number_that_a_refusal_names_is_no_landline(tmp_path: Path, address: Any) -> None:
    async with betrayed(tmp_path, address) as (upstream, buyer):
        upstream.refusal = ("500", "500_005:最小起订量88776655件")
        refused = await buyer.call("preview_order", lines=lines()[:1], address=address)
        assert {"meta.message", "meta.next_step"} <= {*assert_blanked(refused)}


@given
async def test_no_line_that_was_not_asked_for_tells_the_consignee_back(tmp_path: Path, address: Any) -> None:
    async with betrayed(tmp_path, address, approval="host") as (upstream, buyer):
        upstream.texts = WRITTEN
        preview = await buyer.said("preview_order", lines=lines(sellers=True), address=address)
        upstream.form = "strange"
        changed = await buyer.call("create_order", **order_of(preview))
        assert content_of(changed)["outcome"] == "price_changed"
        assert "structured.summary" in assert_blanked(changed)


async def test_a_text_of_the_operators_that_shows_more_tells_no_consignee_back(tmp_path: Path) -> None:
    (tmp_path / "preview.j2").write_text("{{ preview }}", "utf-8")
    async with betrayed(tmp_path, "warehouse", templates=tmp_path) as (upstream, buyer):
        upstream.texts = WRITTEN
        assert "text" in assert_blanked(await buyer.call("preview_order", lines=lines(), address="warehouse"))


async def test_what_waits_for_a_yes_and_what_was_declined_tell_no_consignee_back(tmp_path: Path) -> None:
    async with betrayed(tmp_path, "warehouse", person=saying("cancel")) as (upstream, buyer):
        upstream.texts = WRITTEN
        preview = await buyer.said("preview_order", lines=lines(), address="warehouse")
        assert_blanked(await buyer.call("create_order", **order_of(preview)))
        assert buyer.person
        buyer.person.answer = saying("decline").answer
        assert_blanked(await buyer.call("create_order", **order_of(preview)))


@pytest.mark.parametrize("text", WRITTEN, ids=ascii)
async def test_no_order_tells_who_receives_it(tmp_path: Path, text: str) -> None:
    async with betrayed(tmp_path, CONSIGNEE) as (upstream, buyer):
        upstream.texts, upstream.order, upstream.consignee = WRITTEN, text, CONSIGNEE
        listed = await buyer.call("list_orders")
        assert len(assert_blanked(listed)) > len(WRITTEN)
        shown = await buyer.call("get_order", order_id="1")
        assert len(assert_blanked(shown)) > 2 * len(WRITTEN)
        assert content_of(shown)["consignee"] == {
            "name": "欧＊",
            "mobile": "139••••5678",
            "region": "「浙江省 杭州市 滨江区」",
        }


async def test_the_region_of_an_order_holds_nothing_but_places(tmp_path: Path) -> None:
    async with betrayed(tmp_path, CONSIGNEE) as (upstream, buyer):
        upstream.texts, upstream.order = [HARMLESS], HARMLESS
        upstream.consignee = {**CONSIGNEE, "area": "滨江区欧阳测试"}
        shown = await buyer.call("get_order", order_id="1")
        assert_blanked(shown)
        assert content_of(shown)["consignee"]["region"] == f"「浙江省 杭州市 滨江区{REDACTED}」"


async def test_what_is_sent_and_stored_stays_whole(tmp_path: Path) -> None:
    async with betrayed(tmp_path, "warehouse", approval="host") as (upstream, buyer):
        upstream.texts, upstream.made = WRITTEN, "failed lines"
        preview = await buyer.said("preview_order", lines=lines(), address="warehouse")
        assert_blanked(await buyer.call("create_order", **order_of(preview)))
        sent = json.dumps(upstream.body, ensure_ascii=False)
        assert [CONSIGNEE[name] for name in ("full_name", "street", "phone") if CONSIGNEE[name] not in sent] == []
        with sqlite3.connect(tmp_path / "ledger.sqlite3") as connection:
            stored = "".join(connection.iterdump())
        assert "139-1234-5678" in stored
        assert REDACTED not in stored
        assert json.dumps(REDACTED)[1:-1] not in stored
