"""The words of the approval page: the same in both languages, one sentence for each code, and escaped as HTML."""

import re
from pathlib import Path
from typing import Any

import pytest

from orders_prompts.pages import FILES, NAMES, page_file, page_sentence, render_page
from orders_prompts.renderer import Language
from orders_server.consent.assertions import Step

FOLDER = Path(__file__).parents[2] / "prompts/orders_prompts/pages"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
SAID = ("CHANGED", "NO_ANSWER", "REFUSED", "REPEATED", "NEEDS_PASSKEY", "STORE", "INTERNAL")
PLAIN = ("nothing", "refused", "trouble")


def names(language: Language) -> list[str]:
    """What `words.j2` of a language defines, in its order."""
    text = (FOLDER / language / "words.j2").read_text(encoding="utf-8")
    return re.findall(r"\{% (?:set|macro) (\w+)", text)


def test_both_languages_have_the_same_words_in_the_same_order() -> None:
    assert names("en") == names("zh")
    assert len(names("en")) > 80


def test_every_word_that_a_page_takes_is_there_and_every_word_is_taken() -> None:
    pages = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.j2")]
    words = [(FOLDER / language / "words.j2").read_text(encoding="utf-8") for language in LANGUAGES]
    taken = {name for page in pages for name in re.findall(r"\bw\.(\w+)", page)}
    of_code = {"said", "passkey_step", "through"}
    assert taken - set(names("en")) == set()
    assert set(names("en")) - taken - of_code == set()
    assert len(words) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_has_a_sentence_of_its_own(language: Language) -> None:
    for kind, codes in (("said", SAID), ("plain", PLAIN), ("passkey_step", tuple(Step))):
        sentences = [page_sentence(language, kind, code) for code in codes]
        assert len(set(sentences)) == len(codes), kind
        assert all(sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_from_outside_are_escaped(language: Language) -> None:
    hostile = "<script>alert(1)</script>\"'&"
    shown: dict[str, Any] = {"person": hostile, "proof": hostile, "next": hostile, "fault": ""}
    page = render_page(language, "pair", **shown)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;") == 3


def test_no_page_has_a_script_or_style_of_its_own_nor_anything_from_elsewhere() -> None:
    for path in (*FOLDER.glob("*.j2"), *FOLDER.glob("*/*.j2")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|style=|<script>|\son\w+=|javascript:", text), path
        assert not re.search(r"(src|href)=\"(https?:)?//", text), path
    assert not re.search(rb"url\(|@import|https?://", page_file("approvals.css"))
    assert not re.search(rb"https?://|eval|innerHTML", page_file("approvals.js"))
    assert set(FILES) == {path.name for path in FOLDER.glob("approvals.*")}
    assert set(NAMES) == {path.name.removesuffix("_page.j2") for path in FOLDER.glob("*_page.j2")}
