"""The approval page in a real Chromium: what people do with it, and what others try."""

from collections.abc import AsyncGenerator

import pytest
from browser.chromium import chromium, opened, paired, passkey_device, preview
from playwright.async_api import Browser, Page

from support.house import House
from support.pages import Site, site

pytestmark = pytest.mark.anyio
_PRESENCE = "WebAuthn.setAutomaticPresenceSimulation"


@pytest.fixture
async def browser() -> AsyncGenerator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def page_site(house: House) -> AsyncGenerator[Site]:
    async with site(house) as page_site:
        yield page_site


async def heading(page: Page) -> str:
    return await page.inner_text("h1")


async def test_the_keyboard_alone_pairs_opens_and_approves(house: House, page_site: Site, browser: Browser) -> None:
    address = await preview(page_site, ("plain", 3))
    code = await (await page_site.parts()).people.add("Li Wei")
    context = await browser.new_context(locale="en-GB")
    page = await opened(context, address)
    assert await heading(page) == "Pair this browser"
    await press_to(page, "#code")
    await page.keyboard.type(code.code)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/approvals/passkey*")
    await press_to(page, "main a")
    await page.keyboard.press("Enter")
    await page.wait_for_url(address)
    await press_to(page, "button.yes")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/result")
    assert await heading(page) == "Ordered"
    assert house.upstream.create_calls == 1


async def press_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


async def test_a_no_by_the_keyboard_alone(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser)
    page = await opened(context, await preview(page_site, ("plain", 3)))
    await press_to(page, "summary")
    await page.keyboard.press("Enter")
    await press_to(page, "button.no")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/result")
    assert await heading(page) == "Declined"
    assert house.upstream.create_calls == 0


async def test_the_page_works_without_a_script(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser, java_script_enabled=False)
    page = await opened(context, await preview(page_site, ("plain", 3)))
    await page.click("button.yes")
    await page.wait_for_url("**/result")
    assert await heading(page) == "Ordered"
    assert house.upstream.create_calls == 1


async def test_the_countdown_ends_and_takes_the_buttons_away(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser)
    page = await context.new_page()
    await page.clock.install()
    await page.goto(await preview(page_site, ("plain", 3)))
    await page.clock.run_for(2000)
    assert "14 min" in await page.inner_text(".until")
    await page.clock.fast_forward("16:00")
    assert "The time is over" in await page.inner_text(".until")
    assert await page.is_disabled("button.yes")
    house.clock.forward(901)
    await page.evaluate("document.querySelector('form[data-once]').submit()")
    await page.wait_for_url("**/result")
    assert await heading(page) == "Expired"
    assert house.upstream.create_calls == 0


async def test_a_double_click_and_two_tabs_order_once(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser)
    address = await preview(page_site, ("plain", 3))
    page, other = await opened(context, address), await opened(context, address)
    await page.dblclick("button.yes", no_wait_after=True)
    await page.wait_for_url("**/result")
    await other.click("button.yes")
    await other.wait_for_url("**/result")
    assert await heading(page) == await heading(other) == "Ordered"
    assert house.upstream.create_calls == 1


async def test_of_two_people_the_first_answer_counts(house: House, page_site: Site, browser: Browser) -> None:
    first, second = await paired(page_site, browser), await paired(page_site, browser, "Wang Fang")
    address = await preview(page_site, ("plain", 3))
    one, two = await opened(first, address), await opened(second, address)
    await one.click("summary")
    await one.click("button.no")
    await one.wait_for_url("**/result")
    await two.click("button.yes")
    await two.wait_for_url("**/result")
    assert await heading(two) == "Declined"
    assert house.upstream.create_calls == 0


async def test_a_removed_person_approves_nothing(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser)
    page = await opened(context, await preview(page_site, ("plain", 3)))
    await (await page_site.parts()).people.remove("Li Wei")
    await page.click("button.yes")
    await page.wait_for_url("**/approve")
    assert await heading(page) == "That was not accepted"
    await page.reload()
    assert house.upstream.create_calls == 0


async def test_the_form_of_another_person_does_nothing(house: House, page_site: Site, browser: Browser) -> None:
    first, second = await paired(page_site, browser), await paired(page_site, browser, "Wang Fang")
    address = await preview(page_site, ("plain", 3))
    one, two = await opened(first, address), await opened(second, address)
    proof = await two.get_attribute("form[action$=approve] [name=proof]", "value")
    await one.evaluate("p => document.querySelector('form[action$=approve] [name=proof]').value = p", proof)
    await one.click("button.yes")
    await one.wait_for_url("**/approve")
    assert await heading(one) == "That was not accepted"
    assert house.upstream.create_calls == 0


