"""What a client sees before it calls anything: the tool list, the instructions and the prompt, as snapshots."""

import json
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from support.house import MODES, House
from support.snapshots import same_as_snapshot

pytestmark = pytest.mark.anyio


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object schema inside a schema."""
    if isinstance(schema, list):
        return [found for item in schema for found in objects(item)]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(schema, dict):
        return []
    inner = [found for value in schema.values() for found in objects(value)]  # pyright: ignore[reportUnknownVariableType]
    return [schema, *inner] if schema.get("type") == "object" else inner  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


@pytest.mark.parametrize("mode", MODES)
async def test_the_tool_list_is_the_committed_one(house: House, mode: str) -> None:
    async with house.buyer(mode) as buyer:
        tools = (await buyer.client.list_tools()).tools
        instructions = buyer.client.instructions

    listed = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
    same_as_snapshot("tools.json", json.dumps(listed, ensure_ascii=False, indent=1, sort_keys=True))
    if mode == "legacy":  # a pinned client of 2026-07-28 asks for no instructions
        same_as_snapshot("instructions.txt", instructions or "")


async def test_every_tool_is_described_whole(house: House) -> None:
    async with house.buyer() as buyer:
        tools = (await buyer.client.list_tools()).tools

    names = ["preview_order", "create_order", "list_orders", "get_order", "find_offers", "get_offer"]
    assert [tool.name for tool in tools] == names
    for tool in tools:
        assert tool.title
        assert tool.description
        assert "Args:" not in tool.description
        assert tool.output_schema
        assert tool.annotations
        hints = tool.annotations.model_dump(exclude_none=True)
        assert set(hints) == {"title", "read_only_hint", "destructive_hint", "idempotent_hint", "open_world_hint"}
        assert hints["read_only_hint"] is (tool.name != "create_order")
        assert hints["destructive_hint"] is (tool.name == "create_order")
        assert not {"anyOf", "oneOf", "allOf"} & set(tool.input_schema)
        for schema in objects(tool.input_schema):
            assert schema["additionalProperties"] is False
            for name, argument in schema["properties"].items():
                assert argument.get("description"), f"{tool.name}: {name} is not described"


async def test_the_prompt_starts_a_purchase(house: House) -> None:
    async with house.buyer() as buyer:
        [prompt] = (await buyer.client.list_prompts()).prompts
        rendered = await buyer.client.get_prompt(prompt.name, {"wish": "two mugs for <b>Hangzhou</b>"})

    assert prompt.name == "start_purchase"
    text = rendered.messages[0].content.model_dump()["text"]
    assert "two mugs" in text
    assert "<b>" not in text
    assert "preview_order" in text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_prompt_asks_for_the_wish_where_a_host_gives_none(house: House, mode: str, language: str) -> None:
    async with house.buyer(mode, language=language) as buyer:
        [prompt] = (await buyer.client.list_prompts()).prompts
        given: list[dict[str, str] | None] = [None, {}, {"wish": ""}, {"wish": " $1 "}, {"wish": "$ARGUMENTS"}]
        said = [await buyer.client.get_prompt(prompt.name, each) for each in (*given, {"wish": "$1 mugs"})]

    assert [argument.required for argument in prompt.arguments or []] == [False]
    texts = [each.messages[0].content.model_dump()["text"] for each in said]
    assert len(set(texts[:-1])) == 1
    assert {"en": "Ask me what", "zh": "请问我要买什么"}[language] in texts[0]
    assert "$" not in texts[0]
    assert "mugs" in texts[-1]


async def test_a_prompt_that_does_not_exist_is_an_invalid_request(house: House) -> None:
    async with house.buyer() as buyer:
        with pytest.raises(MCPError) as raised:
            await buyer.client.get_prompt("nonsense", {})

    assert raised.value.error.code == -32602
