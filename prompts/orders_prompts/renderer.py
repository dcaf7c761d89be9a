"""The renderer: one template per text, in English and Chinese, overridable from a folder, compiled once."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from orders_prompts.inert import inert, quoted

Language = Literal["en", "zh"]

_log = logging.getLogger(__name__)
_BUILT_IN = Path(__file__).parent / "texts"
_CHINA = timezone(timedelta(hours=8), "China time")


def _china_time(moment: datetime) -> str:
    return f"{moment.astimezone(_CHINA):%Y-%m-%d %H:%M}"


def _environment(*folders: Path) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        autoescape=False,  # the texts are Markdown for a conversation; `inert` is what makes words from outside safe
    )
    environment.filters.update(inert=inert, quoted=quoted, china_time=_china_time)
    return environment


class Texts:
    """All texts in one language. An operator's folder may hold `NAME.j2` or `LANGUAGE/NAME.j2` in place of ours."""

    def __init__(self, language: Language = "en", override: Path | None = None) -> None:
        self.language: Language = language
        self._own = _built_in(language)
        self._chosen: dict[str, Template] = {}
        if override is not None:
            chosen = _environment(override / language, override, _BUILT_IN / language)
            for name in self._own:
                self._choose(chosen, name)

    def _choose(self, environment: SandboxedEnvironment, name: str) -> None:
        try:
            template = environment.get_template(f"{name}.j2")
        except TemplateError as error:
            _log.warning("template %s does not compile, the built-in one is used: %s", name, error)
            return
        if Path(template.filename or "").parent.parent != _BUILT_IN:
            self._chosen[name] = template

    @property
    def names(self) -> list[str]:
        """The texts there are."""
        return sorted(self._own)

    def render(self, name: str, **variables: Any) -> str:
        """The text `name` with `variables`. A template of the operator's that fails is replaced by ours, and logged.

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
    environment = _environment(_BUILT_IN / language)
    return {name.removesuffix(".j2"): environment.get_template(name) for name in environment.list_templates(["j2"])}


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept)