async def test_another_site_can_neither_frame_the_page_nor_send_its_form(
    house: House, page_site: Site, browser: Browser
) -> None:
    context = await paired(page_site, browser)
    address = await preview(page_site, ("plain", 3))
    own = await opened(context, address)
    form = await own.inner_html("form[action$=approve]")
    evil = await context.new_page()
    html = f'<h1>evil</h1><iframe src="{address}"></iframe><form method="post" action="{address}/approve">{form}</form>'

    async def answer(route: object) -> None:
        await route.fulfill(body=html, content_type="text/html")  # type: ignore[attr-defined]

    await evil.route("http://evil.example/", answer)
    await evil.goto("http://evil.example/")
    frame = next(each for each in evil.frames if each != evil.main_frame)
    assert "Approve" not in await frame.content()
    await evil.evaluate("document.forms[0].submit()")
    await evil.wait_for_url("**/approve")
    assert await heading(evil) == "That was not accepted"
    assert house.upstream.create_calls == 0


async def test_an_order_that_changed_between_page_and_answer(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser)
    address = await preview(page_site, ("plain", 3), purchase_ref="PO-1")
    page = await opened(context, address)
    house.clock.forward(1)
    await preview(page_site, ("plain", 4), purchase_ref="PO-1")
    await page.click("button.yes")
    await page.wait_for_url("**/approve")
    assert "not the one that you saw" in await page.inner_text("[role=alert]")
    assert house.upstream.create_calls == 0
    await page.click("button.yes")
    await page.wait_for_url("**/result")
    assert await heading(page) == "Ordered"


async def test_a_price_that_rose_is_shown_and_can_be_approved(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser)
    page = await opened(context, await preview(page_site, ("price-rise", 2)))
    await page.click("button.yes")
    await page.wait_for_url("**/result")
    assert await heading(page) == "Not ordered: the offer changed"
    assert "Total: approved 26.00, now 31.00" in await page.inner_text("main")
    assert house.upstream.create_calls == 0


async def test_a_lost_answer_is_never_sent_again(house: House, page_site: Site, browser: Browser) -> None:
    context = await paired(page_site, browser)
    page = await opened(context, await preview(page_site, ("lost-answer", 2)))
    await page.click("button.yes")
    await page.wait_for_url("**/result")
    assert await heading(page) in {"Ordered", "Not known yet whether it was ordered"}
    assert house.upstream.create_calls == 1


async def test_a_passkey_signs_the_order_that_is_shown(house: House, browser: Browser) -> None:
    async with site(house, approval="passkey") as page_site:
        context = await paired(page_site, browser)
        page = await context.new_page()
        device, authenticator = await passkey_device(page)
        address = await preview(page_site, ("plain", 3))
        await page.goto(address)
        assert "you have none" in await page.inner_text(".answers")
        await page.click(".answers a")
        await page.click("button.yes")
        await page.wait_for_url(address)

        await device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        await page.click("button.yes")
        await page.wait_for_function("document.querySelector('[data-status]').textContent.includes('no answer')")
        assert house.upstream.create_calls == 0

        await device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
        await page.click("button.yes")
        await page.wait_for_url("**/result")
        assert await heading(page) == "Ordered"
        assert "with a passkey" in await page.inner_text("main")
        assert house.upstream.create_calls == 1


async def test_a_further_passkey_needs_an_existing_one(house: House, browser: Browser) -> None:
    async with site(house, approval="passkey") as page_site:
        context = await paired(page_site, browser)
        page = await context.new_page()
        device, first = await passkey_device(page)
        await page.goto(f"{page_site.origin}/approvals/passkey")
        await page.click("button.yes")
        await page.wait_for_url("**/approvals")
        _, second = await passkey_device(page, device=device, transport="usb")
        await device.send(_PRESENCE, {"authenticatorId": first, "enabled": False})
        await page.goto(f"{page_site.origin}/approvals/passkey")
        await page.click("form[data-passkey='/approvals/passkey'] button")
        await page.wait_for_selector("text=It counts once you vouch for it")
        await device.send(_PRESENCE, {"authenticatorId": first, "enabled": True})
        await device.send(_PRESENCE, {"authenticatorId": second, "enabled": False})
        await page.click("form[data-passkey$=vouch] button")
        await page.wait_for_selector("form[data-passkey$=vouch]", state="detached")
