"""A real TLS server on loopback, with a certificate of an authority that only its company knows."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.house import ADDRESS, House, Person, basket

pytestmark = pytest.mark.anyio
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A company")])


Signer = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


@dataclass(frozen=True)
class Company:
    """An upstream behind a certificate of the company's own, and how many TLS connections it was offered."""

    address: str
    ca_file: Path
    connections: list[int]


def certificate(
    folder: Path, name: str, host: str, signed_by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None
):
    """A certificate for `host`, or an authority where nobody signs it."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME if signed_by is None else x509.Name([]))
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=signed_by is None, path_length=None), critical=True)
    )
    if signed_by is None:
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        )
        builder = builder.add_extension(
            x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False), True
        )
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=True)
    made = builder.sign(signed_by[1] if signed_by else key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made, key


@asynccontextmanager
async def company(house: House, host: str = "127.0.0.1") -> AsyncGenerator[Company]:
    """The house's sandbox, reached through TLS that its company's own authority answers for."""
    folder = house.folder
    certificate(folder, "server", host, certificate(folder, "ca", host, None))
    offered: list[int] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.sni_callback = lambda _connection, _name, _context: offered.append(1)

    async def relayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own_reader, own_writer = await asyncio.open_connection("127.0.0.1", urlsplit(house.base_url).port)
        await asyncio.gather(copied(reader, own_writer), copied(own_reader, writer))

    async with await asyncio.start_server(relayed, "127.0.0.1", 0, ssl=context) as server:
        yield Company(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/api", folder / "ca.pem", offered)


async def copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(65536):
            writer.write(part)
    writer.close()


async def test_an_authority_that_is_named_is_trusted_and_the_purchase_goes_its_way(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with company(house) as theirs:
        async with house.buyer(person=Person(), base_url=theirs.address, ca_file=theirs.ca_file) as buyer:
            made = await buyer.create(await buyer.preview(("plain", 1)))
        monkeypatch.setenv("SSL_CERT_FILE", str(theirs.ca_file))
        async with house.buyer(base_url=theirs.address) as buyer:
            seen = await buyer.preview(("plain", 1))

    assert made["outcome"] == "placed"
    assert seen["orderable"]


async def test_a_certificate_that_is_not_trusted_is_told_as_that_and_not_tried_again(house: House) -> None:
    async with (
        company(house) as theirs,
        house.buyer(base_url=theirs.address, product_path="") as buyer,
    ):
        offered = len(theirs.connections)
        refused = await buyer.refused("preview_order", lines=basket(("plain", 1)), address=ADDRESS)

    assert refused["code"] == "UPSTREAM_UNAVAILABLE"
    assert refused["details"]["why"] == "its certificate is not trusted: unable to get local issuer certificate"
    assert "XPORTCN_CA_FILE" in refused["next_step"]
    assert len(theirs.connections) - offered == 1


async def test_a_certificate_of_another_name_is_not_trusted_although_its_authority_is(
    house: House, tmp_path: Path
) -> None:
    async with (
        company(house, host="192.0.2.7") as theirs,
        house.buyer(base_url=theirs.address, ca_file=theirs.ca_file) as buyer,
    ):
        refused = await buyer.refused("preview_order", lines=basket(("plain", 1)), address=ADDRESS)

    assert "certificate is not trusted: IP address mismatch" in refused["details"]["why"]


async def test_openssls_variable_that_names_nothing_is_left_aside(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with company(house) as theirs:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
        async with house.buyer(base_url=theirs.address, ca_file=theirs.ca_file) as buyer:
            assert (await buyer.preview(("plain", 1)))["orderable"]

    assert "SSL_CERT_FILE names nothing" in caplog.text
