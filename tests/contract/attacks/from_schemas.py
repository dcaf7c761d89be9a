"""Arguments drawn from published input schemas, and the same arguments with one thing broken."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from hypothesis import strategies as st

from support.house import offer_id

CANARY = "канарейка42"
"""Stands in what is broken: no refusal may repeat it."""
_NAME = "название"
"""An argument there is not; a refusal names it."""
WAREHOUSE = "warehouse"
_OFFERS = ("plain", "promotion", "free-carriage")
_WORDS = st.text("杭州路abc 019-", min_size=2, max_size=20).filter(str.strip)
_SHAPES: Mapping[str, st.SearchStrategy[Any]] = {
    "offer_id": st.sampled_from([offer_id(name) for name in _OFFERS]),
    "quantity": st.integers(3, 9),
    "spec_id": st.just(""),
    "seller_open_id": st.sampled_from(["", "BBBseller"]),
    "mobile": st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    "phone": st.just("0571-88157088"),
    "post_code": st.from_regex(r"[0-9]{6}", fullmatch=True),
    "district_code": st.just(""),
    "address": st.just(WAREHOUSE),
    "flow": st.sampled_from(["", "general"]),
    "purchase_ref": st.from_regex(r"PO-[A-Z0-9]{12}", fullmatch=True),
    "preview_token": st.from_regex(r"PV-[0-9A-HJKMNP-TV-Z]{26}", fullmatch=True),
    "expected_total": st.integers(1, 10**6).map(lambda fen: f"{fen // 100}.{fen % 100:02}"),
    "created_from": st.dates().map(lambda day: f"2025-{day:%m-%d}").filter(lambda text: text != "2025-02-29"),
    "created_to": st.just("2027-01-01T00:00:00Z"),
    "cursor": st.just(""),
    "order_id": st.from_regex(r"[1-9][0-9]{18}", fullmatch=True),
}
"""What a schema cannot say of its strings and numbers, by the name of the property."""
BROKEN: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2.5,
    1e308,
    10**4400,
    [],
    {},
    [[[[[]]]]],
    [CANARY],
    {_NAME: CANARY},
    {"offer_id": {"offer_id": CANARY}},
    CANARY * 200,
    f"\x00{CANARY}",
    f'{{"{CANARY}": [',
    f'[{{"{_NAME}": "{CANARY}"}}]',
    '{"lines": "[{\\"offer_id\\": 1}]"}',
    "[" * 2000,
    f"\u202e{CANARY}\n\n# {CANARY}",
)


def valid(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Arguments that the schema allows and that mean something."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    arguments = _of(schema, "", lambda ref: definitions[ref.rpartition("/")[2]])
    return arguments.map(_one_handle) if "order_id" in schema["properties"] else arguments


def _one_handle(arguments: dict[str, Any]) -> dict[str, Any]:
    """What no schema may say: `order_id` and `purchase_ref` exclude each other, and one of them is needed."""
    return dict(list(arguments.items())[:1]) or {"order_id": "1"}


def _of(schema: Mapping[str, Any], name: str, defined: Callable[[str], Mapping[str, Any]]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _of(defined(schema["$ref"]), name, defined)
    if "anyOf" in schema:
        return st.one_of([_of(each, name, defined) for each in schema["anyOf"] if each.get("type") != "null"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "object":
            fields = {key: _of(each, key, defined) for key, each in schema["properties"].items()}
            needed = {key: each for key, each in fields.items() if key in schema.get("required", ())}
            return st.fixed_dictionaries(
                needed, optional={key: each for key, each in fields.items() if key not in needed}
            )
        case "array":
            items = _of(schema["items"], name, defined)
            return st.lists(items, min_size=1, max_size=3, unique_by=lambda line: line["offer_id"])
        case "integer":
            return _SHAPES.get(name, st.integers(schema.get("minimum"), schema.get("maximum")))
        case _:
            return _SHAPES.get(name, _WORDS)


def broken(schema: Mapping[str, Any]) -> st.SearchStrategy[tuple[dict[str, Any], str]]:
    """Arguments with one place broken: its value replaced, taken out, or a name put beside it. With the top name."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
        arguments = copy.deepcopy(draw(valid(schema)))
        places = list(_places(arguments, ()))
        *way, last = draw(st.sampled_from(places)) if places else (_NAME,)
        holder: Any = arguments
        for step in way:
            holder = holder[step]
        how = draw(st.sampled_from(["replaced", "replaced", "replaced", "missing", "beside"]))
        if how == "missing" and places:
            del holder[last]
        elif how == "beside" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["offerId", "Ω", "[x](y)", "", "a" * 300]))] = CANARY
            return arguments, "" if not way else str(way[0])
        else:
            holder[last] = draw(st.sampled_from(BROKEN))
        return arguments, str((*way, last)[0])

    return draw_one()


def _places(content: Any, way: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    several = cast("Any", content.items() if isinstance(content, dict) else enumerate(content))
    for step, value in several:
        yield (*way, step)
        if isinstance(value, dict | list):
            yield from _places(value, (*way, step))
