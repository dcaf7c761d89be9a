"""Pictures on the approval page: from 1688's own hosts and the sandbox alone, small, and what they say they are."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest
from mcp import Client

from orders_server.consent.pictures import MOST_BYTES, Pictures
from support.house import EMBEDDED, Buyer, House
from support.pages import site

pytestmark = pytest.mark.anyio
PNG = b"\x89PNG\r\n\x1a\n rest"
ADDRESS = "https://cbu01.alicdn.com/img/ibank/a.jpg"


class Host:
    """A host of pictures that answers as told."""

    def __init__(self, content: bytes = PNG, status: int = 200, **headers: str) -> None:
        self.asked: list[str] = []
        self.reply = httpx.Response(status, content=content, headers={"content-type": "image/png", **headers})
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.pictures = Pictures(http, "http://127.0.0.1:7")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return self.reply


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0 rest", "image/jpeg"),
        (b"GIF89a rest", "image/gif"),
        (b"RIFF\0\0\0\nWEBPVP8 ", "image/webp"),
    ],
)
async def test_the_first_bytes_say_what_a_picture_is(content: bytes, kind: str) -> None:
    found = await Host(content).pictures.get(ADDRESS, sandbox=False)
    assert found is not None
    assert (found.content, found.media_type) == (content, kind)


@pytest.mark.parametrize(
    "address",
    [
        "http://cbu01.alicdn.com/a.jpg",
        "https://alicdn.com.evil.example/a.jpg",
        "https://evil.example/.alicdn.com/a.jpg",
        "https://user@cbu01.alicdn.com/a.jpg",
        "https://cbu01.alicdn.com:8443/a.jpg",
        "https://cbu01.alicdn.com@evil.example/a.jpg",
        "https://alicdn.com/a.jpg",
        "https://cbu01.alicdn.com/a b.jpg",
        "http://127.0.0.1:80/pictures/1.png",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "",
    ],
)
async def test_no_other_place_is_asked_for_a_real_purchase(address: str) -> None:
    host = Host()
    assert await host.pictures.get(address, sandbox=False) is None
    assert host.asked == []


async def test_a_picture_of_the_sandbox_comes_from_our_own_sandbox() -> None:
    host = Host()
    assert await host.pictures.get("http://127.0.0.1:5555/pictures/12.png", sandbox=True)
    assert host.asked == ["http://127.0.0.1:7/pictures/12.png"]
    for address in (ADDRESS, "http://127.0.0.1:5555/api/secret", "http://10.0.0.1/pictures/12.png"):
        assert await host.pictures.get(address, sandbox=True) is None
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    "host",
    [
        Host(b"<html><script>"),
        Host(b"<svg xmlns='http://www.w3.org/2000/svg'>"),
        Host(PNG + b"x" * MOST_BYTES),
        Host(PNG, 302, location="http://127.0.0.1/x.png"),
        Host(PNG, 404),
        Host(b""),
    ],
)
async def test_what_is_no_small_picture_is_not_passed_on(host: Host) -> None:
    assert await host.pictures.get(ADDRESS, sandbox=False) is None
    assert len(host.asked) == 1


async def test_a_host_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("orders_server.consent.pictures._SECONDS", 0.01)
    pictures = Pictures(httpx.AsyncClient(transport=httpx.MockTransport(silence)))
    assert await pictures.get(ADDRESS, sandbox=False) is None


async def test_a_picture_is_fetched_once_and_the_last_ones_are_kept() -> None:
    host = Host()
    for _ in range(3):
        assert await host.pictures.get(ADDRESS, sandbox=False)
    assert len(host.asked) == 1
    for number in range(40):
        await host.pictures.get(f"https://cbu01.alicdn.com/{number}.jpg", sandbox=False)
    await host.pictures.get(ADDRESS, sandbox=False)
    assert len(host.asked) == 42


@pytest.fixture
async def previewed(house: House) -> AsyncGenerator[tuple[str, list[str], int]]:
    """Where an order of the sandbox is shown, its pictures on the page, and the status of one there is not."""
    async with site(house, **EMBEDDED) as page:
        async with Client(page.server) as client:
            preview = await Buyer(client, None).preview(("plain", 3), ("promotion", 1))
        browser = await page.person()
        shown = await browser.open(f"/approvals/{preview['purchase_ref']}")
        found = [each for each in shown.addresses if "/picture/" in each]
        kinds = [(await browser.open(each)).response.headers["content-type"] for each in found]
        missing = await browser.open(f"/approvals/picture/{preview['purchase_ref']}/7")
        yield preview["purchase_ref"], [*found, *kinds], missing.status


async def test_the_page_shows_the_pictures_of_the_cards(previewed: tuple[str, list[str], int]) -> None:
    ref, found, missing = previewed
    assert found == [f"/approvals/picture/{ref}/0", f"/approvals/picture/{ref}/1", "image/png", "image/png"]
    assert missing == 404
