"""Clients that answer by themselves, not at all or with nonsense: each reaches a placed order through the page."""

from contextlib import suppress
from dataclasses import dataclass

import anyio
import pytest
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, ElicitRequestParams, ElicitResult, ErrorData

from orders_tools.create_order import order_with_approval
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.vocabulary import Channel
from support.house import MODES, Buyer, House, Person, order_of, saying

pytestmark = pytest.mark.anyio


class Page:
    """An approval page that is there, as far as the tools know."""

    async def address(self, purchase: Purchase) -> str:
        return f"http://localhost:8766/approvals/{purchase.basket.purchase_ref}"


class Gone(Person):
    """A client that shows the dialog and never comes back from it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = anyio.Event()

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.shown.append(params.message)
        self.asked.set()
        await anyio.sleep_forever()
        raise AssertionError


@dataclass
class Broken(Person):
    """A client whose dialog fails."""

    async def __call__(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ErrorData:
        self.shown.append(params.message)
        return ErrorData(code=INTERNAL_ERROR, message="the dialog cannot be drawn")


def client(kind: str) -> Person | None:
    """A client that answers like this."""
    nonsense = {"accepts nothing": {}, "accepts null": {"approve": None}, "accepts another name": {"ok": True}}
    if kind in nonsense:
        return saying("accept", dict(nonsense[kind]))
    made = {"gives up": Gone, "crashes": Broken}
    if kind in made:
        return made[kind]()
    return {"declines": saying("decline"), "cancels": saying("cancel")}.get(kind)


async def first_call(buyer: Buyer, preview: dict[str, object]) -> None:
    """The first call of create_order, which the client may give up."""
    person = buyer.person
    async with anyio.create_task_group() as calls:
        calls.start_soon(_call, buyer, preview)
        if isinstance(person, Gone):
            await person.asked.wait()
            calls.cancel_scope.cancel()


async def _call(buyer: Buyer, preview: dict[str, object]) -> None:
    with suppress(MCPError):  # a client whose dialog fails may not even get an answer
        await buyer.call("create_order", **order_of(preview))


KINDS = [
    "declines",
    "cancels",
    "accepts nothing",
    "accepts null",
    "accepts another name",
    "gives up",
    "crashes",
    "declares nothing",
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_without_an_answer_of_its_own_orders_within_two_further_calls_by_the_page(
    house: House, mode: str, kind: str
) -> None:
    async with house.buyer(mode, client(kind), page=Page()) as buyer, house.purchasing() as purchasing:
        preview = await buyer.preview(("plain", 1))
        await first_call(buyer, preview)
        before = house.upstream.create_calls
        purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
        assert purchase
        yes = Approval(channel=Channel.PAGE, at=house.clock(), shown_at=house.clock(), by="王芳")
        on_page = await order_with_approval(purchasing, purchase, yes)
        made = await buyer.create(preview)

    assert before == 0
    assert on_page.outcome == "placed"
    assert (made["outcome"], made["replayed"], made["approval"]["by"]) == ("placed", True, "王芳")
    assert house.upstream.create_calls == 1
