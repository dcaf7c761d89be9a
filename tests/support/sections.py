"""A page that several commands write, each its own section between two marks."""

import re
from pathlib import Path


def section(page: Path, name: str) -> str:
    """The text between the marks of `name`.

    Raises:
        ValueError: the page has not exactly one such section.
    """
    return _found(page.read_text(encoding="utf-8"), page, name).group(1).strip("\n")


def write_section(page: Path, name: str, text: str) -> None:
    """Replace the text between the marks of `name`; the rest of the page stays as it is.

    Raises:
        ValueError: the page has not exactly one such section.
    """
    whole = page.read_text(encoding="utf-8")
    found = _found(whole, page, name)
    page.write_text(f"{whole[: found.start(1)]}\n{text.strip()}\n\n{whole[found.end(1) :]}", encoding="utf-8")


def _found(whole: str, page: Path, name: str) -> re.Match[str]:
    found = list(re.finditer(rf"<!-- {name} -->\n(.*?)<!-- end of {name} -->", whole, re.DOTALL))
    if len(found) != 1:
        raise ValueError(f"{page.name} has {len(found)} sections named {name}, not one")
    return found[0]
