"""A call of 2026-07-28 in single rounds: the question as it came, and what is handed back with it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, ElicitRequest, ElicitResult, InputRequiredResult

from support.house import META_KEY, Buyer, House, Person
from support.web import caller, web

YES = ElicitResult(action="accept", content={"approve": True})
NO = ElicitResult(action="decline")


async def asked(buyer: Buyer, order: Mapping[str, Any]) -> InputRequiredResult:
    """The question that create_order puts to the person."""
    question = await handed(buyer, order)
    assert isinstance(question, InputRequiredResult)
    return question


async def handed(
    buyer: Buyer,
    order: Mapping[str, Any],
    question: InputRequiredResult | None = None,
    answer: ElicitResult = YES,
    **changed: Any,
) -> CallToolResult | InputRequiredResult:
    """The next round of create_order: `question` handed back with `answer`, or with what is `changed`."""
    given: dict[str, Any] = {}
    if question is not None:
        given = {"input_responses": answers(question, answer), "request_state": question.request_state, **changed}
    result = await buyer.client.session.call_tool("create_order", dict(order), allow_input_required=True, **given)
    assert isinstance(result, CallToolResult | InputRequiredResult)
    return result


def answers(question: InputRequiredResult, answer: ElicitResult) -> dict[str, Any]:
    """`answer` to everything that was asked."""
    return dict.fromkeys(question.input_requests or {}, answer)


def shown(question: InputRequiredResult) -> str:
    """The text of the dialog."""
    (request,) = (question.input_requests or {}).values()
    assert isinstance(request, ElicitRequest)
    return request.params.message


def outcome(result: CallToolResult | InputRequiredResult) -> str:
    """How a round ended: the outcome, the code of a refusal, or "asked again"."""
    if isinstance(result, InputRequiredResult):
        return "asked again"
    if result.structured_content is None:
        return str((result.meta or {})[META_KEY]["code"])
    return str(result.structured_content["outcome"])


async def refused_state(buyer: Buyer, order: dict[str, Any], question: InputRequiredResult, state: str) -> bool:
    """Whether `state` is not taken for the one that was handed out."""
    try:
        await handed(buyer, order, question, request_state=state)
    except MCPError as error:
        return error.error.data == {"reason": "invalid_request_state"}
    return False


@asynccontextmanager
async def in_process(house: House, **settings: Any) -> AsyncGenerator[Buyer]:
    async with house.buyer("2026-07-28", Person(), **settings) as buyer:
        yield buyer


@asynccontextmanager
async def over_http(house: House, **settings: Any) -> AsyncGenerator[Buyer]:
    async with web(house, **settings) as url, caller(url, "2026-07-28", Person()) as buyer:
        yield buyer


WAYS = (in_process, over_http)
"""The ways to a server with a person who can be asked."""
