"""Text from outside, made inert: the one gate through which every word of a seller, the upstream or a caller passes."""

import re
import unicodedata

_ANSI = re.compile(
    r"(?:\x1b+[PX^_]|[\x90\x98\x9e\x9f]).*?(?:\x1b\\|\x9c|\x07|$)"  # strings for the terminal, whole
    r"|(?:\x1b+\]|\x9d).*?(?:\x1b\\|\x9c|\x07|$)"
    r"|(?:\x1b+\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b+[ -/]+[0-~]?"
    r"|\x1b+[0-~]?",
    re.DOTALL,
)

# Each character that Markdown, HTML, a template or a terminal could act on, and the look-alike that only reads.
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
        **dict.fromkeys("「『｢﹁﹃", "‹"),
        **dict.fromkeys("」』｣﹂﹄", "›"),
    }
)

_SCHEME = re.compile(r":(?=//)|(?<=[A-Za-z]):(?=\S)")
_DOMAIN_DOT = re.compile(r"(?<=\S)\.(?=[^\W\d_])|(?<=[Ww][Ww][Ww])\.(?=\S)")
_LIST_NUMBER = re.compile(r"^(\d+)[.)](?=\s|$)")
_LEADING = {"-": "－", "+": "＋", "=": "＝", ":": "："}
PLAIN_ID = r"[A-Za-z0-9](?:[A-Za-z0-9-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])|\.(?=[0-9]))*"
"""What an id has to look like to be shown as it is: nothing in it starts emphasis, a link or a list."""
_PLAIN_ID = re.compile(rf"(?=.{{1,64}}\Z){PLAIN_ID}")
_SPACES = re.compile(r"\s+")

# Cn is kept out too: what is unassigned today may be a control of tomorrow.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACE_CATEGORIES = frozenset({"Zs", "Zl", "Zp"})
_LINE_CONTROLS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
# Neither category reveals these as invisible: variation selectors, fillers, blank Braille, combining joiners.
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


def _visible(character: str) -> str:
    if character in _LINE_CONTROLS:
        return " "
    category = unicodedata.category(character)
    if category in _SPACE_CATEGORIES:
        return " "
    return "" if category in _DROPPED or character in _INVISIBLE else character


def unseen(text: str) -> list[str]:
    """The characters of `text` that a person could not see on a screen, as code points such as "U+202E"."""
    hidden = {c for c in text if c != " " and _visible(c) in {"", " "} and unicodedata.category(c) != "Zs"}
    return [f"U+{ord(c):04X}" for c in sorted(hidden)]


def inert(text: str, limit: int = 200) -> str:
    """The words of `text` on one line, with nothing left that a reader, a terminal or a renderer could act on.

    Control, bidirectional, tag, zero-width and ANSI characters are gone; the characters that start Markdown, HTML,
    links or templates become look-alikes; at most `limit` characters stay, the cut shown as "…".
    """
    text = _ANSI.sub("", text)
    text = "".join(map(_visible, text))
    text = _SPACES.sub(" ", text.translate(_DEAD)).strip()
    text = _SCHEME.sub("：", text)
    text = text.replace("//", "／／")
    text = _DOMAIN_DOT.sub("．", text)
    text = _LIST_NUMBER.sub(r"\1．", text)
    text = _LEADING.get(text[:1], text[:1]) + text[1:]
    return text if len(text) <= limit else text[: limit - 1] + "…"


def identifier(text: str) -> str:
    """An id as it is, where it has only what ids are made of; anything else is words, inert and in 「」."""
    return text if _PLAIN_ID.fullmatch(text) else quoted(text, 64)


def quoted(text: str, limit: int = 200) -> str:
    """`text` made inert and set in 「」, the marks that only words from outside wear; "" stays ""."""
    words = inert(text, limit)
    return f"「{words}」" if words else ""
