"""What "inert" means for an answer, in a reader's terms: its characters, its Markdown, its links, its quotations."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mcp.types import CallToolResult

from support.house import META_KEY, text_of

_GONE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HAN = re.compile("[\U00020000-\U0002fa1f\U00030000-\U0003347f]")
"""Chinese characters of two planes, some of them newer than the tables of an older Python."""
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc\U000e0000-\U000e0fff]"
)
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*:(?://|\\\\)|//|www\.|\b(?:mailto|javascript|vbscript|data|file|magnet|sms|tel|cid|about):\S"
    r"|@|[^\W_]\.[^\W\d_]",
    re.IGNORECASE,
)
"""What GitHub's Markdown, linkify and chat clients make a link of by themselves."""
_OUR_LINKS = re.compile(
    r"https://(?:detail\.1688\.com/(?:offer/[0-9]{1,20}\.html)?"
    r"|trade\.1688\.com/order/offer_snapshot\.htm\?order_entry_id=[0-9]{1,20})(?=[\s)]|$)"
)
_ADDRESSES = {
    "picture": re.compile(r"https://[a-z0-9]+\.alicdn\.com/[A-Za-z0-9/._!-]+"),
    "snapshot_url": re.compile(r"https://trade\.1688\.com/order/offer_snapshot\.htm\?order_entry_id=[0-9]+"),
}
"""Fields that hold nothing but an address, and what it has to look like."""
_OUR_PATHS = re.compile(r"(?<![^\s(（])(?:lines(?:\[\d+\])?|address)(?:\.(?=「)|(?:\.[A-Za-z0-9_-]+)?(?![^\s)）]))")
"""Where a fault of an argument is; a name that no argument could have stands in quotation marks."""
_MARKS = frozenset("<>&[]{}#|~\\!$@")
"""Characters that our own texts never have; the asterisk, the backtick and the underscore are the parser's to judge."""
_OURS = frozenset({"paragraph", "bullet_list", "list_item", "inline", "text", "softbreak", "strong", "code_inline"})
"""The Markdown that our texts have: paragraphs, lists, bold, and a command in backticks."""
_PILE = re.compile("mmm")
"""Marks on one letter that would paint over other lines; Thai and its like write two."""
_PLAIN = re.compile(r"(?:[^\W\d_]|[「『])[^\n*_`<>&\[\]\\!~|#]*")
"""One line that begins with a letter or a quotation and has no mark: Markdown can only make a paragraph of it."""
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_QUOTATION = re.compile("「([^「」]*)」|『([^『』]*)』")
_LONGEST = {"「": 200, "『": 500}
"""Characters that a quotation may have: the longest of the caller's own is the note to the seller."""
_BROWSERS_DOT = re.compile(r"[^\W_][.。][^\W\d_]")
_FOUND_INERT: set[str] = set()
"""Texts that need no second look: most of an answer is the same from call to call."""
_OWN_NUMBERS = re.compile(r"7[0-9]{11}|PV-[0-9A-Z]{26}")
_MASKED_NAME = re.compile(r"\S＊(?= ••••)|^\S＊$")


def leaves(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a document, with its path."""
    if isinstance(content, dict):
        for name, value in content.items():  # pyright: ignore[reportUnknownVariableType]
            yield from leaves(value, f"{path}.{name}")
    elif isinstance(content, list):
        for number, value in enumerate(content):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            yield from leaves(value, f"{path}[{number}]")
    elif isinstance(content, str):
        yield path, content


def said(result: CallToolResult) -> list[tuple[str, str]]:
    """Every text of an answer in all its channels, with its path."""
    return [
        ("text", text_of(result)),
        *leaves(result.structured_content, "structured"),
        *leaves((result.meta or {}).get(META_KEY), "meta"),
    ]


def assert_inert(where: str, text: str) -> None:
    """Nothing in `text` acts on a terminal, a renderer or a reader's eye."""
    if text in _FOUND_INERT:
        return
    if address := _ADDRESSES.get(where.rpartition(".")[2]):
        assert address.fullmatch(text), (where, text)
        return
    kinds_of = {c: unicodedata.category(c) for c in set(text)}
    gone = {c for c, kind in kinds_of.items() if kind in _GONE and c != "\n" and not _HAN.match(c)}
    odd = gone | set(_UNSEEN.findall(text))
    assert not odd, (where, sorted(map(ascii, odd)))
    plain = _OUR_PATHS.sub("", _OUR_LINKS.sub("", text))
    link = _LINK.search(plain)
    assert not link, (where, plain[max(0, link.start() - 40) : link.end() + 40])
    assert not _MARKS & set(plain), (where, _MARKS & set(plain))
    if not _PLAIN.fullmatch(text):
        kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in _tokens(_PARSER.parse(text))}
        assert kinds <= _OURS, (where, kinds - _OURS)
    assert text.count("\n") < 20 or "\n\n\n" not in text, where
    for quotation in _QUOTATION.finditer(text):
        assert len(quotation[0]) <= _LONGEST[quotation[0][0]] + 2, (where, len(quotation[0]))
        assert not _BROWSERS_DOT.search(unicodedata.normalize("NFKC", quotation[0])), (where, quotation[0])
    marks = {c for c, kind in kinds_of.items() if kind in {"Mn", "Me"}}
    assert not marks or not _PILE.search("".join("m" if c in marks else "." for c in text)), where
    _FOUND_INERT.add(text)


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])


def bare(text: str) -> str:
    """`text` without what stands in quotation marks, the one letter of a masked name, and numbers of our own calls."""
    return _MASKED_NAME.sub("＊", _OWN_NUMBERS.sub("N", _QUOTATION.sub("「」", text)))
