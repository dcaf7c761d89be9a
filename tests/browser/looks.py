"""Every page in a real Chromium, in both languages, light and dark, on a phone and a desk: axe-core finds nothing."""

import os
from pathlib import Path
from typing import Any

import pytest
from browser.chromium import chromium, faults, opened, paired, preview
from playwright.async_api import BrowserContext, Page

from support.house import EMBEDDED, House
from support.pages import Site, site

pytestmark = pytest.mark.anyio
PICTURES = os.environ.get("BROWSER_PICTURES")
SIZES: dict[str, dict[str, Any]] = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_nothing_is_wrong_with_any_page(house: House, locale: str, scheme: str, size: str) -> None:
    async with site(house, **EMBEDDED) as page_site, chromium() as browser:
        options: dict[str, Any] = {"locale": locale, "color_scheme": scheme, "viewport": SIZES[size]}
        stranger = await browser.new_context(**options)
        context = await paired(page_site, browser, "李伟" if locale == "zh-CN" else "Li Wei", **options)
        seen = {
            "pair": await opened(stranger, f"{page_site.origin}/approvals/pair"),
            "passkey": await opened(context, f"{page_site.origin}/approvals/passkey"),
            "nothing": await opened(context, f"{page_site.origin}/approvals/PO-0"),
            **await _orders(page_site, context),
        }
        found: dict[str, list[str]] = {}
        for name, page in seen.items():
            assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
            found[name] = await faults(page)
            if PICTURES:
                folder = Path(PICTURES)
                folder.mkdir(parents=True, exist_ok=True)
                await page.screenshot(path=folder / f"{name}-{locale[:2]}-{scheme}-{size}.png")
                await page.screenshot(path=folder / f"{name}-{locale[:2]}-{scheme}-{size}-whole.png", full_page=True)
        assert {name: each for name, each in found.items() if each} == {}


async def _orders(page_site: Site, context: BrowserContext) -> dict[str, Page]:
    """The pages of orders: waiting, ordered, changed, declined, and the list of them."""
    pages: dict[str, Page] = {}
    for name, lines, button in (
        ("ordered", [("plain", 3)], "button.yes"),
        ("changed", [("price-rise", 2)], "button.yes"),
        ("declined", [("promotion", 2)], "button.no"),
    ):
        page = await opened(context, await preview(page_site, *lines))
        if button == "button.no":
            await page.click("summary")
        await page.click(button)
        await page.wait_for_url("**/result")
        pages[name] = page
    waiting = await preview(
        page_site, ("tiered-price", 12), ("free-carriage", 5), ("seller-texts", 2), buyer_message="pack well"
    )
    pages["waiting"] = await opened(context, waiting)
    pages["list"] = await opened(context, f"{page_site.origin}/approvals")
    return pages
