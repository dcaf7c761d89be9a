"""A real Chromium for the approval page of a house, driven by Playwright."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from support.house import Buyer
from support.pages import Site

PROGRAM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """The installed browser; Playwright downloads none."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def preview(site: Site, *lines: tuple[str, int], **named: Any) -> str:
    """Preview a basket and give the address of its page."""
    async with Client(site.server) as client:
        previewed = await Buyer(client, None).preview(*lines, **named)
    return f"{site.origin}/approvals/{previewed['purchase_ref']}"


async def paired(site: Site, browser: Browser, name: str = "Li Wei", **options: Any) -> BrowserContext:
    """A browser profile that was paired by its form."""
    code = await (await site.parts()).people.add(name)
    context = await browser.new_context(**{"locale": "en-GB", **options})
    page = await context.new_page()
    await page.goto(f"{site.origin}/approvals/pair")
    await page.fill("#code", code.code)
    await page.press("#code", "Enter")
    await page.wait_for_url("**/approvals/passkey*")
    await page.close()
    return context


async def opened(context: BrowserContext, address: str) -> Page:
    """A new tab at an address."""
    page = await context.new_page()
    await page.goto(address)
    return page


async def passkey_device(
    page: Page, device: CDPSession | None = None, transport: str = "internal"
) -> tuple[CDPSession, str]:
    """A virtual authenticator in this tab; `device` is the session of an earlier one."""
    session = device or await page.context.new_cdp_session(page)
    if device is None:
        await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])


async def faults(page: Page) -> list[str]:
    """What axe-core finds on a page."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: Any = await page.evaluate("axe.run()")
    return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]
