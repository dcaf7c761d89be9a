"""The renderer: one template per text, in English and Chinese, overridable from a folder, compiled once."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orders_prompts.inert import chosen, chosen_code, inert, quoted

Language = Literal["en", "zh"]

_log = logging.getLogger(__name__)
_BUILT_IN = Path(__file__).parent / "texts"
_CHINA = timezone(timedelta(hours=8), "China time")


def _china_time(moment: datetime) -> str:
    return f"{moment.astimezone(_CHINA):%Y-%m-%d %H:%M}"


def _inert(text: object, limit: int = 200) -> str:
    return inert(str(text), limit)


def _quoted(text: object, limit: int = 200) -> str:
    return quoted(str(text), limit)


def _chosen(text: object, limit: int = 200) -> str:
    return chosen(str(text), limit)


def _chosen_code(text: object) -> str:
    return chosen_code(str(text))


class _Sandbox(ImmutableSandboxedEnvironment):
    """Templates can call nothing except methods of plain values."""

    def is_safe_callable(self, obj: Any) -> bool:
        owner = getattr(obj, "__self__", None)
        plain = owner is None or isinstance(owner, str | int | float | list | dict | tuple | datetime)
        return plain and not isinstance(obj, type) and super().is_safe_callable(obj)


def environment(*folders: Path, autoescape: bool = False) -> ImmutableSandboxedEnvironment:
    """An environment for the templates in `folders`, with our filters; `autoescape` is for HTML."""
    own = _Sandbox(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        autoescape=autoescape,  # the texts are Markdown for a conversation; `inert` makes words from outside safe
    )
    own.filters.update(inert=_inert, quoted=_quoted, chosen=_chosen, chosen_code=_chosen_code, china_time=_china_time)
    return own


class Texts:
    """All texts in one language. An operator's folder may contain `NAME.j2` or `LANGUAGE/NAME.j2` in place of ours."""

    def __init__(self, language: Language = "en", override: Path | None = None) -> None:
        self.language: Language = language
        self._own = _built_in(language)
        self._chosen: dict[str, Template] = {}
        if override is not None:
            chosen = environment(override / language, override, _BUILT_IN / language)
            for name in self._own:
                self._choose(chosen, name)

    def _choose(self, own: ImmutableSandboxedEnvironment, name: str) -> None:
        try:
            template = own.get_template(f"{name}.j2")
        except (TemplateError, UnicodeDecodeError) as error:
            _log.warning("template %s does not compile, the built-in one is used: %s", name, error)
            return
        # Our templates are loaded in the operator's environment too, because they may import a replaced one.
        self._chosen[name] = template

    @property
    def names(self) -> list[str]:
        """The names of all texts."""
        return sorted(self._own)

    def render(self, name: str, **variables: Any) -> str:
        """The text `name` with `variables`. If an operator's template fails, that is logged and ours is used.

        Raises:
            jinja2.UndefinedError: a variable that the built-in template takes is missing.
        """
        if chosen := self._chosen.get(name):
            try:
                return _tidy(chosen.render(**variables))
            except Exception as error:  # an operator's template can fail in any way; the purchase must not
                _log.warning("template %s fails, the built-in one is used: %s", name, type(error).__name__)
        return _tidy(self._own[name].render(**variables))

    def sentence(self, kind: str, code: str, details: Mapping[str, Any]) -> str:
        """The sentence about `code` in the text `kind` (one text holds all sentences of a kind)."""
        return self.render(kind, code=code, d=details)


@cache
def _built_in(language: Language) -> dict[str, Template]:
    """Our own texts in one language, compiled once for the process."""
    own = environment(_BUILT_IN / language)
    return {name.removesuffix(".j2"): own.get_template(name) for name in own.list_templates(["j2"])}


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept)
