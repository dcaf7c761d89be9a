"""Arguments made from the published input schemas: valid ones reach what a tool does, broken ones are refused by path.

No call hangs, none is answered INTERNAL, and no refusal repeats what was written.
"""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from support.drawing import drawn
from support.house import ADDRESS, META_KEY, Buyer, opened_house, order_of, text_of

from .from_schemas import CANARY, WAREHOUSE, broken, valid
from .inertness import assert_inert

pytestmark = pytest.mark.anyio

CALLS = 50
"""Calls of each kind for each tool."""
DEADLINE_SECONDS = 30


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[tuple[Buyer, dict[str, Any]]]:
    """A buyer of a sandbox, and the input schemas that its server publishes."""
    (folder / "consignees.toml").write_text(
        f"[{WAREHOUSE}]\n" + "".join(f'{name} = "{value}"\n' for name, value in ADDRESS.items()), encoding="utf-8"
    )
    async with (
        opened_house(folder) as house,
        house.buyer(consignees=folder / "consignees.toml", approval="host") as buyer,
    ):
        listed = await buyer.client.list_tools()
        yield buyer, {tool.name: tool.input_schema for tool in listed.tools}


async def answered(buyer: Buyer, tool: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The code of a refusal, or "answered", with the machine-readable copy; each in time and inert."""
    with anyio.fail_after(DEADLINE_SECONDS):
        result = await buyer.call(tool, **given)
    copy: dict[str, Any] = (result.meta or {}).get(META_KEY) or {}
    code = str(copy.get("code", "answered"))
    assert code != "INTERNAL", (tool, given)
    if code == "INVALID_ARGUMENT":
        assert_inert(tool, text_of(result))
        assert CANARY not in str(result), (tool, given)
    return code, copy


@pytest.mark.parametrize("tool", ["preview_order", "create_order", "list_orders", "get_order"])
async def test_valid_arguments_reach_what_the_tool_does(tmp_path: Path, tool: str) -> None:
    async with opened(tmp_path) as (buyer, schemas):
        previews = drawn(valid(schemas["preview_order"]), CALLS) if tool == "create_order" else []
        codes = Counter[str]()
        for number, arguments in enumerate(drawn(valid(schemas[tool]), CALLS)):
            given = arguments
            if number < len(previews) // 2:
                given = order_of(
                    await buyer.said("preview_order", **previews[number] | {"purchase_ref": f"PO-{number}"})
                )
            code, copy = await answered(buyer, tool, given)
            assert code != "INVALID_ARGUMENT", (copy, given)
            codes[code] += 1
    reached = codes["answered"] + codes["NOT_ORDERABLE"] + codes["NOT_FOUND"]
    assert reached >= codes.total() // 3 >= CALLS // 6, codes


@pytest.mark.parametrize("tool", ["preview_order", "create_order", "list_orders", "get_order"])
async def test_broken_arguments_are_refused_by_path_and_never_repeated(tmp_path: Path, tool: str) -> None:
    async with opened(tmp_path) as (buyer, schemas):
        codes = Counter[str]()
        for given, top in drawn(broken(schemas[tool]), CALLS):
            code, copy = await answered(buyer, tool, given)
            codes[code] += 1
            if code == "INVALID_ARGUMENT":
                paths = [fault["path"] for fault in copy["details"]["faults"]]
                assert not top or any(path.startswith((top, "(arguments)", "「")) for path in paths), (paths, given)
    assert codes["INVALID_ARGUMENT"] > codes.total() // 3, codes
