"""Texts from outside through the running server: every attack in every text field, of every tool, in both languages.

Each answer is held against the answer with harmless words in the same places: outside quotation marks they are equal.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession
from mcp.types import CallToolResult

from orders_prompts.inert import PLAIN_ID, inert, unseen
from orders_tools.rules.refusal_meanings import refusal_code
from support.house import ADDRESS, Buyer, House, Person, content_of, house_of, order_of, saying, text_of

from .hostile import FIRST_OFFER, HARMLESS, Hostile, attacks
from .inertness import assert_inert, bare, said

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "zh")
ATTACKS = attacks()
WORDS = [f"{text} 。" if re.fullmatch(PLAIN_ID, text.strip()) else text for text in ATTACKS]
"""The attacks as no plain ids, which are shown as they are."""
SENDABLE = [text for text in ATTACKS if text.encode("utf-8", "ignore").decode() == text]
"""The attacks that a client can send: halves of surrogate pairs have no encoding."""
PLAIN = [f"{HARMLESS} {number}" for number in range(len(WORDS))]
"""As many harmless texts, each different from the others like the attacks."""
MOST = 50
"""Lines of one purchase, each an order of its own in the answers."""
BATCHES = range(0, len(WORDS), MOST)


def half(language: str, several: Sequence[Any]) -> Sequence[Any]:
    """Every other one, and those between in the other language: where both languages in full would take too long."""
    return several[LANGUAGES.index(language) :: 2]


@pytest.fixture(autouse=True)
def answers_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """All attacks fit into one answer here; what too large an answer comes to is told elsewhere."""
    monkeypatch.setattr("orders_server.xportcn.transport.MOST_BYTES", 1 << 26)
    for limit in ("_MOST_VALUES", "_LONGEST_TEXT"):
        monkeypatch.setattr(f"orders_server.xportcn.wire.{limit}", 1 << 26)


@pytest.fixture(autouse=True)
def answers_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client holds an answer against its schema here: that is done everywhere else, and takes a while."""

    async def taken(session: ClientSession, name: str, result: CallToolResult) -> None: ...

    monkeypatch.setattr(ClientSession, "validate_tool_result", taken)


_MASKED = re.compile(r"^(?:Consignee: |收货人：).?＊? (?:\d{3}••••\d{4}|••••)(?:[,，] ?「[^」]*」)?$", re.MULTILINE)
"""A consignee as one letter of the name, seven digits and places in quotation marks: all that any text leaves of it."""
AN_UPSTREAMS_CODE = re.compile(r"structured\.failed_lines\[\d+\]\.code")
"""The code that a refusal starts with is shown as it is, where it is a plain one."""


@asynccontextmanager
async def besieged(folder: Path) -> AsyncGenerator[tuple[House, Hostile]]:
    """A house whose upstream is hostile, harmless until it is given texts; no offer is looked up."""
    upstream = Hostile(PLAIN)
    async with house_of(upstream, folder, product_path="") as house:
        yield house, upstream


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
    told = [
        (path, _MASKED.sub("a consignee", text)) for path, text in told if not path.startswith("structured.consignee")
    ]
    structured: dict[str, Any] = result.structured_content or {}
    cursor: str = structured.get("next_cursor") or "no cursor"
    return [
        (path, bare(text).replace(cursor, "a cursor")) for path, text in told if not AN_UPSTREAMS_CODE.fullmatch(path)
    ]


