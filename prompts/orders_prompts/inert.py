"""Makes text from outside inert. Every word of a seller, the upstream or a caller passes through this module."""

import re
import unicodedata
from functools import lru_cache

_ANSI = re.compile(
    r"(?:\x1b+[PX^_]|[\x90\x98\x9e\x9f]).*?(?:\x1b\\|\x9c|\x07|$)"  # strings for the terminal, whole
    r"|(?:\x1b+\]|\x9d).*?(?:\x1b\\|\x9c|\x07|$)"
    r"|(?:\x1b+\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b+[ -/]+[0-~]?"
    r"|\x1b+[0-~]?",
    re.DOTALL,
)

# Each character that Markdown, HTML, a template or a terminal could act on, with a harmless look-alike.
_DEAD = str.maketrans(
    {
        "<": "‹",
        ">": "›",
        "&": "＆",
        "`": "ˋ",
        "*": "＊",
        "_": "＿",
        "[": "［",
        "]": "］",
        "{": "｛",
        "}": "｝",
        "#": "＃",
        "|": "｜",
        "~": "～",
        "\\": "＼",
        "!": "！",
        "$": "＄",
        "@": "＠",
        "㏂": "am",
        "㏘": "pm",
        "㏇": "Co",
        **dict.fromkeys("「『｢﹁﹃", "‹"),
        **dict.fromkeys("」』｣﹂﹄", "›"),
    }
)

_HAN_BLOCKS = (
    (0x3400, 0x4DBF),  # CJK Unified Ideographs Extension A
    (0x4E00, 0x9FFF),  # CJK Unified Ideographs
    (0xF900, 0xFAFF),  # CJK Compatibility Ideographs
    (0x20000, 0x2A6DF),  # Extension B
    (0x2A700, 0x2B73F),  # Extension C
    (0x2B740, 0x2B81F),  # Extension D
    (0x2B820, 0x2CEAF),  # Extension E
    (0x2CEB0, 0x2EBEF),  # Extension F
    (0x2EBF0, 0x2EE5F),  # Extension I
    (0x2F800, 0x2FA1F),  # CJK Compatibility Ideographs Supplement
    (0x30000, 0x3134F),  # Extension G
    (0x31350, 0x323AF),  # Extension H
    (0x323B0, 0x3347F),  # Extension J
)
"""Blocks.txt of Unicode 17.0. They contain only Han characters, also ones that Python's tables do not know."""
_HAN = "".join(f"{chr(first)}-{chr(last)}" for first, last in _HAN_BLOCKS)
_HAN_CHARACTER = re.compile(f"[{_HAN}]")

_SCHEME = re.compile(r":(?=//)|(?<=[A-Za-z]):(?=\S)")
# Browsers and normalisation turn each of these into ".", so none may be where a domain could continue.
_DOTS_LIKE_OURS = "．․﹒"
_DECIMAL_DOT = re.compile(rf"(?<=\d)[{_DOTS_LIKE_OURS}](?=\d)")
_DOMAIN_DOT = re.compile(
    rf"(?<=\S)[.{_DOTS_LIKE_OURS}](?=[^\W\d_]|[{_HAN}])|(?<=[Ww][Ww][Ww])\.(?=\S)|(?<=\S)[{_DOTS_LIKE_OURS}](?=\d)"
)
_DEAD_DOT = "·"
"""A dot that no browser and no normalisation turns into "."."""
_FULL_STOP = re.compile(rf"([。｡︒⒈-⒛🄀])(?=[^\W_]|[{_HAN}])")
"""The end of a Chinese sentence, or an item's number, right before the next word: a blank keeps it from being a dot."""
_LIST_NUMBER = re.compile(r"^(\d+)[.)](?=\s|$)")
_LEADING = {"-": "－", "+": "＋", "=": "＝", ":": "："}
PLAIN_ID = r"[A-Za-z0-9](?:[A-Za-z0-9-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])|\.(?=[0-9]))*"
"""The form of an id that is shown unchanged: nothing in it starts emphasis, a link or a list."""
_PLAIN_ID = re.compile(rf"(?=.{{1,64}}\Z){PLAIN_ID}")
_WORDLESS = re.compile(r"\+?[0-9](?:[ -]?[0-9]){0,39}|(?=[a-f]*[0-9])[0-9a-f]{16,64}")
_SPACES = re.compile(r"\s+")

