"""Texts in an operator's folder: they win where they work, and ours stand in where they do not."""

import logging
import pickle
import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orders_prompts.instructions import instructions
from orders_prompts.renderer import Language, Texts
from orders_tools.results.preview import Totals

NAME = "start_purchase"
OURS = "I want to buy on 1688: a bag"


def written(folder: Path, content: str | bytes, name: str = NAME) -> Path:
    path = folder / f"{name}.j2"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def said(folder: Path, language: Language = "en", **variables: Any) -> str:
    return Texts(language, folder).render(NAME, **{"wish": "a bag", **variables})


def test_a_text_in_the_folder_wins(tmp_path: Path) -> None:
    assert said(written(tmp_path, "Mine: {{ wish }}")) == "Mine: a bag"
    assert said(written(tmp_path, "Mine: {{ wish }}"), "zh") == "Mine: a bag"


def test_a_text_for_one_language_wins_over_one_for_all(tmp_path: Path) -> None:
    written(tmp_path, "for all")
    written(tmp_path / "zh", "只给中文")
    assert (said(tmp_path, "zh"), said(tmp_path, "en")) == ("只给中文", "for all")


def test_all_other_texts_stay_ours(tmp_path: Path) -> None:
    written(tmp_path, "Mine")
    assert Texts("en", tmp_path).sentence("remedy", "NOT_SELLABLE", {}) == "Take another offer for this product."


def test_an_empty_folder_or_none_at_all_changes_nothing(tmp_path: Path) -> None:
    assert said(tmp_path).startswith(OURS)
    assert said(tmp_path / "missing").startswith(OURS)


def test_a_text_of_the_operators_can_use_our_filters_and_parts(tmp_path: Path) -> None:
    written(tmp_path, '{% import "parts.j2" as parts %}{{ parts.status("in_doubt") }} {{ wish | quoted }}')
    assert said(tmp_path) == "in doubt 「a bag」"


