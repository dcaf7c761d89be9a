"""What the approval page says where a yes does not lead to an order at once."""

from typing import Any

import pytest
from mcp import Client

from orders_server.xportcn.client import XportcnClient
from orders_tools.consent.answer import record_yes
from orders_tools.ports import UpstreamUnavailable
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel, Unavailability
from support.house import Buyer, House
from support.pages import Site, site

pytestmark = pytest.mark.anyio


async def preview(page: Site, ref: str, **named: Any) -> str:
    async with Client(page.server) as client:
        return (await Buyer(client, None).preview(("plain", 3), purchase_ref=ref, **named))["preview_token"]


async def test_something_alike_that_was_ordered_since_the_page_was_opened_is_said_first(house: House) -> None:
    async with site(house) as page:
        await preview(page, "PO-1")
        await preview(page, "PO-2")
        browser = await page.person()
        first, second = await browser.open("/approvals/PO-1"), await browser.open("/approvals/PO-2")
        house.clock.forward(5)
        assert (await browser.send(first.form("/approve"))).text.startswith("Ordered")
        house.clock.forward(5)

        said = await browser.send(second.form("/approve"))

        assert said.status == 409
        assert "Something like it was ordered, or is in doubt, since you opened this page." in said.text
        assert "PO-1" in said.text
        assert house.upstream.create_calls == 1
        house.clock.forward(5)
        assert (await browser.send(said.form("/approve"))).text.startswith("Ordered")
        assert house.upstream.create_calls == 2


async def test_a_yes_is_kept_where_1688_does_not_answer_before_the_send(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object, **__: object) -> None:
        raise UpstreamUnavailable("no answer", Unavailability.NO_ANSWER)

    async with site(house) as page:
        await preview(page, "PO-1")
        browser = await page.person()
        shown = await browser.open("/approvals/PO-1")
        with monkeypatch.context() as patch:
            patch.setattr(XportcnClient, "preview", silent)
            said = await browser.send(shown.form("/approve"))
        assert said.status == 409
        assert "Your yes is kept, and nothing was ordered." in said.text
        assert "There is a yes to this order already, and it is not ordered yet." in said.text
        assert house.upstream.create_calls == 0
        assert (await browser.send(said.form("/approve"))).text.startswith("Ordered")


async def test_a_yes_of_the_terminal_can_be_ordered_from_the_page(house: House) -> None:
    async with site(house) as page:
        token = await preview(page, "PO-1")
        purchasing = (await page.parts()).purchasing
        purchase = await purchasing.ledger.purchase(purchasing.owner, token)
        assert purchase
        given = Approval(channel=Channel.TERMINAL, at=house.clock(), shown_at=house.clock())
        assert await record_yes(purchasing.ledger, purchase, given)
        browser = await page.person()
        shown = await browser.open("/approvals/PO-1")
        assert "Order now for 93.00 CNY" in shown.text
        done = await browser.send(shown.form("/approve"))
        assert done.text.startswith("Ordered")
        assert "in a terminal on the server's machine" in done.text


async def test_an_order_that_is_on_its_way_is_looked_at_again_by_the_page_itself(house: House) -> None:
    async with site(house) as page:
        await preview(page, "PO-1")
        browser = await page.person()
        shown = await browser.open("/approvals/PO-1")
        await browser.send(shown.form("/approve"))
        house.sql("delete from placed_orders")
        house.sql("update placements set state = 'dispatched', verdict = null")
        for said in (await browser.open("/approvals/PO-1/result"), await browser.send(shown.form("/approve"))):
            assert said.text.startswith("Being ordered")
            assert '<meta http-equiv="refresh" content="3">' in said.response.text
        house.clock.forward(60)
        unknown = await browser.open("/approvals/PO-1/result")
        assert unknown.text.startswith("Not known yet whether it was ordered")
        settled = await browser.send(unknown.form("/look"))
        assert house.upstream.create_calls == 1
        assert settled.status == 200


async def test_a_ledger_that_cannot_be_read_is_said_and_nothing_is_ordered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orders_server.ledger.store import Store
    from orders_tools.errors import StoreUnavailable

    async def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable("disk I/O error")

    async with site(house) as page:
        await preview(page, "PO-1")
        browser = await page.person()
        shown = await browser.open("/approvals/PO-1")
        with monkeypatch.context() as patch:
            patch.setattr(Store, "writing", broken)
            said = await browser.send(shown.form("/approve"))
            assert "The server's ledger cannot be used." in said.text
            declined = await browser.send(shown.form("/decline"))
            assert declined.status == 503
            patch.setattr(Store, "reading", broken)
            assert (await browser.open("/approvals/PO-1")).status == 503
        assert house.upstream.create_calls == 0
        assert (await browser.open("/approvals/PO-1")).status == 200