def as_harmless(told: list[tuple[str, str]], harmless: list[tuple[str, str]]) -> None:
    """Fail where words of an attack stand outside quotation marks, or stand in for words of our own."""
    if told == harmless:
        return
    assert [path for path, _ in told] == [path for path, _ in harmless]
    for (path, text), (_, plain) in zip(told, harmless, strict=True):
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

        harmless = shown(await preview(0))
        upstream.texts = WORDS
        # A refused line has the same words in both years: half of them in each.
        part = {"refused": slice(0, None, 2), "2026 refused": slice(1, None, 2)}.get(form, slice(None))
        for number in half(language, BATCHES)[part]:
            as_harmless(shown(await preview(number)), harmless)


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
        harmless = [shown(await buyer.call(tool, **given)) for tool, given in calls]
        assert all(each[0][1].startswith("UPSTREAM_REJECTED") for each in harmless)
        for number, text in list(enumerate(WORDS))[LANGUAGES.index(language) :: 2]:
            upstream.refusal = (text, WORDS[-number])
            which = (number + LANGUAGES.index(language)) % len(calls)
            tool, given = calls[which]
            as_harmless(shown(await buyer.call(tool, **given)), harmless[which])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_an_order_acts_or_stands_unquoted(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path) as (house, upstream), house.buyer(language=language) as buyer:
        words = half(language, WORDS)
        upstream.texts = PLAIN[: len(words)]
        harmless = shown(await buyer.call("list_orders"))
        upstream.texts = words
        as_harmless(shown(await buyer.call("list_orders")), harmless)

        upstream.texts, upstream.order = PLAIN[: len(words)], HARMLESS
        harmless = shown(await buyer.call("get_order", order_id="1"))
        upstream.texts, upstream.order = words, HARMLESS
        as_harmless(shown(await buyer.call("get_order", order_id="1")), harmless)

        upstream.texts = [HARMLESS]
        harmless = shown(await buyer.call("get_order", order_id="1"))
        for text in words:
            upstream.order = text
            as_harmless(shown(await buyer.call("get_order", order_id="1")), harmless)


async def bought(buyer: Buyer, number: int, several: list[dict[str, Any]]) -> tuple[CallToolResult, dict[str, Any]]:
    """The answer to a purchase of these lines, and the arguments that ask for it again."""
    given = {"lines": several, "address": address(number), "purchase_ref": f"PO-{FIRST_OFFER + number}"}
    order = order_of(await buyer.said("preview_order", **given))
    return await buyer.call("create_order", **order), order


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_a_dialog_or_a_changed_offer_acts_or_stands_unquoted(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path) as (house, upstream), house.buyer(language=language, person=Person()) as buyer:
        upstream.has_orders = False
        preview: dict[str, Any] = {}

        async def changed(number: int) -> list[tuple[str, str]]:
            upstream.shift = 0
            several, ref = lines(number, sellers=language == "en"), f"PO-{FIRST_OFFER + number}"
            preview.update(await buyer.said("preview_order", lines=several, address=address(number), purchase_ref=ref))
            upstream.shift = 7
            answer = await buyer.call("create_order", **order_of(preview))
            assert content_of(answer)["outcome"] == "price_changed"
            assert buyer.person
            dialog = buyer.person.shown.pop()
            assert_inert("dialog", dialog)
            return [("dialog", bare(dialog)), *shown(answer)]

        harmless = await changed(0)
        upstream.texts = WORDS
        for number in half(language, BATCHES)[::2]:
            as_harmless(await changed(number), harmless)


# A number in a refusal's words is told as what is left or wanted, so the words of that one have none.
MADE = {
    "failed lines": ("partly_placed", WORDS),
    "refused": ("rejected", [text for text in WORDS[::10] if not any(each.isdigit() for each in text)]),
    "unclear": ("unknown", WORDS[1::2]),
}