BROKEN = {
    "syntax": "{% if wish %}",
    "no such tag": "{% frobnicate %}",
    "undefined variable": "{{ wish }} {{ surprise }}",
    "undefined field": "{{ wish.surprise.deeper }}",
    "missing include": '{% include "nowhere.j2" %}',
    "division by zero": "{{ 1 // 0 }}",
    "Python internals": "{{ ''.__class__.__mro__ }}",
    "Python internals by filter": "{{ ''|attr('__class__') }}{{ (''|attr('__class__')).__mro__ }}",
    "Python internals by subscript": "{{ ''['__class__']['__mro__'] }}",
    "Python internals by format": "{{ '{0.__class__.__mro__}'.format(wish).x }}",
    "globals of a function": "{{ range.__globals__ }}",
    "a loop without end": "{% for i in range(10 ** 12) %}{% endfor %}",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_text_gives_way_to_ours_and_is_logged(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert said(written(tmp_path, content)).startswith(OURS)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert NAME in record.getMessage()


def test_what_is_logged_of_a_broken_text_is_not_what_it_was_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said(written(tmp_path, "{{ {}[wish] }}"), wish="13912345678")
    assert caplog.records
    assert "139" not in caplog.text


@pytest.mark.parametrize("form", ["{0.__class__}", "{0.__class__.__mro__}", "{0.__init__.__globals__}"])
def test_formatting_cannot_reach_python_internals(form: str, tmp_path: Path) -> None:
    shown = said(written(tmp_path, "Mine {{ '" + form + "'.format(wish) }}"))
    assert "class" not in shown
    assert "globals" not in shown


@pytest.mark.parametrize("content", ["我想买".encode("gbk"), b"\xff\xfe"], ids=["gbk", "binary"])
def test_a_text_in_another_encoding_gives_way_to_ours(content: bytes, tmp_path: Path) -> None:
    assert said(written(tmp_path, content)).startswith(OURS)


def test_the_operators_parts_are_used_by_our_texts(tmp_path: Path) -> None:
    counts = {"total": None, "looked_at": 0, "unread_orders": 0}
    page = SimpleNamespace(orders=(), sandbox=True, has_more=False, cut_short=None, **counts)
    plain = Texts("en").render("list", page=page, number=1, record_unread=False)
    parts = (Path(instructions.__code__.co_filename).parent / "texts" / "en" / "parts.j2").read_text(encoding="utf-8")
    changed = parts.replace("nothing real is bought", "PRACTICE ONLY")
    assert changed != parts
    told = Texts("en", written(tmp_path, changed, "parts")).render("list", page=page, number=1, record_unread=False)
    assert told != plain
    assert "PRACTICE ONLY" in told


class Opened:
    """What a pickle could do: write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_text_cannot_run_code_through_the_methods_of_what_it_shows(tmp_path: Path) -> None:
    proof = tmp_path / "written-by-a-template"
    load = pickle.dumps(Opened(proof), 0).decode()
    content = "{{ totals.parse_raw(" + repr(load) + ", proto='pickle', allow_pickle=True) }}"
    totals = Totals(goods=None, carriage=None, discount=None, surcharge=None, service_fee=None, payable="64.00")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert said(written(tmp_path / "texts", content), totals=totals).startswith(OURS)
    assert not proof.exists()


class Thing:
    """Something that is no plain value."""

    def __init__(self) -> None:
        self.calls = 0

    def act(self) -> str:
        self.calls += 1
        return "acted"

    @classmethod
    def make(cls) -> str:
        raise AssertionError("a text called a class")


@pytest.mark.parametrize(
    "call", ["thing.act()", "thing.make()", "kind()", "([thing] | map(attribute='act') | first)()"]
)
def test_a_text_cannot_call_methods_of_anything_but_plain_values(
    call: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    thing = Thing()
    with caplog.at_level(logging.WARNING):
        assert said(written(tmp_path, "Mine {{ " + call + " }}"), thing=thing, kind=Thing).startswith(OURS)
    assert (thing.calls, len(caplog.records)) == (0, 1)


def test_a_text_can_call_the_methods_of_plain_values(tmp_path: Path) -> None:
    content = (
        "{{ wish.upper() }} {{ d.items() | list }} {{ d.get('x', 3) }} {{ many.index('b') }} {{ pair.count(1) }}"
        " {{ at.isoformat() }} {{ 7.5.is_integer() }} {{ '{:>3}'.format(7) }}"
    )
    values: dict[str, Any] = {
        "d": {"a": 1},
        "many": ["a", "b"],
        "pair": (1, 1),
        "at": datetime(2026, 5, 20, tzinfo=UTC),
    }
    assert said(written(tmp_path, content), **values) == ("A BAG [('a', 1)] 3 1 2 2026-05-20T00:00:00+00:00 False   7")


@pytest.mark.parametrize(
    "change",
    [
        "orders.clear()",
        "orders.sort()",
        "orders.__delitem__(0)",
        "order.clear()",
        "order.update(id='1')",
    ],
)
def test_a_text_cannot_change_what_it_shows(change: str, tmp_path: Path) -> None:
    orders, order = ["2", "1"], {"id": "2"}
    assert said(written(tmp_path, "Mine {{ " + change + " }}"), orders=orders, order=order).startswith(OURS)
    assert (orders, order) == (["2", "1"], {"id": "2"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_instructions_are_the_rendered_text_of_that_name(language: Language) -> None:
    assert instructions(language) == Texts(language).render("instructions")


def test_the_operators_instructions_win_like_every_text(tmp_path: Path) -> None:
    written(tmp_path, "{# For the model. Takes: nothing. #}\nMine for all\n", "instructions")
    written(tmp_path / "zh", "只给中文", "instructions")
    assert (instructions("en", tmp_path), instructions("zh", tmp_path)) == ("Mine for all", "只给中文")
    assert instructions("en", tmp_path / "missing") == instructions("en")
