"""Another system as approver: it is told by a signed call, and its decision counts once, over exactly that."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from mcp import Client
from pydantic import SecretStr

from orders_server.consent.notices import PAUSE_SECONDS
from support.approver import SECRET, Approver, is_signed
from support.house import ADDRESS, Buyer, House
from support.pages import Site, site
from support.receiver import Looks, Message, Receiver, receiving

pytestmark = pytest.mark.anyio
OTHER = "0123456789-the-secret-of-another-"


def hooked(receiver: Receiver, **changed: Any) -> dict[str, Any]:
    """Settings with a hook to the receiver."""
    url = f"http://127.0.0.1:{receiver.port}/orders?key=hush-s3cret"
    return {"hook_url": SecretStr(url), "hook_secret": SecretStr(SECRET), **changed}


@dataclass
class Case:
    """A purchase that waits, and the other system that was told of it."""

    house: House
    page: Site
    system: Receiver
    preview: dict[str, Any]
    message: Message
    approver: Approver

    async def create(self) -> dict[str, Any]:
        async with Client(self.page.server) as client:
            return await Buyer(client, None).create(self.preview)


@asynccontextmanager
async def told(house: House, *lines: tuple[str, int], **settings: Any) -> AsyncGenerator[Case]:
    """A purchase of which the other system was told."""
    async with receiving() as system, site(house, **hooked(system, **settings)) as page:
        async with Client(page.server) as client:
            buyer = Buyer(client, None)
            preview = await buyer.preview(*(lines or (("plain", 3),)), purchase_ref="PO-1")
            await buyer.create(preview)
        message = await system.next()
        http = (await page.stranger()).http
        path = urlsplit(message.content["decision_url"] or f"{message.content['page_url']}/decision").path
        yield Case(house, page, system, preview, message, Approver(http, house.clock, message.content, path))


async def test_it_is_told_by_a_signed_call_what_waits_and_where_to_answer(house: House) -> None:
    async with told(house, ("plain", 3), ("carriage-by-description", 1)) as case:
        content = case.message.content
        assert case.message.line == "POST /orders?key=hush-s3cret HTTP/1.1"
        assert is_signed(case.message)
        assert int(case.message.headers["x-xportcn-timestamp"]) == int(house.clock().timestamp())
        assert content["event"] == "waits"
        assert content["purchase_ref"] == "PO-1"
        assert content["decision_url"] == f"{case.page.origin}/approvals/PO-1/decision"
        assert content["asked_by"] == {"client": "「mcp」", "account": "「sandbox-user」"}
        shown = {name: case.preview[name] for name in ("totals", "orders", "issues", "expires_at", "sandbox")}
        translated = json.loads(json.dumps(content["preview"]))
        for line in (line for order in translated["orders"] for line in order["lines"]):
            assert line.pop("translation")
        assert {name: translated[name] for name in shown} == shown
        assert case.preview["preview_token"] not in case.message.body.decode()
        for personal in ("full_name", "mobile", "street"):
            assert ADDRESS[personal] not in case.message.body.decode()


async def test_its_approval_orders_at_once_in_its_own_name(either_house: House) -> None:
    async with told(either_house) as case:
        said = await case.approver.send(case.approver.body())
        over = await case.system.next()
        result = await case.create()

    assert (said.status, said.content) == (200, {"purchase_ref": "PO-1", "outcome": "placed"})
    assert len(either_house.upstream.orders()) == 1
    assert result["approval"]["channel"] == "page"
    assert result["approval"]["by"] == "Budget desk (hook)"
    assert is_signed(over)
    assert (over.content["event"], over.content["by"]) == ("approved", "Budget desk (hook)")
    assert either_house.upstream.create_calls == 1


async def test_its_no_is_final(house: House) -> None:
    async with told(house) as case:
        said = await case.approver.send(case.approver.body("decline"))
        late = await case.approver.send(case.approver.body("approve"))
        result = await case.create()
    assert said.content == late.content == {"purchase_ref": "PO-1", "outcome": "declined"}
    assert result["outcome"] == "declined"
    assert house.upstream.create_calls == 0


async def test_what_changed_meanwhile_is_said_and_not_ordered(house: House) -> None:
    async with told(house, ("price-rise", 1)) as case:
        said = await case.approver.send(case.approver.body())
    assert (said.status, said.content["outcome"]) == (200, "price_changed")
    assert house.upstream.orders() == []


BAD: dict[str, Callable[[Approver], tuple[bytes, dict[str, str]]]] = {
    "old": lambda it: (it.body(), it.headers(it.body(), it.stamp(-301))),
    "future": lambda it: (it.body(), it.headers(it.body(), it.stamp(31))),
    "signed with another secret": lambda it: (it.body(), it.headers(it.body(), secret=OTHER)),
    "signed over another body": lambda it: (it.body(), it.headers(it.body("decline"))),
    "with the time of another signature": lambda it: (
        it.body(),
        it.headers(it.body()) | {"X-Xportcn-Timestamp": it.stamp(-1)},
    ),
    "without a signature": lambda it: (it.body(), {"X-Xportcn-Timestamp": it.stamp()}),
    "without a time": lambda it: (
        it.body(),
        {"X-Xportcn-Signature": it.headers(it.body(), "")["X-Xportcn-Signature"]},
    ),
    "with a time in words": lambda it: (it.body(), it.headers(it.body(), "now")),
    "with a time that is no number": lambda it: (it.body(), it.headers(it.body(), f"{it.stamp()}.5")),
    "with a signature of another version": lambda it: (
        it.body(),
        {name: value.replace("v1=", "v0=") for name, value in it.headers(it.body()).items()},
    ),
    "empty": lambda it: (b"", it.headers(b"")),
    "not JSON": lambda it: (b"approve", it.headers(b"approve")),
    "not UTF-8": lambda it: (b"\xff", it.headers(b"\xff")),
    "too large": lambda it: (it.body(note="x" * 70_000), it.headers(it.body(note="x" * 70_000))),
    "with a field too many": lambda it: (it.body(total="1.00"), it.headers(it.body(total="1.00"))),
    "with another word": lambda it: (it.body("yes"), it.headers(it.body("yes"))),
    "with a name that is a number": lambda it: (it.body(name=7), it.headers(it.body(name=7))),
    "without a name": lambda it: (it.body(name=None), it.headers(it.body(name=None))),
    "with an empty name": lambda it: (it.body(name=" "), it.headers(it.body(name=" "))),
    "with a name that breaks the line": lambda it: (it.body(name="a\nb"), it.headers(it.body(name="a\nb"))),
    "without a digest": lambda it: (it.body(digest=None), it.headers(it.body(digest=None))),
    "with a wrong digest": lambda it: (it.body(digest="0" * 64), it.headers(it.body(digest="0" * 64))),
    "with half a digest": lambda it: (
        it.body(digest=it.told["digest"][:32]),
        it.headers(it.body(digest=it.told["digest"][:32])),
    ),
}


@pytest.mark.parametrize("wrong", BAD)
async def test_a_decision_that_is_wrong_in_any_way_gets_one_plain_answer(house: House, wrong: str) -> None:
    async with told(house) as case:
        said = await case.approver.send(*BAD[wrong](case.approver))
        assert (said.status, said.body) == (403, b'{"error":"refused"}')
        assert (await case.create())["outcome"] == "awaiting_approval"
    assert house.upstream.create_calls == 0


async def test_it_may_be_five_minutes_old_and_its_clock_a_little_ahead(house: House) -> None:
    for seconds in (-300, 30):
        async with told(house) as case:
            body = case.approver.body("decline")
            said = await case.approver.send(body, case.approver.headers(body, case.approver.stamp(seconds)))
            assert said.content["outcome"] == "declined"
        house.clock.forward(1)


async def test_a_replayed_decision_is_refused_whatever_became_of_the_first(house: House) -> None:
    async with told(house) as case:
        bodies = [case.approver.body(digest="0" * 64), case.approver.body()]
        for body in bodies:
            headers = case.approver.headers(body)
            first, again = [await case.approver.send(body, headers) for _ in range(2)]
            assert (again.status, again.body) == (403, b'{"error":"refused"}')
            assert first.status == (403 if body == bodies[0] else 200)
    assert house.upstream.create_calls == 1


async def test_a_decision_for_another_ref_is_refused(house: House) -> None:
    async with told(house) as case:
        async with Client(case.page.server) as client:
            await Buyer(client, None).preview(("promotion", 1), purchase_ref="PO-2")
        for path in ("/approvals/PO-2/decision", "/approvals/PO-3/decision", "/approvals/pair/decision"):
            said = await case.approver.send(case.approver.body(name=path), path=path)
            assert (said.status, said.body) == (403, b'{"error":"refused"}')
    assert house.upstream.create_calls == 0


async def test_our_own_message_sent_back_decides_nothing(house: House) -> None:
    async with told(house) as case:
        headers = {name: case.message.headers[name] for name in ("x-xportcn-timestamp", "x-xportcn-signature")}
        assert (await case.approver.send(case.message.body, headers)).status == 403


async def test_sixteen_at_once_order_once(house: House) -> None:
    async with told(house) as case:
        body = case.approver.body()
        headers = case.approver.headers(body)
        same = [case.approver.send(body, headers) for _ in range(8)]
        others = [case.approver.send(case.approver.body(name=f"Desk {number}")) for number in range(8)]
        said = await asyncio.gather(*same, *others)
    assert sum(each.status == 200 for each in said[:8]) <= 1
    assert house.upstream.create_calls == 1


async def test_where_a_passkey_is_demanded_no_system_is_enough(house: House) -> None:
    async with told(house, approval="passkey") as case:
        assert case.message.content["decision_url"] is None
        said = await case.approver.send(case.approver.body())
        assert (said.status, said.body) == (403, b'{"error":"refused"}')
        declined = await case.approver.send(case.approver.body("decline"))
        assert declined.content["outcome"] == "declined"
    assert house.upstream.create_calls == 0


async def test_what_was_changed_in_the_file_is_not_what_was_told(house: House) -> None:
    async with told(house) as case:
        house.sql("UPDATE purchases SET basket = replace(basket, '\"quantity\":3', '\"quantity\":9')")
        assert (await case.approver.send(case.approver.body())).status == 403
    assert house.upstream.create_calls == 0


async def test_without_a_hook_every_decision_is_refused(house: House) -> None:
    async with site(house) as page:
        async with Client(page.server) as client:
            await Buyer(client, None).preview(("plain", 3), purchase_ref="PO-1")
        approver = Approver((await page.stranger()).http, house.clock, {"digest": "0" * 64}, "/approvals/PO-1/decision")
        said = await approver.send(approver.body())
        assert (said.status, said.body) == (403, b'{"error":"refused"}')


async def test_reading_the_address_decides_nothing(house: House) -> None:
    async with told(house) as case:
        response = await case.approver.http.get(case.approver.path)
        assert response.status_code in {401, 404}
        assert (await case.create())["outcome"] == "awaiting_approval"


async def test_a_redirect_is_not_followed(house: House, caplog: pytest.LogCaptureFixture) -> None:
    looks = Looks(house)
    async with receiving() as elsewhere:
        moved = f"302 Found\r\nLocation: http://127.0.0.1:{elsewhere.port}/"
        async with receiving(moved, moved) as system, house.buyer(**hooked(system)) as buyer:
            await buyer.create(await buyer.preview(("plain", 3), purchase_ref="PO-1"))
            await system.next()
            looks.pass_one(PAUSE_SECONDS)
            await system.next()
        assert elsewhere.messages == []
    assert "purchase PO-1: the hook did not take the message (waits)" in caplog.text
    assert "s3cret" not in caplog.text