@pytest.mark.parametrize("made", MADE)
async def test_no_word_about_an_order_that_was_sent_acts_or_stands_unquoted(tmp_path: Path, made: str) -> None:
    outcome, words = MADE[made]
    async with (
        besieged(tmp_path) as (house, upstream),
        house.buyer(language="en", approval="host") as buyer,
        house.buyer(language="zh", approval="host") as reader,
    ):
        upstream.made, upstream.has_orders = made, made == "unclear"
        several = {True: lines(0, sellers=True), False: lines(0)[:1]}[made == "refused"]
        upstream.texts = [HARMLESS] if made == "refused" else PLAIN[: len(words)]
        harmless, order = await bought(buyer, 1, several)
        assert content_of(harmless)["outcome"] == outcome
        plain = shown(harmless)
        again = shown(await reader.call("create_order", **order))
        upstream.texts = words
        attacked, order = await bought(
            buyer, 2, [{**each, "offer_id": str(int(each["offer_id"]) + 100)} for each in several]
        )
        as_harmless(shown(attacked), plain)
        as_harmless(shown(await reader.call("create_order", **order)), again)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_a_caller_writes_is_inert_and_marked_in_the_dialog(tmp_path: Path, language: str) -> None:
    visible = [text.strip() for text in half(language, SENDABLE) if not unseen(" ".join(text.split()))]
    seen = [text for text in visible if text not in {"null", "None"} and inert(text[:60])]
    assert len(seen) > 150
    async with (
        besieged(tmp_path) as (house, upstream),
        house.buyer(language=language, person=saying("cancel")) as buyer,
    ):
        assert buyer.person
        upstream.texts = [HARMLESS]
        names = ("full_name", "province", "city", "area", "town", "street")

        async def dialog(texts: Sequence[str]) -> str:
            own = [{"label": text[:60], "product_no": text[:64], "container": text[:64]} for text in texts]
            preview = await buyer.call(
                "preview_order",
                lines=[{**line, **each} for line, each in zip(lines(0), own, strict=False)],
                address={**ADDRESS, **{name: text[:40] for name, text in zip(names, texts, strict=True)}},
                buyer_message=texts[0][:400],
            )
            shown(preview)
            await buyer.call("create_order", **order_of(content_of(preview)))
            assert buyer.person
            return buyer.person.shown.pop()

        harmless = bare(await dialog([HARMLESS] * len(names)))
        for number in range(0, len(seen), len(names)):
            told = await dialog([*seen[number:], *seen][: len(names)])
            assert_inert("dialog", told)
            as_harmless([("dialog", bare(told))], [("dialog", harmless)])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_a_caller_writes_is_never_repeated_where_it_is_refused(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path) as (house, upstream), house.buyer(language=language) as buyer:
        for text in half(language, SENDABLE):
            line = dict.fromkeys(("offer_id", "quantity", "spec_id", "seller_open_id"), text)
            places = dict.fromkeys(("mobile", "post_code", "phone"), text)
            calls = {
                "preview_order": {"lines": [line], "address": {**ADDRESS, **places}, "flow": text},
                "create_order": {"preview_token": text, "expected_total": text},
                "list_orders": {"status": f"{text}!", "created_from": text, "page_size": text, "cursor": text},
                "get_order": {"order_id": f"{text}!", "purchase_ref": text},
            }
            for tool, given in calls.items():
                answer = await buyer.call(tool, **given)
                assert answer.is_error
                assert len(text) < 20 or "INVALID_ARGUMENT" in text or text not in str(said(answer))
                shown(answer)
        assert upstream.calls == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_name_of_an_argument_there_is_not_is_inert(tmp_path: Path, language: str) -> None:
    names = dict.fromkeys(SENDABLE, 1)
    given = {"lines": [{**lines(0)[0], **names}], "address": {**ADDRESS, **names}, **names}
    async with besieged(tmp_path) as (house, _), house.buyer(language=language) as buyer:
        answer = await buyer.call("preview_order", **given)
        shown(answer)
        assert text_of(answer).count("\n- ") > 2.5 * len(SENDABLE)
        for tool in ("create_order", "list_orders", "get_order"):
            shown(await buyer.call(tool, **names))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_wish_that_a_prompt_repeats_is_inert(tmp_path: Path, language: str) -> None:
    async with besieged(tmp_path) as (house, _), house.buyer(language=language) as buyer:
        for text in half(language, SENDABLE):
            prompt = await buyer.client.get_prompt("start_purchase", {"wish": text})
            for message in prompt.messages:
                assert_inert("prompt", getattr(message.content, "text", ""))
