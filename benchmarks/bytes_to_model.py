"""How much a model has to read: the list of tools, and one purchase of ten lines."""

import json
from dataclasses import dataclass
from typing import Any

from competitors import FASTMCP_GENERATED, OPENAPI_MCP_SERVER, OURS, Competitor, Place, available
from dialects import Basket, Call, Result
from plan import Plan
from report import Aim, Section
from sessions import Failed, Session, called, greeted, upstream_running

_LINES = 10


@dataclass
class Read:
    """Bytes of UTF-8: the tools, and for a purchase what each channel carries, and what the model has to write."""

    tools: int = 0
    without_output: int = 0
    text: int = 0
    structured: int = 0
    larger: int = 0
    written: int = 0

    def add(self, call: Call, result: Result) -> None:
        """Count one call: hosts show the model its text or its structured content, so the larger one counts."""
        text = sum(len(block.get("text", "").encode()) for block in result["content"])
        structured = _size(result["structuredContent"]) if "structuredContent" in result else 0
        self.text += text
        self.structured += structured
        self.larger += max(text, structured)
        self.written += _size(call.arguments)


def _size(document: Any) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


async def measure(plan: Plan) -> Section:
    """All competitors that can make the whole purchase: preview, create, get."""
    found, left_out = available([OURS, FASTMCP_GENERATED, OPENAPI_MCP_SERVER])
    step = plan.counted("bytes to the model", len(found))
    read: dict[str, Read] = {}
    async with upstream_running() as base_url:
        for competitor in found:
            async with greeted(competitor, Place(base_url, plan.folder("bytes", competitor.name))) as session:
                read[competitor.name] = await _read(competitor, session)
            step()
    own = read[OURS.name]
    rows = [
        (
            name,
            *(f"{count:,}" for count in (of.tools, of.without_output, of.text, of.structured, of.larger, of.written)),
            f"{own.tools / of.tools:.2f}",
            f"{own.larger / of.larger:.2f}",
        )
        for name, of in read.items()
    ]
    peers = {name: of for name, of in read.items() if name != OURS.name}
    return Section(
        title="Bytes that reach the model",
        note=f"The result of tools/list, and a purchase of {_LINES} lines: preview, create, get. Hosts show a result's "
        "text or its structured content, so the larger of the two counts for each call. Few hosts show output schemas. "
        '"Written" is the size of the arguments that the model has to write.',
        columns=(
            "server",
            "tools",
            "no output schemas",
            "text",
            "structured",
            "larger",
            "written",
            "our tools / its tools",
            "our purchase / its purchase",
        ),
        rows=rows,
        chart="Bytes of a purchase, ours = 1",
        bars=[(name, of.larger / own.larger) for name, of in read.items()],
        aims=[
            *(Aim(f"bytes of tools/list, relative to {name}", own.tools / of.tools, 0.5) for name, of in peers.items()),
            *(
                Aim(f"bytes of a purchase, relative to {name}", own.larger / of.larger, 0.2)
                for name, of in peers.items()
            ),
        ],
        left_out=left_out,
    )


async def _read(competitor: Competitor, session: Session) -> Read:
    dialect, basket, read = competitor.dialect, Basket(_LINES), Read()
    assert dialect is not None
    listed = await session.ask("tools/list", {})
    read.tools = _size(listed)
    tools: list[dict[str, Any]] = listed["tools"]
    read.without_output = _size([{k: v for k, v in tool.items() if k != "outputSchema"} for tool in tools])

    async def made(call: Call) -> Result:
        result = await called(session, call)
        if not dialect.succeeded(result):
            raise Failed(f"{competitor.name}: {call.tool} did not succeed")
        read.add(call, result)
        return result

    previewed = await made(dialect.preview(basket))
    created = await made(dialect.create(basket, previewed))
    await made(dialect.get(created))
    return read
