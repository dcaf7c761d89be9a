"""A refused call as an MCP result: a text that says what to do next, and a machine-readable copy."""

import re
from collections.abc import Mapping
from typing import Any

from mcp.types import CallToolResult, TextContent
from pydantic_core import to_jsonable_python

from orders_prompts.inert import identifier, inert, quoted
from orders_prompts.renderer import Texts
from orders_tools.errors import FaultCode, InvalidArguments, ToolFault
from orders_tools.rules.refusal_meanings import NO_DETAILS, refusal_code
from orders_tools.vocabulary import IssueCode

_PLAIN_WHY = re.compile(r"[A-Za-z0-9_ .,:\[\]-]{1,200}")
"""Our own words that contain the path of a field, which has to stay legible."""
_FOR_THE_SENTENCE = frozenset({"reason", "meaning", "remedy", "words", "kind", "unavailable"})
META_KEY = "xportcn-orders/error"


def refusal(fault: ToolFault, texts: Texts) -> CallToolResult:
    """An `isError` result: a text that starts with the code, and its copy under `_meta`.

    There is no structured content, because clients raise on any that does not fit the output schema.
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
    shown = {name: value for name, value in details.items() if name not in _FOR_THE_SENTENCE}
    copy = {"code": fault.code.value, "message": message, "next_step": next_step, "details": shown}
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
        details |= _upstream_details(details, texts)
    if fault.code is FaultCode.UPSTREAM_UNAVAILABLE:
        why = str(details["why"])
        details["why"] = why if _PLAIN_WHY.fullmatch(why) else inert(why)
        details["unavailable"] = texts.sentence("unavailable", details["kind"], {"why": details["why"]})
    return details


def _upstream_details(details: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """The upstream's refusal: its words as a quotation, and for a basket their meaning if known.

    If several things block the basket, each is an issue and the sentence only says so.
    """
    code, message = str(details.get("upstream_code") or ""), str(details.get("message") or "")
    issues = details.get("issues", [])
    of_a_basket = "words" in details
    known = details.get("words", {}).get("known") or refusal_code(code, message)
    # The message is already quoted above; do not repeat it in the explanation.
    filled = {**NO_DETAILS, **details.get("words", {}), "message": "", "code": ""}
    meant = of_a_basket or known == IssueCode.NOT_ADMITTED
    unknown = issues or not meant or known == IssueCode.UPSTREAM_REFUSES
    return {
        "upstream_code": identifier(code) if code else "",
        "message": quoted(message),
        "offer_id": identifier(filled["offer_id"]) if filled["offer_id"] else None,
        "issues": issues,
        "meaning": "" if unknown else texts.sentence("issue", known, filled),
        "remedy": texts.sentence("remedy", known, filled) if meant else "",
    }
