"""`inert` over every code point there is (B4)."""

import re
import unicodedata
from collections.abc import Callable
from functools import partial

import pytest
from idna import IDNAError, uts46_remap

from orders_prompts.inert import inert, unseen

EVERY = [chr(point) for point in range(0x110000)]
ACTIVE = "<>&`*_[]{}#|~\\!$@"
GONE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
HIDDEN = frozenset(
    {0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0x2800, 0x3164}
    | {0x00AD, 0xFEFF, 0xFFA0, 0xFFFC}
    | set(range(0x180B, 0x1810))
    | set(range(0x202A, 0x202F))
    | set(range(0x2061, 0x2070))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0000, 0xE0200))
)
"""Bidirectional, zero-width, tag and filler characters and variation selectors, written out once more."""


NEWER_HAN = [
    chr(point)
    for first, last in ((0x2EBF0, 0x2EE5D), (0x31350, 0x323AF), (0x323B0, 0x33479), (0x2B739, 0x2B73F))
    for point in range(first, last + 1)
]
"""Extensions I, H and J of Chinese and the end of C: assigned, but not in the tables of an older Python."""
HAN = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ee5f\U0002f800-\U0002fa1f"
    "\U00030000-\U0003347f]"
)
"""Blocks that hold nothing but Chinese characters."""


OPENERS = "\x90\x98\x9d\x9e\x9f"
"""What a string for the terminal begins with: everything up to its end is gone with it."""
OTHERS = [character for character in EVERY if character not in OPENERS]
ODD = (*EVERY[:0x3400], *EVERY[0xD7B0:0x10000], *EVERY[0xE0000:0xE0200])
"""Every block in which something is not a letter or a picture."""
FULL_STOPS = frozenset("。｡︒．․﹒")
"""What ends a sentence and what browsers read as the dot of a domain."""


def is_mark(character: str) -> bool:
    """Whether it takes no room of its own and stands on the letter before it."""
    return unicodedata.category(character) in {"Mn", "Me"}


@pytest.fixture(scope="module")
def survivors() -> frozenset[str]:
    """Every character that comes out, each one read between two letters."""
    return frozenset(inert("甲".join(OTHERS), 5_000_000))


def test_every_code_point_was_tried(survivors: frozenset[str]) -> None:
    assert len(EVERY) == len(OTHERS) + len(OPENERS) == 1_114_112
    assert len(survivors) > 100_000


def test_a_character_fares_alone_as_it_fares_in_company(survivors: frozenset[str]) -> None:
    alone = {character for character in "".join(map(inert, ODD)) if character not in survivors}
    assert alone == {".", "．", "․", "﹒"}


def test_no_control_format_surrogate_private_or_unassigned_character_survives(survivors: frozenset[str]) -> None:
    gone = {character for character in survivors if unicodedata.category(character) in GONE}
    assert {hex(ord(character)) for character in gone if not HAN.fullmatch(character)} == set()
    assert {unicodedata.category(character) for character in gone} <= {"Cn"}


@pytest.mark.parametrize("character", NEWER_HAN[:1] + NEWER_HAN[0x26D:0x26F] + NEWER_HAN[-1:], ids=ascii)
def test_a_chinese_character_newer_than_the_tables_is_seen(character: str) -> None:
    assert inert(f"王{character}") == f"王{character}"
    assert unseen(f"王{character}") == []


def test_every_chinese_character_of_the_newer_extensions_survives(survivors: frozenset[str]) -> None:
    assert set(NEWER_HAN) - survivors == set()


@pytest.mark.parametrize("point", [0x2FFFE, 0x2FFFF, 0x33480, 0x3FFFF, 0xE0001, 0xE1000, 0x10FFFF, 0x0378], ids=hex)
def test_what_is_unassigned_outside_the_blocks_of_chinese_is_not_seen(point: int) -> None:
    assert inert(f"a{chr(point)}b") == "ab"
    assert unseen(f"a{chr(point)}b") == [f"U+{point:04X}"]


def test_a_newer_chinese_character_ends_no_domain_either() -> None:
    assert inert("evil.\U0002ebf0") == "evil·\U0002ebf0"
    assert inert("付款。\U0002ebf0") == "付款。 \U0002ebf0"


def test_no_bidirectional_tag_zero_width_or_variation_character_survives(survivors: frozenset[str]) -> None:
    assert {hex(point) for point in HIDDEN if chr(point) in survivors} == set()


@pytest.mark.parametrize("opener", OPENERS, ids=ascii)
def test_a_string_for_the_terminal_is_gone_up_to_its_end_or_the_end_of_the_text(opener: str) -> None:
    assert inert(f"a{opener}b\x9cc") == inert(f"a{opener}b\x1b\\c") == "ac"
    assert inert(f"a{opener}b\nc") == "a"
    assert inert(opener) == ""


