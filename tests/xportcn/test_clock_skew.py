"""A clock that is wrong is told plainly, where it can be why a call is refused, and only there."""

from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_server.cli.doctor import examine
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.clock_skew import http_date
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import UpstreamRefused, UpstreamUnavailable
from support.hostile import Answer, hostile, whole
from support.scene import NOW

from .documented_answers import LISTED, wrapped

pytestmark = pytest.mark.anyio

AHEAD = timedelta(minutes=15)
TURNED_AWAY: Sequence[tuple[int, bytes]] = (
    (200, wrapped(None, code=610, msg="signature error")),
    (401, wrapped(None, code="403", msg="请求头timestamp错误或已过期")),
    (400, b'{"error_code": "gw.SignatureInvalid"}'),
    (403, b"<html>forbidden</html>"),
)


def client_of(status: int, body: bytes, date: str | None) -> XportcnClient:
    """A client whose clock shows `NOW`, of an API that answers like this."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {} if date is None else {"Date": date}
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body), request=request)

    http = httpx.AsyncClient(base_url="http://upstream.test", transport=httpx.MockTransport(answer))
    endpoints = Endpoints("/list", "/detail", read_timeout=15, create_timeout=30)
    return XportcnClient(http, endpoints, clock=lambda: NOW, chance=lambda: 0.0)


def dated(ahead: timedelta) -> str:
    return format_datetime(NOW - ahead, usegmt=True)


@pytest.mark.parametrize(("status", "body"), TURNED_AWAY)
@pytest.mark.parametrize(
    ("ahead", "told"), [(AHEAD, "15 minutes ahead of the API's"), (-AHEAD, "15 minutes behind the API's")]
)
async def test_a_call_that_is_turned_away_names_a_clock_that_is_wrong(
    ahead: timedelta, told: str, status: int, body: bytes
) -> None:
    with pytest.raises(UpstreamUnavailable) as fault:
        await client_of(status, body, dated(ahead)).orders(OrderQuery())
    assert f"this machine's clock is {told}" in fault.value.why
    assert "set the clock" in fault.value.why


@pytest.mark.parametrize(("status", "body"), TURNED_AWAY)
@pytest.mark.parametrize("ahead", [timedelta(), timedelta(minutes=10), -timedelta(minutes=10)])
async def test_a_clock_that_is_right_enough_is_not_blamed(ahead: timedelta, status: int, body: bytes) -> None:
    with pytest.raises((UpstreamRefused, UpstreamUnavailable)) as fault:
        await client_of(status, body, dated(ahead)).orders(OrderQuery())
    assert "clock" not in str(fault.value)


@pytest.mark.parametrize("message", ["500_004:库存不足", "offer no exist", "拆单结果发生了变化"])
async def test_a_refusal_of_the_goods_is_not_blamed_on_the_clock(message: str) -> None:
    with pytest.raises(UpstreamRefused) as refused:
        await client_of(200, wrapped(None, code=500, msg=message), dated(AHEAD)).orders(OrderQuery())
    assert refused.value.message == message


async def test_an_order_that_does_not_exist_is_none_whatever_the_clock_shows() -> None:
    assert await client_of(200, wrapped(None, code=500, msg="ORDER_NOT_EXIST"), dated(AHEAD)).order("1") is None


async def test_a_call_that_is_answered_says_nothing_of_the_clock_but_measures_it() -> None:
    client = client_of(200, wrapped(LISTED), dated(AHEAD))
    assert client.clock_ahead is None
    assert (await client.orders(OrderQuery())).total == 537
    assert client.clock_ahead == AHEAD


@pytest.mark.parametrize("date", [None, "", "yesterday", "Wed, 99 Foo 2026 99:99:99 GMT", "9" * 5000])
async def test_without_a_date_nothing_is_said_of_the_clock(date: str | None) -> None:
    client = client_of(*TURNED_AWAY[0], date)
    with pytest.raises(UpstreamRefused):
        await client.orders(OrderQuery())
    assert client.clock_ahead is None


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} \d{2}:\d{2}:\d{2} \S{0,9}"))
def test_a_date_of_any_kind_is_read_or_is_none(text: str) -> None:
    moment = http_date(text)
    assert moment is None or moment.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        (
            whole(wrapped(None, code=610, msg="x"), "Date: Wed, 01 Jan 2020 00:00:00 GMT"),
            1,
            "failed clock: this machine's",
        ),
        (whole(wrapped({"result": [], "totalRecord": 0})), 0, "note clock: the API told no time"),
    ],
    ids=["far ahead", "untold"],
)
async def test_doctor_says_what_is_known_of_the_clock(
    answer: Answer,
    status: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with hostile(answer) as seen:
        for name, value in {
            "ACCESS_KEY": "k",
            "ACCESS_SECRET": "s",
            "USER_ID": "u",
            "BASE_URL": f"http://127.0.0.1:{seen.port}/api",
            "STORE": f"sqlite:///{tmp_path_factory.mktemp('doctor')}/ledger.sqlite3",
        }.items():
            monkeypatch.setenv(f"XPORTCN_{name}", value)
        assert await examine() == status
    assert told in " ".join(capsys.readouterr().out.split())
