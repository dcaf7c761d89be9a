"""Texts from outside through the running server: every attack in every text field, of every tool, in both languages.

Each answer is held against the answer with harmless words in the same places: outside quotation marks they are equal.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from mcp.types import CallToolResult

from orders_prompts.inert import PLAIN_ID, inert
from orders_server.sandbox import served
from orders_tools.judgement import refusal_code
from support.house import ADDRESS, Clock, House, order_of, text_of

from .hostile import FIRST_OFFER, HARMLESS, Hostile, attacks
from .inertness import assert_inert, bare, said

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "zh")
ATTACKS = attacks()
WORDS = [f"{text} 。" if re.fullmatch(PLAIN_ID, text.strip()) else text for text in ATTACKS]
"""The attacks as no plain ids, which are shown as they are."""
PLAIN = [f"{HARMLESS} {number}" for number in range(len(WORDS))]
"""As many harmless texts, each different from the others like the attacks."""
MOST = 50
"""Lines of one purchase, each an order of its own in the answers."""
BATCHES = range(0, len(WORDS), MOST)
AN_UPSTREAMS_CODE = re.compile(r"structured\.failed_lines\[\d+\]\.code")
"""The code that a refusal starts with is shown as it is, where it is a plain one."""


@asynccontextmanager
async def besieged(folder: Path) -> AsyncGenerator[tuple[House, Hostile]]:
    """A house whose upstream is hostile, harmless until it is given texts."""
    upstream = Hostile(PLAIN)
    app = upstream.app()
    app.state.sandbox = upstream
    async with served(app) as base_url:
        yield House(folder, Clock(), app, base_url), upstream


def lines(first: int, *, sellers: bool = False) -> list[dict[str, Any]]:
    """The lines of one purchase; with `sellers` each is of another one, and a call of its own."""
    numbers = range(first, first + MOST)
    own = [{"offer_id": str(FIRST_OFFER + number), "quantity": 1} for number in numbers]
    return [{**line, "seller_open_id": f"S{place}"} if sellers else line for place, line in enumerate(own)]


def address(number: int) -> dict[str, str]:
    """A consignee for each purchase, so that none repeats another."""
    return {**ADDRESS, "street": f"路{FIRST_OFFER + number}"}


def shown(result: CallToolResult) -> list[tuple[str, str]]:
    """Every text of an answer, each found inert, as it stands outside quotation marks."""
    told = said(result)
    for path, text in told:
        assert_inert(path, text)
    return [(path, bare(text)) for path, text in told if not AN_UPSTREAMS_CODE.fullmatch(path)]


def as_harmless(result: CallToolResult, harmless: CallToolResult) -> None:
    """Fail where words of an attack stand outside quotation marks, or stand in for words of our own."""
    told, expected = shown(result), shown(harmless)
    assert [path for path, _ in told] == [path for path, _ in expected]
    for (path, text), (_, plain) in zip(told, expected, strict=True):
        for line, ours in zip_longest(text.split("\n"), plain.split("\n")):
            assert line == ours, path


def test_the_corpus_is_large_and_every_attack_shows_something() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 300
    assert [text for text in ATTACKS if not inert(text)] == []
    assert {refusal_code(text) for text in WORDS} == {"UPSTREAM_REFUSES"}


@pytest.mark.parametrize("form", ["noted", "refused", "strange", "2026", "2026 refused"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_a_preview_acts_or_stands_unquoted(tmp_path: Path, language: str, form: str) -> None:
    async with besieged(tmp_path) as (house, upstream), house.buyer(language=language) as buyer:
        upstream.form = form

        async def preview(number: int) -> CallToolResult:
            return await buyer.call("preview_order", lines=lines(number), address=address(0), purchase_ref="PO-1")

        harmless = await preview(0)
        assert not harmless.is_error, text_of(harmless)
        upstream.texts = WORDS
        for number in BATCHES:
            as_harmless(await preview(number), harmless)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_a_refusal_acts_or_stands_unquoted(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path) as (house, upstream), house.buyer(language=language, approval="host") as buyer:
        one = {"lines": lines(0)[:1], "address": address(0)}
        preview = await buyer.said("preview_order", **one)
        calls: list[tuple[str, dict[str, Any]]] = [
            ("preview_order", one),
            ("create_order", order_of(preview)),
            ("list_orders", {}),
            ("get_order", {"order_id": "1"}),
            ("get_order", {"purchase_ref": "PO-1"}),
        ]
        upstream.refusal = (HARMLESS, HARMLESS)
        harmless = [await buyer.call(tool, **given) for tool, given in calls]
        assert all("UPSTREAM_REJECTED" in text_of(each) for each in harmless)
        for number, text in enumerate(WORDS):
            upstream.refusal = (text, WORDS[-number])
            which = (number + LANGUAGES.index(language)) % len(calls)
            tool, given = calls[which]
            as_harmless(await buyer.call(tool, **given), harmless[which])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_an_order_acts_or_stands_unquoted(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path) as (house, upstream), house.buyer(language=language) as buyer:
        upstream.texts = PLAIN
        harmless = await buyer.call("list_orders")
        upstream.texts = WORDS
        as_harmless(await buyer.call("list_orders"), harmless)

        upstream.texts, upstream.order = PLAIN, HARMLESS
        harmless = await buyer.call("get_order", order_id="1")
        upstream.texts, upstream.order = WORDS, HARMLESS
        as_harmless(await buyer.call("get_order", order_id="1"), harmless)

        upstream.texts = [HARMLESS]
        harmless = await buyer.call("get_order", order_id="1")
        for text in WORDS:
            upstream.order = text
            as_harmless(await buyer.call("get_order", order_id="1"), harmless)
