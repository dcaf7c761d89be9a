"""The attacks in what the catalogue says: in both of its tools, in a preview, its dialog and the answer of an order."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from orders_prompts.inert import inert
from support.house import ADDRESS, Buyer, Person, content_of, house_of, order_of

from .hostile import FIRST_OFFER, HARMLESS
from .hostile_catalogue import MOST_SKUS, PICTURE, HostileCatalogue
from .inertness import assert_inert, bare
from .test_attacks import LANGUAGES, WORDS, answers_as_they_come, answers_of_any_size, as_harmless, half, shown
from .test_redaction import CONSIGNEE, OWN, WRITTEN, assert_blanked, folded

__all__ = ["answers_as_they_come", "answers_of_any_size"]
pytestmark = pytest.mark.anyio

ATTACKS = [text for text in WORDS if all(inert(text[:most].strip()) for most in (38, 78, 198))]
"""Those of which something shows where they are cut."""
HIDDEN = [text for text in WORDS if text not in ATTACKS]
PLAIN = [f"{HARMLESS} {number}" for number in range(len(ATTACKS))]
MOST = 50
FEW_SKUS = 2
"""Of an offer whose texts are looked at one by one; all are in lists of many SKUs too."""


@asynccontextmanager
async def besieged(folder: Path, **changed: Any) -> AsyncGenerator[tuple[HostileCatalogue, Buyer]]:
    upstream = HostileCatalogue(PLAIN)
    upstream.has_orders = False
    async with house_of(upstream, folder) as house, house.buyer(**changed) as buyer:
        yield upstream, buyer


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_a_search_acts_or_stands_unquoted(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path, language=language) as (upstream, buyer):
        upstream.texts = PLAIN[:100]
        harmless = shown(await buyer.call("find_offers", keywords="杯"))
        for number in range(0, len(ATTACKS), 100):
            upstream.texts = [*ATTACKS[number : number + 100], *ATTACKS][:100]
            as_harmless(shown(await buyer.call("find_offers", keywords="杯")), harmless)
        upstream.texts = HIDDEN
        shown(await buyer.call("find_offers", keywords="杯"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_an_offer_acts_or_stands_unquoted(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path, language=language, product_timeout=30) as (upstream, buyer):
        answer = await buyer.call("get_offer", offer_id=str(FIRST_OFFER))
        harmless = shown(answer)
        offer = content_of(answer)
        assert (offer["picture"], len(offer["skus"])) == (PICTURE, MOST_SKUS)
        assert {sku["picture"] for sku in offer["skus"]} == {PICTURE, None}
        upstream.texts = ATTACKS
        for number in range(1, len(ATTACKS) + 1, MOST_SKUS):
            as_harmless(shown(await buyer.call("get_offer", offer_id=str(FIRST_OFFER + number))), harmless)

        upstream.texts, upstream.skus = PLAIN, FEW_SKUS
        harmless = shown(await buyer.call("get_offer", offer_id=str(FIRST_OFFER + 900)))
        for texts in (ATTACKS, HIDDEN):
            upstream.texts = texts
            for number in half(language, range(len(texts))):
                own = number if texts is ATTACKS else number + len(ATTACKS) * 7
                upstream.shift = number - own
                told = shown(await buyer.call("get_offer", offer_id=str(FIRST_OFFER + own + 1000)))
                if texts is ATTACKS:
                    as_harmless(told, harmless)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_a_name_acts_or_stands_unquoted_where_it_is_bought(tmp_path: Path, language: str) -> None:
    person = Person()
    async with besieged(tmp_path, language=language, person=person, product_timeout=30) as (upstream, buyer):

        async def bought(number: int) -> list[tuple[str, str]]:
            lines = [{"offer_id": str(FIRST_OFFER + number + place), "quantity": 1} for place in range(MOST)]
            own = {"full_name": f"收货{number}", "mobile": f"139{number:08}", "street": f"路{FIRST_OFFER + number}"}
            ref = f"PO-{FIRST_OFFER + number}"
            preview = await buyer.call("preview_order", lines=lines, address={**ADDRESS, **own}, purchase_ref=ref)
            told = shown(preview)
            structured = content_of(preview)
            shown_lines = [line for order in structured["orders"] for line in order["lines"]]
            assert all(line["title"] and line["variant"] and line["unit"] for line in shown_lines)
            answer = await buyer.call("create_order", **order_of(structured))
            assert content_of(answer)["outcome"] == "partly_placed"
            dialog = person.shown.pop()
            assert_inert("dialog", dialog)
            return [*told, ("dialog", bare(dialog).replace(own["mobile"], "N")), *shown(answer)]

        upstream.skus, upstream.texts = 1, PLAIN
        harmless = await bought(0)
        upstream.texts = ATTACKS
        for number in half(language, range(1, len(ATTACKS) // MOST + 1)):
            as_harmless(await bought(number * MOST), harmless)


@pytest.mark.parametrize("address", [CONSIGNEE, "warehouse"], ids=["given", "named"])
async def test_no_name_of_a_product_tells_the_consignee_back(tmp_path: Path, address: Any) -> None:
    consignees = tmp_path / "consignees.json"
    consignees.write_text(json.dumps({"warehouse": CONSIGNEE} if address == "warehouse" else {}), "utf-8")
    person = Person()
    async with besieged(tmp_path, person=person, consignees=consignees, product_timeout=30) as (upstream, buyer):
        upstream.texts = WRITTEN
        lines = [{"offer_id": str(FIRST_OFFER + number), "quantity": 1} for number in range(len(WRITTEN))]
        preview = await buyer.call("preview_order", lines=lines, address=address)
        paths = assert_blanked(preview)
        assert "text" in paths
        assert any(path.endswith(".title") for path in paths)
        assert any(path.endswith(".variant") for path in paths)
        assert_blanked(await buyer.call("create_order", **order_of(content_of(preview))))
        dialog = folded(person.shown[0])
        assert [own for own in OWN if own not in dialog] == []
        if address == "warehouse":  # of no purchase only the operator's consignees are known
            paths = assert_blanked(await buyer.call("get_offer", offer_id=str(FIRST_OFFER)))
            assert {"structured.title", "structured.seller.name"} <= set(paths)
            assert any(".attributes" in path for path in paths)
            assert "structured.offers[0].title" in assert_blanked(await buyer.call("find_offers", keywords="杯"))


def test_every_word_of_an_offer_is_looked_at() -> None:
    assert len(ATTACKS) > 250
    assert len(ATTACKS) + len(HIDDEN) == len(WORDS)
