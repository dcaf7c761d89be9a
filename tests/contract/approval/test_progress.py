"""While a dialog is open, a client that gave a progress token hears that its call is waited for."""

import asyncio

import pytest
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult

from orders_server.mcp import elicitation as approval
from support.house import Buyer, House, Person, content_of, order_of
from support.web import caller, web

pytestmark = pytest.mark.anyio


class Patient(Person):
    """Answers once progress has been told three times."""

    def __init__(self) -> None:
        super().__init__()
        self.progress: list[float] = []
        self.enough = asyncio.Event()

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        await asyncio.wait_for(self.enough.wait(), 10)
        return await super().__call__(context, params)

    async def hears(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append(progress)
        if len(self.progress) == 3:
            self.enough.set()


async def placed(buyer: Buyer, person: Patient) -> None:
    """Buy with progress told; what is heard rises, and ends with the dialog."""
    order = order_of(await buyer.preview(("plain", 1)))
    result = await buyer.client.call_tool("create_order", order, progress_callback=person.hears)
    heard = list(person.progress)
    await buyer.said("list_orders")

    assert content_of(result)["outcome"] == "placed"
    assert heard == sorted(set(heard))
    assert len(heard) >= 3
    assert person.progress == heard


async def test_progress_is_told_while_a_dialog_is_open(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval, "_PROGRESS_SECONDS", 0)
    person = Patient()
    async with house.server() as server, Client(server, mode="legacy", elicitation_callback=person) as client:
        await placed(Buyer(client, person), person)


async def test_progress_is_told_over_http(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval, "_PROGRESS_SECONDS", 0.001)
    person = Patient()
    async with web(house) as url, caller(url, "legacy", person) as buyer:
        await placed(buyer, person)
