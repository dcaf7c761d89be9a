"""The pages of the approval site: HTML in English and Chinese, with autoescape, and their stylesheet and script."""

from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orders_prompts.renderer import Language, environment

_FOLDER = Path(__file__).parent / "pages"
_TEXTS = Path(__file__).parent / "texts"
NAMES = ("list", "order", "pair", "passkey", "plain", "result")
FILES = {"approvals.css": "text/css; charset=utf-8", "approvals.js": "text/javascript; charset=utf-8"}
"""The files that a page loads, and the media type of each."""


def render_page(language: Language, name: str, **variables: Any) -> str:
    """The page `name` as HTML; every variable is escaped.

    Raises:
        jinja2.UndefinedError: a variable that the page takes is missing.
    """
    return _pages(language)[name].render(language=language, **variables)


def page_sentence(language: Language, kind: str, code: str) -> str:
    """One sentence about `code` of those that the pages show, as plain text."""
    return unescape(str(_words(language)[kind](code)))


@cache
def page_file(name: str) -> bytes:
    """The content of one of `FILES`."""
    return (_FOLDER / name).read_bytes()


@cache
def _pages(language: Language) -> dict[str, Template]:
    return {name: _environment(language).get_template(f"{name}_page.j2") for name in NAMES}


@cache
def _words(language: Language) -> dict[str, Any]:
    return vars(_environment(language).get_template("words.j2").module)


@cache
def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    return environment(_FOLDER / language, _FOLDER, _TEXTS / language, autoescape=True)
