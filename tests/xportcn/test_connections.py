"""The connections under the client: which are used again, which proxy carries them, and whom they trust."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from anyio.streams.buffered import BufferedByteStream
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from orders_server.settings import Settings, SettingsFault, read_settings
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.connections import connect
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import UpstreamUnavailable
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.create_evidence import judge
from support.hostile import ADDRESS, MOMENT, PART, envelope, head
from support.sockets import listening, request

from .documented_answers import LISTED, wrapped

pytestmark = pytest.mark.anyio

CREATE = "/api/alibaba/ka/order/create"


@dataclass
class Line:
    """A server that keeps connections: the requests on each, and after how many it closes one without an answer."""

    port: int = 0
    deaf_after: int = 10**6
    body: bytes = field(default_factory=lambda: wrapped(LISTED))
    requests: list[list[str]] = field(default_factory=list[list[str]])


@asynccontextmanager
async def line(tls: ssl.SSLContext | None = None, **given: int | bytes) -> AsyncGenerator[Line]:
    kept = Line(**given)  # pyright: ignore[reportArgumentType]

    async def serve(stream: BufferedByteStream) -> None:
        own: list[str] = []
        kept.requests.append(own)
        while len(own) <= kept.deaf_after:
            first, _ = await request(stream)
            own.append(" ".join(first.split(" ")[:2]))
            if len(own) > kept.deaf_after:
                break
            await stream.send(head(f"Content-Length: {len(kept.body)}") + kept.body)

    async with listening(serve, tls) as kept.port:
        yield kept


@asynccontextmanager
async def client(base_url: str, proxy: str | None = None) -> AsyncGenerator[XportcnClient]:
    endpoints = Endpoints("/list", "/detail", read_timeout=20, create_timeout=20)
    async with connect(base_url, None, endpoints, clock=lambda: MOMENT, proxy=proxy, chance=lambda: 0.0) as upstream:
        yield upstream


async def test_reads_share_a_connection_and_each_create_call_has_its_own() -> None:
    async with line() as kept, client(f"http://127.0.0.1:{kept.port}/api") as upstream:
        for _ in range(3):
            await upstream.orders(OrderQuery())
            await upstream.create(PART, ADDRESS)
    assert kept.requests == [["POST /api/list"] * 3, *([[f"POST {CREATE}"]] * 3)]


async def test_a_kept_connection_that_was_closed_meanwhile_costs_a_read_one_try() -> None:
    async with line(deaf_after=1) as kept, client(f"http://127.0.0.1:{kept.port}/api") as upstream:
        for _ in range(2):
            assert (await upstream.orders(OrderQuery())).total == 537
    assert kept.requests == [["POST /api/list"] * 2, ["POST /api/list"]]


async def test_a_create_call_that_is_not_answered_on_its_own_connection_is_unknown_and_not_sent_again() -> None:
    async with line(deaf_after=0) as kept, client(f"http://127.0.0.1:{kept.port}/api") as upstream:
        reply = await upstream.create(PART, ADDRESS)
    assert (reply.connected, judge(reply).state) == (True, PlacementState.UNKNOWN)
    assert kept.requests == [[f"POST {CREATE}"]]


async def test_a_crowd_of_create_calls_is_sent_at_once_each_once() -> None:
    async with line(body=envelope("null")) as kept, client(f"http://127.0.0.1:{kept.port}/api") as upstream:
        replies = await asyncio.gather(*(upstream.create(PART, ADDRESS) for _ in range(120)))
    assert all(reply.connected and reply.complete for reply in replies)
    assert kept.requests == [[f"POST {CREATE}"]] * 120


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with line() as kept, client(f"http://127.0.0.1:{kept.port}/api") as upstream:
        assert await upstream.orders(OrderQuery())


async def test_a_proxy_that_was_asked_for_carries_what_is_encrypted() -> None:
    async with (
        line(deaf_after=0) as proxy,
        client("https://upstream.test/api", f"http://127.0.0.1:{proxy.port}") as api,
    ):
        with pytest.raises(UpstreamUnavailable):
            await api.orders(OrderQuery())
        await api.create(PART, ADDRESS)
    assert proxy.requests == [["CONNECT upstream.test:443"]] * 4


async def test_a_proxy_never_sees_plain_http() -> None:
    async with line() as kept, client(f"http://127.0.0.1:{kept.port}/api", "http://127.0.0.1:1") as upstream:
        assert await upstream.orders(OrderQuery())


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate of 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    file = folder / "server.pem"
    file.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted_and_nothing_is_sent(tmp_path: Path) -> None:
    async with line(self_signed(tmp_path)) as kept, client(f"https://127.0.0.1:{kept.port}/api") as upstream:
        with pytest.raises(UpstreamUnavailable, match=r"^its certificate is not trusted: self-signed certificate$"):
            await upstream.orders(OrderQuery())
        reply = await upstream.create(PART, ADDRESS)
    assert (reply.connected, judge(reply).evidence) == (False, "never_connected")
    assert not any(kept.requests)


@pytest.mark.parametrize(
    "address", ["socks5://127.0.0.1:1", "127.0.0.1:3128", "http://", "http://u:hush@x:0", "http://["]
)
def test_a_proxy_that_is_no_web_address_is_named_and_not_repeated(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XPORTCN_PROXY", address)
    with pytest.raises(SettingsFault) as fault:
        read_settings()
    assert "XPORTCN_PROXY: has to be a web address" in str(fault.value)
    assert "hush" not in str(fault.value)


def test_the_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XPORTCN_PROXY", "http://user:hush@127.0.0.1:3128")
    assert isinstance(read_settings(), Settings)
    assert "hush" not in repr(read_settings())
