"""The tables of docs/reference.md, made from the code they describe."""

from collections.abc import Iterable, Sequence
from typing import Any

from mcp.types import Tool
from pydantic_core import PydanticUndefined

from orders_server.sandbox import CATALOGUE, FAULTS, SWITCHES
from orders_server.settings import PREFIX, Settings

HEAD = """# Reference

Made from the code by the tests; `UPDATE_SNAPSHOTS=1 .venv/bin/pytest -k reference` renews it.
"""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def settings_table() -> str:
    """Every setting with its default."""
    return table(
        ["variable", "default", "what it is"],
        [
            [f"`{PREFIX}{name.upper()}`", default(field.default), field.description or ""]
            for name, field in Settings.model_fields.items()
        ],
    )


def default(value: Any) -> str:
    return "" if value is None or value is PydanticUndefined else f"`{value}`"


def tool_section(tool: Tool) -> str:
    """A tool's description and its arguments."""
    required = set(tool.input_schema.get("required", []))
    rows = [
        [f"`{name}`", "yes" if name in required else "", argument.get("description", "")]
        for name, argument in tool.input_schema["properties"].items()
    ]
    return f"### `{tool.name}`\n\n{tool.description}\n\n{table(['argument', 'required', 'what it is'], rows)}"


def nested_sections(tool: Tool) -> str:
    """The objects inside a tool's arguments."""
    sections: list[str] = []
    for name, schema in tool.input_schema.get("$defs", {}).items():
        required = set(schema.get("required", []))
        rows = [
            [f"`{field}`", "yes" if field in required else "", argument.get("description", "")]
            for field, argument in schema["properties"].items()
        ]
        title = name.removesuffix("Arguments").lower()
        sections.append(f"#### `{title}`\n\n{table(['field', 'required', 'what it is'], rows)}")
    return "\n\n".join(sections)


def reference(tools: Sequence[Tool]) -> str:
    """The whole page."""
    offers = table(
        ["offer", "name", "what it shows"],
        [[f"`{offer.offer_id}`", name, offer.shows] for name, offer in CATALOGUE.items()],
    )
    faults = table(["fault", "what it does"], [[f"`{name}`", text] for name, text in FAULTS.items()])
    switches = table(
        ["switch", "what it decides", "default", "values"],
        [
            [f"`{name}`", each.shows, f"`{each.default}`", ", ".join(f"`{value}`" for value in each.values)]
            for name, each in SWITCHES.items()
        ],
    )
    parts = [HEAD, "## Settings\n", "Read from the environment and `.env`. The three credentials come together.\n"]
    parts += [settings_table(), "\n## Tools\n"]
    for tool in tools:
        parts += [tool_section(tool), "", *([nested_sections(tool), ""] if "$defs" in tool.input_schema else [])]
    parts += ["## The sandbox's offers\n", offers, "\n## The sandbox's faults\n"]
    parts += ["`xportcn-orders sandbox --port 8700 --fault NAME` applies one to every create call.\n", faults]
    parts += ["\n## The sandbox's switches\n", "No document says what the live API does here (CONTRACT 12)."]
    parts += ["`xportcn-orders sandbox --port 8700 --switch NAME=VALUE` sets one; one without values takes a path,"]
    parts += ["and `page_limit` a count.\n", switches]
    return "\n".join(parts)