_MARKS = frozenset({"Mn", "Me"})
"""Marks without width of their own: many of them on one letter paint over the neighbouring lines."""
# Cn is excluded too, except for Han: an unassigned character may become a control character later.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACE_CATEGORIES = frozenset({"Zs", "Zl", "Zp"})
_LINE_CONTROLS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
# The category does not show that these are invisible: variation selectors, fillers, blank Braille, joiners.
_INVISIBLE = frozenset(
    chr(point)
    for start, end in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xFFFC, 0xFFFC),
        (0x16FE4, 0x16FE4),
        (0x1D159, 0x1D159),
        (0xE0100, 0xE01EF),
    )
    for point in range(start, end + 1)
)


@lru_cache(maxsize=8192)
def _visible(character: str) -> str:
    if character in _LINE_CONTROLS:
        return " "
    category = unicodedata.category(character)
    if category in _SPACE_CATEGORIES:
        return " "
    if category == "Cn" and is_han(character):
        return character
    return "" if category in _DROPPED or character in _INVISIBLE else character


def is_han(character: str) -> bool:
    """Whether a character is Chinese, even if it is newer than the tables of this Python."""
    return bool(_HAN_CHARACTER.fullmatch(character))


def is_wordlike(character: str) -> bool:
    """Whether a character is a letter or a digit, including a Han character that `str.isalnum` does not know yet."""
    return character.isalnum() or is_han(character)


def unseen(text: str) -> list[str]:
    """The characters of `text` that a person could not see on a screen, as code points such as "U+202E"."""
    hidden = {c for c in text if c != " " and _visible(c) in {"", " "} and unicodedata.category(c) != "Zs"}
    return [f"U+{ord(c):04X}" for c in sorted(hidden)]


def visible(text: str) -> str:
    """`text` without terminal sequences and without invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, _ANSI.sub("", text)))


def _few_marks(text: str) -> str:
    """`text` with at most one combining mark per letter, or two if its script writes vowel and tone as marks."""
    if text.isascii() or not any(unicodedata.category(character) in _MARKS for character in set(text)):
        return text
    clusters = [""]  # marks at the beginning have no letter and would paint over what precedes the text
    for character in text:
        if unicodedata.category(character) in _MARKS:
            clusters[-1] += character
        else:
            clusters.append(character)
    return "".join(each if len(each) == 1 else _trimmed(each) for each in clusters[1:])


def _trimmed(cluster: str) -> str:
    if cluster.startswith(" "):
        return " "
    # After composition, a letter with two marks may have only one. A spacing mark is not a letter to compose with.
    letter, *marks = cluster if unicodedata.combining(cluster[0]) else unicodedata.normalize("NFC", cluster)
    stacked = any(unicodedata.name(mark).startswith("COMBINING ") for mark in marks[:2])
    return "".join((letter, *marks[: 1 if stacked else 2]))


def inert(text: str, limit: int = 200) -> str:
    """The words of `text` on one line, without anything that a reader, a terminal or a renderer could act on.

    Control, bidirectional, tag, zero-width and ANSI characters are removed. Characters that start Markdown, HTML, links
    or templates become look-alikes. At most `limit` characters stay; "…" marks the cut.
    """
    text = _SPACES.sub(" ", _few_marks(visible(text).translate(_DEAD))).strip()
    text = _SCHEME.sub("：", text)
    text = text.replace("//", "／／")
    text = _DECIMAL_DOT.sub(".", text)
    text = _DOMAIN_DOT.sub(_DEAD_DOT, text)
    text = _FULL_STOP.sub(r"\1 ", text)
    text = _LIST_NUMBER.sub(r"\1．", text)
    text = _LEADING.get(text[:1], text[:1]) + text[1:]
    return text if len(text) <= limit else text[: limit - 1] + "…"


def chosen(text: str, limit: int = 200) -> str:
    """`text` made inert and set in 『』, the marks of what the assistant or the caller chose; "" stays "".

    A text without visible characters leaves empty marks, because it is still sent.
    """
    return f"『{inert(text, limit)}』" if text else ""


def chosen_code(text: str) -> str:
    """A code of the caller: unchanged if its form has no room for words (a number, a hash), otherwise in 『』."""
    return text if _WORDLESS.fullmatch(text) else chosen(text, 128)


def identifier(text: str) -> str:
    """An id, unchanged if it only has characters of ids; anything else is made inert and set in 「」."""
    return text if _PLAIN_ID.fullmatch(text) else quoted(text, 64)


def quoted(text: str, limit: int = 200) -> str:
    """`text` made inert and set in 「」, the marks of words from outside; "" stays ""."""
    words = inert(text, limit)
    return f"「{words}」" if words else ""
