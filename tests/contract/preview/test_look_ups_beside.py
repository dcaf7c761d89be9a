"""Look-ups beside a preview, in virtual time: it takes at most three seconds longer, and nothing of theirs is left."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest

from orders_prompts.renderer import Texts
from orders_server.xportcn.catalogue import PRODUCT_PATH
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_tools.get_offer import get_offer
from orders_tools.ports import Ledger, Policy, Purchasing
from orders_tools.preview_order import preview_order
from orders_tools.purchase.records import Purchase
from orders_tools.results.preview import PreviewResult
from support.house import ADDRESS
from support.virtual_time import in_virtual_time

DEADLINE = 3.0


class Forgetful:
    """A ledger that knows of nothing."""

    async def save_preview(self, purchase: Purchase) -> None: ...

    async def similar(self, purchase: Purchase, since: datetime) -> list[Any]:
        return []

    async def claimed(self, owner: str, purchase_ref: str) -> None: ...

    async def gap(self, since: datetime) -> None: ...


class Network:
    """Answers previews after `preview` seconds and look-ups after `product`, which names a seller for each offer."""

    def __init__(self, preview: float = 0.1, product: float = 10**6) -> None:
        self.preview, self.product = preview, product
        self.now = self.looked_up = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        looks = request.url.path == PRODUCT_PATH
        self.now += 1
        self.looked_up += looks
        try:
            await asyncio.sleep(self.product if looks else self.preview)
        finally:
            self.now -= 1
        answer = _product(int(asked["offerId"])) if looks else _previewed(asked["cargoParamList"])
        body = json.dumps({"code": 200, "msg": "ok", "data": answer})
        return httpx.Response(200, stream=httpx.ByteStream(body.encode()), request=request)


def _product(offer_id: int) -> dict[str, Any]:
    return {"offerId": offer_id, "subject": f"杯子{offer_id}", "sellerOpenId": f"S{offer_id % 3}"}


def _previewed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = [{"offerId": each["offerId"], "specId": "a", "amount": 1000, "finalUnitPrice": 1000} for each in items]
    goods = 1000 * len(items)
    amounts = {"sumPayment": goods, "sumTotalPayment": goods, "sumCarriage": 0, "sumPaymentNoCarriage": goods}
    return [{**amounts, "orderItemTOList": lines}]


def purchasing(network: Network) -> Purchasing:
    http = httpx.AsyncClient(base_url="http://upstream.test", transport=httpx.MockTransport(network))

    def now() -> datetime:
        return datetime(2026, 5, 20, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())

    return Purchasing(
        upstream=XportcnClient(http, Endpoints("/list", "/detail", 15, 30, 6), chance=lambda: 0.5),
        ledger=cast("Ledger", Forgetful()),
        texts=Texts("en"),
        clock=now,
        random_bytes=bytes,
        owner="owner",
        sandbox=False,
        policy=Policy(),
        uninterrupted=nullcontext,
    )


def basket(offers: int, sellers: int) -> dict[str, Any]:
    """So many offers, their lines naming one of so many sellers; or none."""
    lines = [
        {"offer_id": str(1 + n), "quantity": 1, **({"seller_open_id": f"T{n % sellers}"} if sellers else {})}
        for n in range(offers)
    ]
    return {"lines": lines, "address": ADDRESS}


async def timed(call: Coroutine[Any, Any, PreviewResult]) -> tuple[PreviewResult, float]:
    began = asyncio.get_running_loop().time()
    result = await call
    return result, asyncio.get_running_loop().time() - began


@pytest.mark.parametrize(("offers", "sellers"), [(1, 0), (1, 1), (2, 0), (2, 2), (40, 0), (40, 3), (120, 3), (500, 0)])
@pytest.mark.parametrize("preview", [0.1, 2.0, 5.0])
def test_look_ups_that_never_answer_make_a_preview_at_most_three_seconds_longer(
    offers: int, sellers: int, preview: float
) -> None:
    async def both() -> None:
        quick = purchasing(Network(preview, product=0))
        _, without = await timed(preview_order(quick, basket(offers, sellers or 1)))
        network = Network(preview)
        result, seconds = await timed(preview_order(purchasing(network), basket(offers, sellers)))
        assert seconds <= without + DEADLINE + 0.001
        assert result.orderable
        assert [each.code for each in result.issues].count("PRODUCT_UNKNOWN") == 1
        assert network.now == 0

    in_virtual_time(both())


def test_a_preview_that_is_slower_than_the_look_ups_waits_for_none() -> None:
    async def slow() -> float:
        result, seconds = await timed(preview_order(purchasing(Network(5.0, product=1.0)), basket(3, 1)))
        assert [line.title for order in result.orders for line in order.lines] == [f"「杯子{n}」" for n in (1, 2, 3)]
        return seconds

    assert in_virtual_time(slow()) == pytest.approx(5.0)


def test_an_offer_in_several_lines_and_parts_is_looked_up_once() -> None:
    async def looked_up() -> int:
        network = Network(product=0.1)
        lines = [{"offer_id": "7", "spec_id": f"sku{n}", "quantity": 1} for n in range(51)]
        await preview_order(purchasing(network), {"lines": lines, "address": ADDRESS})
        return network.looked_up

    assert in_virtual_time(looked_up()) == 1


@pytest.mark.parametrize("sellers", [0, 1])
@pytest.mark.parametrize("moment", [0.0, 0.05, 0.15, 1.0, 2.999])
def test_a_preview_that_is_given_up_leaves_no_look_up_behind(moment: float, sellers: int) -> None:
    async def given_up() -> None:
        network = Network()
        own = purchasing(network)
        call = asyncio.create_task(preview_order(own, basket(20, sellers)))
        await asyncio.sleep(moment)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        for _ in range(5):
            await asyncio.sleep(0)
        assert network.now == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}
        network.product = 0.1
        again = await preview_order(own, basket(20, 1))
        assert {line.title is None for order in again.orders for line in order.lines} == {False}

    in_virtual_time(given_up())


def test_a_preview_that_is_refused_leaves_no_look_up_behind() -> None:
    async def refused() -> None:
        network = Network()
        own = purchasing(network)
        given = basket(3, 1)
        given["address"] = {**ADDRESS, "street": "x"}
        network.preview = 10**6
        with pytest.raises(Exception, match="UPSTREAM_UNAVAILABLE"):
            await preview_order(own, given)
        await asyncio.sleep(0.01)
        assert network.now == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}

    in_virtual_time(refused())


@pytest.mark.parametrize("fault", [RuntimeError, RecursionError, MemoryError, KeyError, ValueError, TimeoutError])
@pytest.mark.parametrize("sellers", [0, 2])
def test_a_look_up_that_breaks_fails_no_preview(fault: type[Exception], sellers: int) -> None:
    class Broken(XportcnClient):
        async def offer(self, offer_id: str) -> Any:
            raise fault(offer_id)

    async def broken() -> None:
        own = purchasing(Network(product=0.1))
        own.upstream.__class__ = Broken
        result = await preview_order(own, basket(4, sellers))
        assert result.orderable
        assert {line.title for order in result.orders for line in order.lines} == {None}
        assert (await get_offer(own, {"offer_id": "1"})).why == "unreadable"

    in_virtual_time(broken())
