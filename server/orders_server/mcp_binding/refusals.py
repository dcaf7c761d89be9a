"""A refused call as MCP has it: a text that says what to do next, and its machine-readable copy."""

from collections.abc import Mapping
from typing import Any

from mcp.types import CallToolResult, TextContent
from pydantic_core import to_jsonable_python

from orders_prompts.inert import identifier, inert, quoted
from orders_prompts.renderer import Texts
from orders_tools.faults import FaultCode, InvalidArguments, ToolFault
from orders_tools.judgement import refusal_code

META_KEY = "xportcn-orders/error"


def refusal(fault: ToolFault, texts: Texts) -> CallToolResult:
    """`isError`, a text that starts with the code, the copy under `_meta`, and no structured content.

    Without structured content, because clients throw on any that does not fit the output schema.
    """
    details = _details(fault, texts)
    message = texts.sentence("fault", fault.code, details)
    next_step = texts.sentence("fault_next", fault.code, details)
    text = texts.render(
        "error",
        code=fault.code.value,
        message=message,
        faults=details.get("faults", []),
        issues=details.get("issues", []),
        next_step=next_step,
    )
    told = {name: value for name, value in details.items() if name not in {"reason", "meaning", "remedy"}}
    copy = {"code": fault.code.value, "message": message, "next_step": next_step, "details": told}
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        is_error=True,
        _meta={META_KEY: to_jsonable_python(copy)},
    )


def _details(fault: ToolFault, texts: Texts) -> dict[str, Any]:
    details: dict[str, Any] = {**fault.details, "reason": fault.reason}
    if isinstance(fault, InvalidArguments):
        details["faults"] = [
            {"path": each.path, "problem": texts.sentence("argument", each.problem, each.details)}
            for each in fault.faults
        ]
    if fault.code is FaultCode.UPSTREAM_REJECTED:
        details |= _upstreams_words(details, texts)
    if fault.code is FaultCode.UPSTREAM_UNAVAILABLE:
        details["why"] = inert(str(details["why"]))
    return details


def _upstreams_words(details: Mapping[str, Any], texts: Texts) -> dict[str, str]:
    """What the upstream refused with: its words as a quotation, and what they mean where that is known."""
    code, message = str(details.get("upstream_code") or ""), str(details.get("message") or "")
    known = refusal_code(message, code)
    words = {"message": "", "code": "", "number": "", "offer_id": None}
    meaning = "" if known == "UPSTREAM_REFUSES" else texts.sentence("issue", known, words)
    return {
        "upstream_code": identifier(code) if code else "",
        "message": quoted(message),
        "meaning": meaning,
        "remedy": texts.sentence("remedy", known, words),
    }