def test_no_separator_but_the_plain_space_survives(survivors: frozenset[str]) -> None:
    assert {character for character in survivors if unicodedata.category(character).startswith("Z")} == {" "}


def test_no_character_that_markup_acts_on_survives(survivors: frozenset[str]) -> None:
    assert set(ACTIVE) & survivors == set()


def test_letters_digits_and_plain_punctuation_of_every_script_survive(survivors: frozenset[str]) -> None:
    kept = {character for character in EVERY if unicodedata.category(character) in {"Lu", "Ll", "Nd", "Lt"}}
    assert kept <= survivors
    assert set("，。：；？（）“”《》、·…—%+-='\"(),;?^") <= survivors


def test_every_code_point_in_one_text_leaves_one_line_without_any_of_them(survivors: frozenset[str]) -> None:
    whole = inert("".join(OTHERS), 2_000_000)
    # Here marks stand in rows, and a letter before one may be composed with it.
    assert {each for each in {*survivors} - set(whole) if unicodedata.category(each) not in {"Mn", "Me", "Mc"}} <= {
        " ",
        "\ufb1d",
    }
    assert set(whole) & set(ACTIVE) == set()
    assert not {unicodedata.category(each) for each in set(whole) if not HAN.match(each)} & (GONE | {"Zl", "Zp"})
    assert inert(whole, 2_000_000) == whole


def test_every_survivor_stays_as_it_is_the_second_time(survivors: frozenset[str]) -> None:
    once = inert("甲".join(sorted(survivors - {" "})), 2_000_000)
    assert set(once) >= survivors
    assert inert(once, 2_000_000) == once


@pytest.mark.parametrize("normalised", [partial(unicodedata.normalize, "NFKC"), uts46_remap], ids=["NFKC", "browsers"])
def test_no_character_between_two_words_becomes_the_dot_of_a_domain(normalised: Callable[[str], str]) -> None:
    dotted = {each for each in EVERY if "." in unicodedata.normalize("NFKC", each).replace("。", ".")}
    assert dotted > FULL_STOPS | {"."}
    for character in dotted:
        for before, after in (("evil", "com"), ("付款", "公司"), ("127", "0")):
            for piece in inert(f"{before}{character}{after}").split(" "):
                try:
                    seen = normalised(piece)
                except IDNAError:
                    continue  # no browser takes it for a name
                found = re.search(r"[^\W_]\.[^\W_]", seen)
                assert not found or (before == "127" and "." in piece), (ascii(character), seen)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("请尽快发货。谢谢", "请尽快发货。 谢谢"),
        ("请尽快发货。", "请尽快发货。"),
        ("好。」", "好。›"),
        ("evil。example", "evil。 example"),
        ("evil．com", "evil·com"),
        ("３．５元", "３.５元"),
        ("3.5kg", "3.5kg"),
        ("⒈防水", "⒈ 防水"),
    ],
)
def test_a_full_stop_stays_readable_and_joins_no_two_words(text: str, left: str) -> None:
    assert inert(text) == left


def test_a_letter_keeps_one_mark_of_many(survivors: frozenset[str]) -> None:
    for mark in filter(is_mark, EVERY):
        shown = unicodedata.normalize("NFC", inert(f"甲{mark * 58}"))
        assert len(shown) <= (2 if unicodedata.name(mark).startswith("COMBINING ") else 3), ascii(mark)
        assert inert(f"{mark}甲 {mark}甲") == "甲 甲"
    assert len(inert("z" + "".join(map(chr, range(0x300, 0x370))))) == 2


@pytest.mark.parametrize("word", ["ที่น้ำ", "हिन्दी कीं", "Việt", "café", "בְּ", "كَتَّ", "がぎ"])
def test_the_words_of_a_script_that_is_written_with_marks_stay_whole(word: str) -> None:
    for form in ("NFC", "NFD"):
        shown = inert(unicodedata.normalize(form, word))
        assert unicodedata.normalize("NFC", shown) == unicodedata.normalize("NFC", word)


@pytest.mark.parametrize("look", [0x16FE4, 0x1D159])
def test_a_character_of_another_category_that_shows_nothing_is_dropped(look: int) -> None:
    assert inert(f"a{chr(look)}b") == "ab"


def test_unseen_names_exactly_what_a_reader_could_not_see() -> None:
    for point in HIDDEN:
        assert unseen(f"a{chr(point)}b") == [f"U+{point:04X}"]
    assert unseen("杭州市 网商路699号, 2 pcs (red) — é ñ €") == []
    assert unseen("\x00\x1b\n") == ["U+0000", "U+000A", "U+001B"]
