"""Passkeys on the approval page: the order waits until one has signed it, and each failed step is named."""

from typing import Any

import pytest
from mcp import Client

from support.authenticator import Authenticator
from support.house import Buyer, House
from support.pages import Browser, Form, Site, site

pytestmark = pytest.mark.anyio


async def preview(page: Site, **named: Any) -> str:
    async with Client(page.server) as client:
        return f"/approvals/{(await Buyer(client, None).preview(('plain', 3), **named))['purchase_ref']}"


async def registered(page: Site, browser: Browser) -> Authenticator:
    """A passkey of the person of this browser."""
    key = Authenticator(origin=page.origin)
    form = (await browser.open("/approvals/passkey")).form("/passkey")
    asked = await browser.ask(f"{form.action}/options", **form.fields)
    assert asked["ask"] == "create"
    made = await browser.ask(form.action, **form.fields, response=key.makes(asked))
    assert made["done"] is True
    return key


async def signed(browser: Browser, form: Form, key: Authenticator) -> dict[str, Any]:
    """What the page answers to a signature."""
    asked = await browser.ask(f"{form.action}/options", **form.fields)
    return await browser.ask(form.action, **form.fields, response=key.signs(asked)) if "ask" in asked else asked


async def test_only_a_passkey_approves_where_one_is_demanded(house: House) -> None:
    async with site(house, approval="passkey") as page:
        at, browser = await preview(page), await page.person()
        without = await browser.open(at)
        assert "you have none" in without.text
        key = await registered(page, browser)
        form = (await browser.open(at)).form("/passkey")
        refused = await browser.send(Form(f"{at}/approve", form.fields))
        assert refused.status == 403
        assert "has to be approved with a passkey" in refused.text
        assert house.upstream.create_calls == 0

        answer = await signed(browser, form, key)

        assert answer == {"status": 200, "next": f"{at}/result"}
        assert house.upstream.create_calls == 1
        result = await browser.open(f"{at}/result")
        assert "Li Wei, with a passkey" in result.text


async def test_a_passkey_is_enough_where_the_page_would_be(house: House) -> None:
    async with site(house, approval="page; passkey above 10") as page:
        at, browser = await preview(page), await page.person()
        key = await registered(page, browser)
        assert (await signed(browser, (await browser.open(at)).form("/passkey"), key))["next"]
        assert house.upstream.create_calls == 1


@pytest.mark.parametrize(
    ("spoil", "step"),
    [
        ({"origin": "http://localhost:1"}, "origin"),
        ({"verifies": False}, "user_verification"),
        ({"rp_id": "example.com"}, "relying_party"),
        ({"counter": -2}, "counter"),
    ],
)
async def test_a_failed_passkey_names_the_step_and_the_order_still_waits(
    house: House, spoil: dict[str, Any], step: str
) -> None:
    async with site(house, approval="passkey") as page:
        at, browser = await preview(page), await page.person()
        key = await registered(page, browser)
        form = (await browser.open(at)).form("/passkey")
        if step == "counter":
            key.counter = 5
            await signed(browser, (await browser.open(await preview(page, purchase_ref="PO-9"))).form("/passkey"), key)
            key.counter = 0
        else:
            for name, value in spoil.items():
                setattr(key, name, value)
        sent = house.upstream.create_calls
        answer = await signed(browser, form, key)
        assert (answer["status"], answer["step"]) == (409, step)
        assert answer["error"].endswith("Nothing was approved.")
        assert (await browser.open(at)).status == 200
        assert house.upstream.create_calls == sent


async def test_a_signature_counts_once_and_for_its_own_order_alone(house: House) -> None:
    async with site(house, approval="passkey") as page:
        browser = await page.person()
        key = await registered(page, browser)
        one, two = await preview(page), await preview(page, purchase_ref="PO-2")
        first, second = (await browser.open(one)).form("/passkey"), (await browser.open(two)).form("/passkey")
        response = key.signs(await browser.ask(f"{first.action}/options", **first.fields))
        assert (await browser.ask(second.action, **second.fields, response=response))["step"] == "challenge"
        asked = key.signs(await browser.ask(f"{first.action}/options", **first.fields))
        assert (await browser.ask(first.action, **first.fields, response=asked))["next"] == f"{one}/result"
        again = await browser.ask(first.action, **first.fields, response=asked)
        assert again == {"status": 200, "next": f"{one}/result"}
        assert house.upstream.create_calls == 1


async def test_an_order_that_was_previewed_again_is_shown_anew_and_nothing_is_signed(house: House) -> None:
    async with site(house, approval="passkey") as page:
        browser = await page.person()
        key = await registered(page, browser)
        at = await preview(page, purchase_ref="PO-1")
        form = (await browser.open(at)).form("/passkey")
        response = key.signs(await browser.ask(f"{form.action}/options", **form.fields))
        house.clock.forward(1)
        await preview(page, purchase_ref="PO-1", buyer_message="more")
        assert await browser.ask(form.action, **form.fields, response=response) == {"status": 200, "next": at}
        assert house.upstream.create_calls == 0


async def test_a_further_passkey_waits_for_an_existing_one(house: House) -> None:
    async with site(house) as page:
        browser = await page.person()
        first = await registered(page, browser)
        second = Authenticator("another", origin=page.origin)
        form = (await browser.open("/approvals/passkey")).form("/passkey")
        asked = await browser.ask(f"{form.action}/options", **form.fields)
        made = await browser.ask(form.action, **form.fields, response=second.makes(asked))
        assert made == {"status": 200, "next": "/approvals/passkey"}
        vouching = (await browser.open("/approvals/passkey")).form("/vouch")
        asked = await browser.ask(f"{vouching.action}/options", **vouching.fields)
        assert (await browser.ask(vouching.action, **vouching.fields, response=first.signs(asked)))["next"]
        assert "/vouch" not in (await browser.open("/approvals/passkey")).response.text


async def test_a_request_of_the_script_needs_the_proof_of_its_form(house: House) -> None:
    async with site(house, approval="passkey") as page:
        at, browser, other = await preview(page), await page.person(), await page.person("Wang Fang")
        await registered(page, browser)
        fields = (await browser.open(at)).form("/passkey").fields
        for path in (f"{at}/passkey/options", f"{at}/passkey", "/approvals/passkey/options", "/approvals/passkey"):
            assert (await browser.ask(path))["status"] == 403
            assert (await other.ask(path, **fields))["status"] == 403
        broken = await browser.http.post(
            f"{at}/passkey", content=b"[" * 60_000, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert broken.status_code == 403
        large = await browser.http.post(
            f"{at}/passkey", content=b"x" * 70_000, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert large.status_code == 413
