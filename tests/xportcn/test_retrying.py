"""Reads that are tried again, in virtual time: how often, after how long, how many at once. Creates are not."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from orders_server.xportcn.auth import SignedHeaders
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.retry import LONGEST_WAIT, TRIES, Reads, wait_from_header
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import UpstreamRefused, UpstreamUnavailable
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.create_evidence import judge
from support.one_part import ADDRESS, LINES, PART
from support.virtual_time import in_virtual_time

from .documented_answers import CREATED_FLAT, DETAILED, LISTED, PREVIEW_2026, raw, wrapped

START = datetime(2026, 5, 20, 7, 40, tzinfo=UTC)
DEADLINE, CREATE_DEADLINE = 15.0, 30.0
FOR_EVER = 10.0**6
SCHEDULES = 1_000
WHOLE = {
    "/api/alibaba/ka/order/create/preview": raw(PREVIEW_2026),
    "/api/alibaba/ka/order/create": wrapped(CREATED_FLAT),
    "/api/list": wrapped(LISTED),
    "/api/detail": wrapped(DETAILED),
}


@dataclass(frozen=True)
class Act:
    """What the other side does to one call after `seconds`: a fault of the connection, or an answer."""

    seconds: float = 0.1
    raises: type[httpx.TransportError] | None = None
    status: int = 200
    body: bytes | None = None
    """None stands for the right answer."""
    headers: tuple[tuple[str, str], ...] = ()
    asked: float = 0
    """The wait that it asks for, as far as it may be honoured."""

    @property
    def passes(self) -> bool:
        """Whether another try may fare better."""
        if self.raises or self.seconds >= FOR_EVER or self.status == 429:
            return True
        readable = self.body is None or self.body.startswith(b"{")
        return not readable and (self.status < 300 or self.status in {502, 503, 504})


@dataclass
class Stage:
    """A network with a script: what each call met and when; unscripted calls are answered well."""

    acts: list[Act] = field(default_factory=list[Act])
    calls: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    ended: list[float] = field(default_factory=list[float])
    signed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    inside: Counter[str] = field(default_factory=Counter[str])
    most: Counter[str] = field(default_factory=Counter[str])

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        loop, path = asyncio.get_running_loop(), request.url.path
        self.calls.append((path, loop.time()))
        self.signed.append((request.headers["nonce-str"], request.headers["timestamp"]))
        act = self.acts.pop(0) if self.acts else Act()
        for counted in (path, "all"):
            self.inside[counted] += 1
            self.most[counted] = max(self.most[counted], self.inside[counted])
        try:
            await asyncio.sleep(act.seconds)
        finally:
            self.ended.append(loop.time())
            self.inside.subtract([path, "all"])
        if act.raises:
            raise act.raises("as told", request=request)
        body = WHOLE[path] if act.body is None else act.body
        return httpx.Response(act.status, headers=list(act.headers), stream=httpx.ByteStream(body), request=request)


@asynccontextmanager
async def calling(
    stage: Stage, chance: Callable[[], float] = lambda: 0.5, deadline: float = DEADLINE
) -> AsyncGenerator[XportcnClient]:
    loop = asyncio.get_running_loop()

    def clock() -> datetime:
        return START + timedelta(seconds=loop.time())

    auth = SignedHeaders("key", "secret", "user", unit="ms", clock=clock, random_bytes=random.Random(0).randbytes)
    endpoints = Endpoints("/list", "/detail", read_timeout=deadline, create_timeout=CREATE_DEADLINE)
    transport = httpx.MockTransport(stage)
    async with httpx.AsyncClient(base_url="http://upstream.test/api", auth=auth, transport=transport) as http:
        yield XportcnClient(http, endpoints, clock=clock, chance=chance)


def reads(client: XportcnClient) -> list[Callable[[], Coroutine[Any, Any, object]]]:
    return [
        lambda: client.preview(LINES, ADDRESS, None),
        lambda: client.orders(OrderQuery()),
        lambda: client.order("58218860983545941"),
    ]


def retry_after(value: str, asked: float) -> Act:
    return Act(status=503, body=b"busy", headers=(("Retry-After", value),), asked=asked)


PASSING = (
    Act(raises=httpx.ConnectError),
    Act(raises=httpx.ConnectTimeout, seconds=5),
    Act(raises=httpx.ReadError),
    Act(raises=httpx.RemoteProtocolError),
    Act(seconds=FOR_EVER),
    Act(status=429, body=b"", asked=2),
    Act(status=502, body=b"<html>"),
    Act(status=504, body=b"<html>", seconds=8),
    Act(body=b'"cut'),
    Act(body=b"<html>"),
    Act(body=b"\xff\xfe"),
    retry_after("-5", 0),
    retry_after("3", 3),
    retry_after("1000000000", LONGEST_WAIT),
    retry_after("9" * 500, LONGEST_WAIT),
    retry_after("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
    retry_after("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    retry_after("soon", 0),
)
DECIDING = (
    Act(),
    Act(seconds=4),
    Act(body=wrapped(None, code=500, msg="500_004")),
    Act(status=502, body=wrapped(None, code=500, msg="500_005")),
    Act(status=404, body=b"<html>"),
    Act(status=403, body=b"{}"),
    Act(status=302, body=b"", headers=(("Location", "/api/list"),)),
)


async def _one_schedule(seed: int) -> None:
    chance = random.Random(seed)
    acts = [chance.choice(PASSING if chance.random() < 0.75 else DECIDING) for _ in range(TRIES + 1)]
    stage, loop = Stage(list(acts)), asyncio.get_running_loop()
    async with calling(stage, chance.random) as client:
        began = loop.time()
        with suppress(UpstreamUnavailable, UpstreamRefused):
            await chance.choice(reads(client))()
        took = loop.time() - began

        assert 1 <= len(stage.calls) <= TRIES, seed
        assert took <= DEADLINE + 1e-6, seed
        assert all(act.passes for act in acts[: len(stage.calls) - 1]), seed
        waits = [next_one - ended for (_, next_one), ended in zip(stage.calls[1:], stage.ended, strict=False)]
        for number, (wait, act) in enumerate(zip(waits, acts, strict=False)):
            assert act.asked - 1e-6 <= wait <= min(act.asked + 0.5 * 2**number, LONGEST_WAIT) + 1e-6, seed
        last = acts[len(stage.calls) - 1]
        if len(stage.calls) < TRIES and last.passes:
            assert took + max(last.asked + 1, 0) >= DEADLINE - 1e-6 or last.seconds >= FOR_EVER, seed

        reads_sent = len(stage.calls)
        stage.acts = [chance.choice(PASSING + DECIDING)]
        reply = await client.create(PART, ADDRESS)
        assert len(stage.calls) == reads_sent + 1, seed
        assert loop.time() - began - took <= CREATE_DEADLINE + 1e-6, seed
    assert judge(reply).state in PlacementState
    assert len({nonce for nonce, _ in stage.signed}) == len(stage.signed), seed
    stamps = [int((START + timedelta(seconds=at)).timestamp() * 1000) for _, at in stage.calls]
    assert [int(stamp) for _, stamp in stage.signed] == stamps, seed


@pytest.mark.parametrize("group", range(4))
def test_a_thousand_schedules_of_faults_end_in_time_after_three_tries_at_most(group: int) -> None:
    async def schedules() -> None:
        for seed in range(group * SCHEDULES // 4, (group + 1) * SCHEDULES // 4):
            await _one_schedule(seed)

    in_virtual_time(schedules())


@pytest.mark.parametrize("fault", [act for act in PASSING if act.seconds < FOR_EVER], ids=repr)
@pytest.mark.parametrize("which", range(3), ids=["preview", "list", "detail"])
def test_a_read_whose_second_try_is_answered_says_nothing_of_the_first(fault: Act, which: int) -> None:
    async def twice() -> None:
        stage = Stage([fault])
        async with calling(stage) as client:
            assert await reads(client)[which]()
        assert len(stage.calls) == 2

    in_virtual_time(twice())


def test_a_try_that_hangs_leaves_time_for_another() -> None:
    async def hanging() -> None:
        stage = Stage([Act(seconds=FOR_EVER)])
        async with calling(stage) as client:
            await client.orders(OrderQuery())
        assert [round(at, 2) for _, at in stage.calls] == [0, 10.25]

    in_virtual_time(hanging())


@pytest.mark.parametrize("act", [act for act in DECIDING if act.body is not None], ids=repr)
def test_what_another_try_cannot_change_is_asked_once(act: Act) -> None:
    async def once() -> None:
        stage = Stage([act])
        async with calling(stage) as client:
            with pytest.raises((UpstreamRefused, UpstreamUnavailable)):
                await client.preview(LINES, ADDRESS, None)
        assert len(stage.calls) == 1

    in_virtual_time(once())


@pytest.mark.parametrize("act", [*PASSING, *DECIDING], ids=repr)
def test_a_create_call_is_sent_once_whatever_befalls_it(act: Act) -> None:
    async def once() -> None:
        stage, loop = Stage([act]), asyncio.get_running_loop()
        async with calling(stage) as client:
            reply = await client.create(PART, ADDRESS)
        assert len(stage.calls) == 1
        assert loop.time() <= CREATE_DEADLINE + 1e-6
        assert reply.connected is (act.raises not in {httpx.ConnectError, httpx.ConnectTimeout})

    in_virtual_time(once())


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_the_jitter_is_full_and_doubles(chance: float) -> None:
    async def thrice() -> None:
        stage = Stage([Act(raises=httpx.ReadError, seconds=0)] * 2)
        async with calling(stage, lambda: chance) as client:
            await client.orders(OrderQuery())
        assert [at for _, at in stage.calls] == pytest.approx([0, chance * 0.5, chance * 1.5])

    in_virtual_time(thrice())


@pytest.mark.parametrize(
    "body",
    [
        raw({"error_code": "gw.QosAppFrequencyLimit", "error_message": "too fast"}),
        wrapped(None, code="gw.QosAppFrequencyLimit"),
        wrapped(None, code=500, msg="gw.QosAppFrequencyLimit: too fast"),
    ],
    ids=["gateway", "code", "message"],
)
def test_too_many_calls_are_waited_for_and_told(body: bytes) -> None:
    async def limited() -> None:
        stage = Stage([Act(status=400, body=body, seconds=0)] * 3)
        async with calling(stage, lambda: 0.0) as client:
            with pytest.raises(UpstreamUnavailable, match="no more calls for the moment, 3 times in a row"):
                await client.orders(OrderQuery())
        assert [at for _, at in stage.calls] == [0, 2, 4]

    in_virtual_time(limited())


def test_a_wait_that_the_deadline_does_not_allow_is_not_waited() -> None:
    async def late() -> None:
        stage, loop = Stage([retry_after("5", 5)]), asyncio.get_running_loop()
        async with calling(stage, deadline=4) as client:
            with pytest.raises(UpstreamUnavailable, match="HTTP status 503"):
                await client.orders(OrderQuery())
        assert (len(stage.calls), loop.time()) == (1, 0.1)

    in_virtual_time(late())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("3", 3),
        ("4294967296", LONGEST_WAIT),
        ("1000000000", LONGEST_WAIT),
        ("9" * 5000, LONGEST_WAIT),
        ("-1", 0),
        ("-1000000000", 0),
        ("3.5", 0),
        ("1e9", 0),
        ("", 0),
        ("garbage", 0),
        ("\u0663", 0),
        ("Wed, 20 May 2026 07:40:02 GMT", 2),
        ("Wed, 20 May 2026 07:39:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("Wed, 99 Foo 2026 99:99:99 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
    ],
)
def test_a_hostile_retry_after_is_clamped(value: str, seconds: float) -> None:
    assert wait_from_header(httpx.Headers([(b"Retry-After", value.encode())]), START) == seconds


def test_a_date_in_retry_after_counts_from_the_answers_own() -> None:
    headers = httpx.Headers({"Date": "Wed, 20 May 2026 09:00:00 GMT", "Retry-After": "Wed, 20 May 2026 09:00:04 GMT"})
    assert wait_from_header(headers, START) == 4


@pytest.mark.parametrize(("now", "seconds"), [(START, 4), (START + timedelta(seconds=3), 1)], ids=str)
def test_a_date_in_retry_after_counts_from_now_where_the_answer_has_none_of_its_own(
    now: datetime, seconds: float
) -> None:
    assert wait_from_header(httpx.Headers({"Retry-After": "Wed, 20 May 2026 07:40:04 GMT"}), now) == seconds
    assert wait_from_header(httpx.Headers(), now) == 0


@pytest.mark.parametrize(
    ("acts", "why"),
    [
        ([Act(status=403, body=b"<html>")], "it sent a body that is not JSON with HTTP status 403"),
        ([retry_after("5", 5)], "HTTP status 503"),
        ([Act(status=503, body=b"<html>"), retry_after("5", 5)], "HTTP status 503, 2 times in a row"),
        ([Act(status=503, body=b"<html>")] * 3, "HTTP status 503, 3 times in a row"),
    ],
    ids=["no use", "too late", "twice", "three times"],
)
def test_how_often_it_was_tried_is_told_where_it_was_more_than_once(acts: list[Act], why: str) -> None:
    async def refused() -> str:
        async with calling(Stage(list(acts)), deadline=4) as client:
            with pytest.raises(UpstreamUnavailable) as told:
                await client.orders(OrderQuery())
        return told.value.why

    assert in_virtual_time(refused()).endswith(why)


@pytest.mark.parametrize(("most", "previews"), [(2, 1), (3, 2), (6, 4), (7, 5)])
def test_previews_leave_a_third_of_the_places_free_and_at_least_one(most: int, previews: int) -> None:
    inside, seen = 0, 0

    async def one_try() -> None:
        nonlocal inside, seen
        inside += 1
        seen = max(seen, inside)
        await asyncio.sleep(1)
        inside -= 1

    async def crowd() -> None:
        places = Reads(600, most, lambda: 0.5)
        await asyncio.gather(*(places.preview(one_try) for _ in range(3 * most)))

    in_virtual_time(crowd())
    assert seen == previews


def test_reads_are_few_at_once_and_previews_leave_places_for_looking() -> None:
    async def crowd() -> None:
        stage = Stage([Act(seconds=3)] * 100)
        async with calling(stage) as client, asyncio.TaskGroup() as group:
            for _ in range(12):
                group.create_task(client.preview(LINES, ADDRESS, None))
            await asyncio.sleep(0)
            looks = [group.create_task(client.orders(OrderQuery())) for _ in range(2)]
            await asyncio.wait(looks)
            assert asyncio.get_running_loop().time() == 3
        assert stage.most["/api/alibaba/ka/order/create/preview"] == 4
        assert stage.most["all"] == 6

    in_virtual_time(crowd())


def test_a_create_call_waits_behind_no_read() -> None:
    async def crowd() -> None:
        stage = Stage([Act(seconds=FOR_EVER)] * 6)
        async with calling(stage) as client:
            waiting = [asyncio.create_task(call()) for _ in range(10) for call in reads(client)]
            await asyncio.sleep(1)
            reply = await client.create(PART, ADDRESS)
            assert stage.calls[-1] == ("/api/alibaba/ka/order/create", 1)
            assert reply.orders
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)

    in_virtual_time(crowd())


def test_waiting_for_a_place_counts_as_time_of_the_read() -> None:
    async def crowd() -> None:
        stage, loop = Stage([Act(seconds=9)] * 100), asyncio.get_running_loop()
        async with calling(stage) as client:
            looks = [client.orders(OrderQuery()) for _ in range(18)]
            told = await asyncio.gather(*looks, return_exceptions=True)
        assert loop.time() == pytest.approx(DEADLINE)
        assert Counter(type(each).__name__ for each in told) == {"OrderPage": 6, "UpstreamUnavailable": 12}
        assert len(stage.calls) == 12

    in_virtual_time(crowd())


def test_places_are_given_back_by_callers_who_left() -> None:
    async def left() -> None:
        stage = Stage([Act(seconds=FOR_EVER)] * 6)
        async with calling(stage) as client:
            leaving = [asyncio.create_task(call()) for _ in range(4) for call in reads(client)]
            await asyncio.sleep(1)
            for task in leaving:
                task.cancel()
            await asyncio.wait(leaving)
            stage.acts.clear()
            for call in reads(client):
                assert await call()
        assert stage.inside["all"] == 0

    in_virtual_time(left())


class _OneByteASecond(httpx.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for byte in self._body:
            await asyncio.sleep(1)
            yield bytes([byte])


def test_one_byte_a_second_ends_at_the_deadline() -> None:
    def trickle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=_OneByteASecond(WHOLE[request.url.path]), request=request)

    async def slow() -> None:
        loop = asyncio.get_running_loop()
        endpoints = Endpoints("/list", "/detail", read_timeout=DEADLINE, create_timeout=CREATE_DEADLINE)
        transport = httpx.MockTransport(trickle)
        async with httpx.AsyncClient(base_url="http://upstream.test/api", transport=transport) as http:
            client = XportcnClient(http, endpoints, chance=lambda: 0.5)
            with pytest.raises(UpstreamUnavailable, match="did not answer within 15 s"):
                await client.preview(LINES, ADDRESS, None)
            assert loop.time() == pytest.approx(DEADLINE)
            reply = await client.create(PART, ADDRESS)
            assert loop.time() == pytest.approx(DEADLINE + CREATE_DEADLINE)
        assert (reply.connected, reply.complete, reply.failure) == (True, False, "TimeoutError")

    in_virtual_time(slow())
