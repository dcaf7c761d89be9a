"""Answers as files, one for each way that an answer can be, and what each must become.

`corpus/KIND/NAME.json` is a body as it travels; `NAME.expected.json` beside it is what the client makes of it, and what
the rules find in it. `UPDATE_SNAPSHOTS=1` writes the expected ones: read each before it is kept.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_tools.offers.model import OfferQuery
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import OfferUnknown, UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.model import Address, Basket, Line
from orders_tools.purchase.records import Finding
from orders_tools.rules.create_evidence import judge
from orders_tools.rules.preview_rules import findings_of, part_of
from orders_tools.rules.refusal_meanings import refusal
from support.snapshots import same_as_file

pytestmark = pytest.mark.anyio

CORPUS = Path(__file__).parent / "corpus"
CASES = sorted(path for path in CORPUS.glob("*/*.json") if not path.name.endswith(".expected.json"))
ADDRESS = Address(full_name="测试收货人", mobile="13800000000", province="浙江省", city="杭州市", street="测试路1号")
LINES = (
    Line(offer_id="731200000017", quantity=7, spec_id="c0ffee00a1b2c3d4e5f60718293a4b5c"),
    Line(offer_id="731200000024", quantity=2),
)
"""What is asked for: the lines whose offers the body names, the first one where it names none."""

PREVIEWED = 2
"""How many orders the preview told of that an answer to create is held against."""


def client(body: bytes) -> XportcnClient:
    """A client whose upstream answers everything with `body`."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(body)))
    http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
    return XportcnClient(http, Endpoints("/list", "/detail", 20, 20))


def basket(body: bytes) -> Basket:
    asked = tuple(line for line in LINES if line.offer_id.encode() in body) or LINES[:1]
    return Basket(lines=asked, flow=None, buyer_message="", purchase_ref="PO1")


def told(finding: Finding) -> dict[str, Any]:
    """A finding without the upstream's words, which stand in the body."""
    details = {name: value for name, value in finding.details.items() if value and name not in {"message", "code"}}
    return {"severity": finding.severity, "code": finding.code, "offer_id": finding.offer_id, **details}


async def preview(body: bytes) -> Any:
    asked = basket(body)
    try:
        answer = await client(body).preview(asked.lines, ADDRESS, None)
    except UpstreamRefused as error:
        return {**refused(error), "means": told(refusal(asked.lines, error.code, error.message))}
    found = findings_of(part_of("PO1", asked.lines, answer, asked, None, ""))
    return {"answer": answer.model_dump(mode="json", exclude_defaults=True), "findings": [told(each) for each in found]}


async def create(body: bytes) -> Any:
    asked = basket(body)
    answered = await client(wrapped_preview()).preview(LINES[:1], ADDRESS, None)
    reply = await client(body).create(part_of("PO1", LINES[:1], answered, asked, "assureTrade", ""), ADDRESS)
    proved = judge(reply, (), PREVIEWED)
    return {"reply": reply.model_dump(mode="json", exclude_defaults=True), "proves": proved.state.value}


def wrapped_preview() -> bytes:
    return (CORPUS / "preview" / "2026-plain.json").read_bytes()


async def order(body: bytes) -> Any:
    found = await client(body).order("3391846520177730455")
    return found and found.model_dump(mode="json", exclude_defaults=True)


async def orders(body: bytes) -> Any:
    page = await client(body).orders(OrderQuery())
    return page.model_dump(mode="json", exclude_defaults=True)


async def offer(body: bytes) -> Any:
    try:
        told = await client(body).offer(LINES[0].offer_id)
    except OfferUnknown as unknown:
        return {"unknown": unknown.why, "told": unknown.detail}
    return told.model_dump(mode="json", exclude_defaults=True)


async def search(body: bytes) -> Any:
    page = await client(body).offers(OfferQuery(keywords="帆布袋"))
    return page.model_dump(mode="json", exclude_defaults=True)


def refused(error: UpstreamRefused) -> dict[str, Any]:
    return {"refused": {"code": error.code, "message": error.message}}


READERS: dict[str, Callable[[bytes], Awaitable[Any]]] = {
    "preview": preview,
    "create": create,
    "order": order,
    "list": orders,
    "offer": offer,
    "search": search,
}


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_an_answer_becomes_what_its_file_says(case: Path) -> None:
    try:
        made = await READERS[case.parent.name](case.read_bytes())
    except UpstreamRefused as error:
        made = refused(error)
    except UpstreamUnavailable as error:
        made = {"unavailable": error.why}
    same_as_file(case.with_suffix(".expected.json"), json.dumps(made, ensure_ascii=False, indent=1))


def test_the_corpus_is_whole() -> None:
    expected = {path.with_suffix(".expected.json") for path in CASES}
    assert expected == set(CORPUS.glob("*/*.expected.json"))
    for kind, least in (("preview", 60), ("offer", 45), ("search", 15)):
        assert len([case for case in CASES if case.parent.name == kind]) >= least
