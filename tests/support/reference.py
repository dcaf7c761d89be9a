"""The tables of docs/reference.md, made from the code they describe."""

from collections.abc import Iterable, Sequence
from typing import Any

from mcp.types import Tool
from pydantic_core import PydanticUndefined

from orders_sandbox import CATALOGUE, FAULTS, SWITCHES
from orders_server.setting_sources import PREFIX
from orders_server.settings import HARMLESS, Settings

HEAD = """# Reference

Made from the code by the tests; `UPDATE_SNAPSHOTS=1 .venv/bin/pytest -k reference` renews it.
"""
_HARMLESS = ", ".join(f"`{PREFIX}{name.upper()}`" for name in Settings.model_fields if name in HARMLESS)
SOURCES = f"""Settings come from one place: the environment of the process, or the file that `XPORTCN_ENV_FILE` names.

- `XPORTCN_ENV_FILE` is read from the environment alone. It is a whole path to a file of `NAME=value` lines that only
  you (or root) can write. Where it is set, everything stands in that file; any of the settings below in the
  environment beside it is a fault, and nothing starts. The exceptions are harmless, and there the environment wins:
  {_HARMLESS}.
- A `.env` in the working folder may be a stranger's. Without credentials it counts for those harmless ones; with
  credentials, or where `XPORTCN_ENV_FILE` is set, it counts for nothing. What is ignored is said on standard error,
  and by `xportcn-orders doctor`.
- Blanks, a line end and a pair of quotation marks round a value are taken off. A value that still holds `${{...}}`,
  or is `$NAME`, `%NAME%`, `{{env:NAME}}` or `{{{{NAME}}}}`, because a host did not replace it, is a fault;
  `XPORTCN_FLOW`, `XPORTCN_TRADE_TYPE`, `XPORTCN_LANGUAGE` and the harmless ones then count as not set.
- Paths of files and folders are whole paths; `~` is your home.

The three credentials come together. Where some are there and others not, `serve` starts, and refuses each call by the
names of what is missing. `SSL_CERT_FILE` and `SSL_CERT_DIR` are heeded beside `XPORTCN_CA_FILE`.
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
    parts = [HEAD, "## Settings\n", SOURCES, settings_table(), "\n## Tools\n"]
    for tool in tools:
        parts += [tool_section(tool), "", *([nested_sections(tool), ""] if "$defs" in tool.input_schema else [])]
    parts += ["## The sandbox's offers\n", offers, "\n## The sandbox's faults\n"]
    parts += ["`xportcn-orders sandbox --port 8700 --fault NAME` applies one to every create call.\n", faults]
    parts += ["\n## The sandbox's switches\n", "No document says what the live API does here (CONTRACT 12)."]
    parts += ["`xportcn-orders sandbox --port 8700 --switch NAME=VALUE` sets one; one without values takes a path,"]
    parts += ["and `page_limit` a count.\n", switches]
    return "\n".join(parts)
