"""Look-ups of offers beside everything else, in virtual time: few at once, soon over, and in nobody's way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from orders_server.xportcn.catalogue import MOST_BYTES, PRODUCT_PATH, ProductEndpoints
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.retry import Reads
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import OfferUnknown
from orders_tools.vocabulary import WhyUnknown
from support.one_part import ADDRESS, LINES, PART
from support.virtual_time import in_virtual_time

from .documented_answers import CREATED_FLAT, LISTED, PREVIEW_2026, raw, wrapped

ANSWERS = {
    "/alibaba/ka/order/create/preview": raw(PREVIEW_2026),
    "/alibaba/ka/order/create": wrapped(CREATED_FLAT),
    "/list": wrapped(LISTED),
}
DEADLINE = 3.0


class Network:
    """Answers after 0.1 s whatever is not an offer; offers after `seconds`, or as `status` and `body` say."""

    def __init__(self, seconds: float = 10**6, status: int = 200, body: bytes = b"") -> None:
        self.seconds, self.status, self.body = seconds, status, body
        self.now = self.most = self.calls = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        product = request.url.path == PRODUCT_PATH
        self.now += 1
        self.calls += product
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self.seconds if product else 0.1)
        finally:
            self.now -= 1
        body = self.body if product else ANSWERS[request.url.path]
        return httpx.Response(self.status if product else 200, stream=httpx.ByteStream(body), request=request)


def client(network: Network, most: int = 6, seconds: float = DEADLINE) -> XportcnClient:
    http = httpx.AsyncClient(base_url="http://upstream.test", transport=httpx.MockTransport(network))
    products = ProductEndpoints(seconds=seconds)
    return XportcnClient(http, Endpoints("/list", "/detail", 15, 30, most, products=products), chance=lambda: 0.5)


def body(offer_id: int, **fields: Any) -> bytes:
    return wrapped({"offerId": offer_id, "subject": "杯子", **fields})


async def took(call: Awaitable[Any]) -> float:
    began = asyncio.get_running_loop().time()
    await call
    return asyncio.get_running_loop().time() - began


async def why(call: Awaitable[Any]) -> WhyUnknown:
    with pytest.raises(OfferUnknown) as unknown:
        await call
    return unknown.value.why


def test_all_look_ups_are_over_in_their_deadline_however_many_wait() -> None:
    async def crowd() -> None:
        network = Network()
        upstream = client(network)
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert set(await asyncio.gather(*(why(upstream.offer(str(1 + number))) for number in range(50)))) == {
            WhyUnknown.LATE
        }
        assert loop.time() - began == pytest.approx(DEADLINE)
        assert network.most == 3
        assert network.calls == 3

    in_virtual_time(crowd())


@pytest.mark.parametrize("most", [3, 4, 6, 32])
def test_look_ups_that_hang_keep_no_preview_no_look_and_no_create_waiting(most: int) -> None:
    async def beside() -> None:
        network = Network()
        upstream = client(network, most)
        crowd = [asyncio.create_task(why(upstream.offer(str(1 + number)))) for number in range(40)]
        await asyncio.sleep(1)
        for call in (
            upstream.preview(LINES, ADDRESS, None),
            upstream.orders(OrderQuery()),
            upstream.create(PART, ADDRESS),
        ):
            assert await took(call) == pytest.approx(0.1)
        assert network.most <= most
        await asyncio.gather(*crowd)

    in_virtual_time(beside())


@pytest.mark.parametrize("previews", [0, 20])
def test_everything_at_once_stays_within_the_limit_of_reads(previews: int) -> None:
    async def storm() -> None:
        network = Network(seconds=0.1, body=body(1))
        upstream = client(network)
        calls: list[Awaitable[Any]] = [upstream.preview(LINES, ADDRESS, None) for _ in range(previews)]
        calls += [upstream.orders(OrderQuery()) for _ in range(20)]
        calls += [upstream.offer(str(2 + number)) for number in range(20)]
        await asyncio.gather(*calls, return_exceptions=True)
        assert network.most == 6

    in_virtual_time(storm())


def test_a_preview_that_waits_goes_before_look_ups_that_waited_longer() -> None:
    async def queued() -> list[str]:
        reads, order = Reads(15, 6, lambda: 0.5), list[str]()

        def named(name: str) -> Callable[[], Awaitable[None]]:
            async def one_try() -> None:
                order.append(name)
                await asyncio.sleep(0.5)

            return one_try

        calls = [asyncio.create_task(reads.preview(named("first"))) for _ in range(4)]
        await asyncio.sleep(0.1)
        calls += [asyncio.create_task(reads.glance(named("glance"), 3)) for _ in range(3)]
        await asyncio.sleep(0.1)
        calls += [asyncio.create_task(reads.preview(named("second"))) for _ in range(4)]
        await asyncio.gather(*calls)
        return order

    assert in_virtual_time(queued()) == ["first"] * 4 + ["second"] * 4 + ["glance"] * 3


def test_a_place_that_is_given_up_while_waiting_is_not_lost() -> None:
    async def given_up() -> None:
        reads = Reads(15, 3, lambda: 0.5)

        async def short() -> None:
            await asyncio.sleep(0.1)

        for moment in (0.0, 0.05, 0.1, 0.10001):
            calls = [asyncio.create_task(reads.preview(short)) for _ in range(6)]
            calls += [asyncio.create_task(reads.glance(short, 3)) for _ in range(6)]
            await asyncio.sleep(moment)
            for call in calls[1::2]:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            assert await took(asyncio.gather(*(reads.preview(short) for _ in range(2)))) == pytest.approx(0.1)
            assert await took(reads.glance(short, 3)) == pytest.approx(0.1)

    in_virtual_time(given_up())


def test_a_place_that_is_handed_to_somebody_who_leaves_at_that_moment_is_not_lost() -> None:
    async def left() -> None:
        reads = Reads(15, 3, lambda: 0.5)

        async def short() -> None:
            await asyncio.sleep(0.1)

        async def then_the_next_one_leaves() -> None:
            await reads.preview(short)
            waiting.cancel()

        holding = [asyncio.create_task(then_the_next_one_leaves()), asyncio.create_task(reads.preview(short))]
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(reads.preview(short))
        await asyncio.gather(*holding, waiting, return_exceptions=True)
        assert waiting.cancelled()
        assert await took(asyncio.gather(*(reads.preview(short) for _ in range(2)))) == pytest.approx(0.1)

    in_virtual_time(left())


def test_a_look_up_goes_on_for_whoever_still_wants_it_and_ends_with_the_last() -> None:
    async def leaving() -> None:
        network = Network(seconds=1, body=body(7))
        upstream = client(network)
        first, second = (asyncio.create_task(upstream.offer("7")) for _ in range(2))
        await asyncio.sleep(0.5)
        first.cancel()
        assert (await second).title == "杯子"
        assert network.calls == 1
        alone = asyncio.create_task(upstream.offer("8"))
        await asyncio.sleep(0.5)
        alone.cancel()
        await asyncio.gather(alone, return_exceptions=True)
        await asyncio.sleep(0)
        assert network.now == 0
        again = asyncio.create_task(why(upstream.offer("8")))
        assert await again == WhyUnknown.OTHER_OFFER

    in_virtual_time(leaving())


@pytest.mark.parametrize(
    ("status", "answer", "expected", "calls"),
    [
        (429, b"", WhyUnknown.REFUSED, 2),
        (400, b'{"error_code": "gw.QosAppFrequencyLimit"}', WhyUnknown.REFUSED, 2),
        (500, b"<html>", WhyUnknown.UNREADABLE, 2),
        (302, b"", WhyUnknown.UNREADABLE, 2),
        (200, b'{"code": 200, "data": {"offerId": 7, "offerId": 7}}', WhyUnknown.UNREADABLE, 2),
        (200, b'{"code": 200, "data": {"offerId": 7, "price": 1e400}}', WhyUnknown.UNREADABLE, 2),
        (200, b"[" * 5000, WhyUnknown.UNREADABLE, 2),
        (200, b'{"code":200,"data":[' + b"[]," * 160_000 + b"[]]}", WhyUnknown.UNREADABLE, 2),
        (500, wrapped(None, code=500, msg="x"), WhyUnknown.REFUSED, 1),
        (200, wrapped(None, code=623, msg="x"), WhyUnknown.REFUSED, 1),
    ],
    ids=["429", "limited", "html", "redirect", "twice", "number", "deep", "many", "500", "code"],
)
def test_one_try_is_made_and_only_a_refusal_of_the_api_is_kept(
    status: int, answer: bytes, expected: WhyUnknown, calls: int
) -> None:
    async def twice() -> int:
        network = Network(seconds=0.1, status=status, body=answer)
        upstream = client(network)
        assert [await why(upstream.offer("7")) for _ in range(2)] == [expected] * 2
        return network.calls

    assert in_virtual_time(twice()) == calls


def test_an_offer_may_be_large_and_not_larger() -> None:
    async def looked_up(fill: int, skus: int = 0) -> int:
        row = {"specId": "a" * 32, "skuId": 1, "skuAttributes": [{"attributeName": "颜色", "value": "白"}] * 3}
        content = body(7, description="<p>" * (fill // 3), productSkuInfos=[row] * skus)
        upstream = client(Network(seconds=0.1, body=content))
        return len((await upstream.offer("7")).skus)

    assert in_virtual_time(looked_up(MOST_BYTES - 1000)) == 0
    assert in_virtual_time(looked_up(0, skus=2000)) == 2000
    assert in_virtual_time(why(looked_up(MOST_BYTES))) == WhyUnknown.UNREADABLE
