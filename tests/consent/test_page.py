"""The approval page by its real HTTP: who sees an order, what a yes and a no do, and what became of it."""

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any, cast

import pytest
from mcp import Client

from support.house import ADDRESS, Buyer, House, order_of
from support.pages import Form, Site, site

pytestmark = pytest.mark.anyio


async def preview(site: Site, *lines: tuple[str, int], **named: Any) -> dict[str, Any]:
    async with Client(site.server) as client:
        return await Buyer(client, None).preview(*lines, **named)


def path(previewed: dict[str, Any]) -> str:
    return f"/approvals/{previewed['purchase_ref']}"


async def test_a_yes_on_the_page_orders_at_once_and_shows_order_and_deadline(either_house: House) -> None:
    async with site(either_house) as page:
        previewed = await preview(page, ("plain", 3))
        browser = await page.person()

        shown = await browser.open(path(previewed))
        done = await browser.send(shown.form("/approve"))

        orders = either_house.upstream.orders()
        assert len(orders) == 1
        assert done.status == 200
        assert done.text.startswith("Ordered")
        assert orders[0].order_id in done.text
        assert "Pay by" in done.text
        assert "Li Wei, on this page" in done.text
        assert done.response.url.path.endswith("/result")


async def test_the_order_is_shown_whole_from_the_stored_row(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(
            page, ("plain", 3), ("promotion", 2), buyer_message="pack well", purchase_ref="PO-7.1"
        )
        shown = await (await page.person()).open("/approvals/PO-7.1")

    for said in (*ADDRESS.values(), "Plain ceramic mug", "Bamboo fibre dishcloths", "pack well", "PO-7.1"):
        assert str(said) in shown.text
    for amount in filter(None, previewed["totals"].values()):
        assert amount in shown.text
    assert "15 minutes left" in shown.text or "14 minutes left" in shown.text
    assert "Paying. The order is placed unpaid." in shown.text


async def test_the_page_speaks_the_language_of_the_browser(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        shown = await (await page.person(language="zh-CN,zh;q=0.9,en;q=0.8")).open(path(previewed))
        assert "这笔采购等待您确认" in shown.text
        assert "简约陶瓷马克杯" in shown.text
        assert not re.search("Approve|Goods|Carriage", shown.text)


async def test_nothing_of_a_page_comes_from_elsewhere_and_no_answer_may_be_kept_or_framed(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser = await page.person()
        for at in ("/approvals", path(previewed), "/approvals/pair", "/approvals/passkey", "/approvals/nothing"):
            shown = await browser.open(at)
            outside = [each for each in shown.addresses if each.startswith(("http", "//"))]
            assert all(each.startswith("https://detail.1688.com/") for each in outside)
            headers = shown.response.headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            assert not re.search(r"<script>|<style|style=|onclick|javascript:", shown.response.text)


async def test_a_browser_that_is_not_paired_sees_the_same_form_everywhere_and_no_order(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        stranger = await page.stranger()
        real, false = await stranger.open(path(previewed)), await stranger.open("/approvals/PO260520-NOWHERE1")
        assert real.status == false.status == 401
        shown = real.response.text.replace(str(previewed["purchase_ref"]), "PO260520-NOWHERE1")
        assert shown == false.response.text
        assert "Plain ceramic mug" not in real.text
        for at in ("/approvals", "/approvals/passkey", f"/approvals/picture/{previewed['purchase_ref']}/0"):
            assert (await stranger.open(at)).form("/pair")


async def test_a_stale_used_foreign_or_altered_link_leads_to_one_plain_page(house: House) -> None:
    async with site(house) as page:
        used = await preview(page, ("plain", 3))
        stale = await preview(page, ("promotion", 3))
        blocked = await preview(page, ("carriage-by-description", 1), ("no-cross-border-pay", 1))
        browser = await page.person()
        await browser.send((await browser.open(path(used))).form("/decline"))
        house.clock.forward(901)
        links = [
            path(used),
            path(stale),
            path(blocked),
            "/approvals/PO1",
            path(used)[:-1],
            "/approvals/%00",
            "/approvals/a/b",
        ]
        pages = [await browser.open(link) for link in links]
        assert {each.status for each in pages} == {404}
        assert len({each.response.text for each in pages}) == 1


async def test_a_no_is_final(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser = await page.person()
        shown = await browser.open(path(previewed))
        said = await browser.send(shown.form("/decline"))
        assert said.text.startswith("Declined")
        again = await browser.send(shown.form("/approve"))
        assert again.text.startswith("Declined")
        async with Client(page.server) as client:
            result = await Buyer(client, None).create(previewed)
        assert result["outcome"] == "declined"
        assert house.upstream.create_calls == 0


async def test_a_form_that_is_sent_twice_or_in_two_tabs_orders_once(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser, other = await page.person(), await page.person("Wang Fang")
        tabs = [await browser.open(path(previewed)), await browser.open(path(previewed))]
        theirs = await other.open(path(previewed))
        done = [await browser.send(tab.form("/approve")) for tab in (*tabs, tabs[0])]
        done.append(await other.send(theirs.form("/approve")))
        assert all(each.text.startswith("Ordered") for each in done)
        assert "Li Wei, on this page" in done[3].text
        assert house.upstream.create_calls == 1


async def test_what_changed_between_page_and_answer_is_said_and_nothing_is_approved(house: House) -> None:
    async with site(house) as page:
        await preview(page, ("plain", 3), purchase_ref="PO-1")
        browser = await page.person()
        shown = await browser.open("/approvals/PO-1")
        house.clock.forward(1)
        await preview(page, ("plain", 4), purchase_ref="PO-1")

        said = await browser.send(shown.form("/approve"))

        assert said.status == 409
        assert "This order is not the one that you saw" in said.text
        assert house.upstream.create_calls == 0
        assert said.form("/approve").fields["digest"] != shown.form("/approve").fields["digest"]
        done = await browser.send(said.form("/approve"))
        assert done.text.startswith("Ordered")
        assert house.upstream.orders()[0].lines[0].quantity == 4


async def test_every_field_that_is_changed_in_the_file_makes_the_answer_void(house: House) -> None:
    changes = {
        "basket": "replace(basket, '\"quantity\":3', '\"quantity\":9')",
        "parts": 'replace(parts, \'"note":\', \'"note":"x","was":\')',
        "findings": '\'[{"severity": "notes", "code": "SPLIT"}]\'',
        "expires_at": "replace(expires_at, '2026', '2027')",
        "digest": "'0'",
        "owner": "'somebody'",
        "purchase_ref": "'PO-2'",
    }
    async with site(house) as page:
        for column, value in changes.items():
            previewed = await preview(page, ("plain", 3))
            browser = await page.person()
            shown = await browser.open(path(previewed))
            house.sql(f"update purchases set {column} = {value} where token = '{previewed['preview_token']}'")
            said = await browser.send(shown.form("/approve"))
            assert said.status in {404, 409}, column
            house.clock.forward(901)
    assert house.upstream.create_calls == 0


def changed_leaves(document: Any) -> Iterator[Any]:
    """The document with each of its leaves changed alone."""
    if isinstance(document, dict):
        fields = cast("dict[str, Any]", document)
        for name in fields:
            yield from ({**fields, name: changed} for changed in changed_leaves(fields[name]))
    elif isinstance(document, list):
        items = cast("list[Any]", document)
        for number, item in enumerate(items):
            yield from ([*items[:number], changed, *items[number + 1 :]] for changed in changed_leaves(item))
    elif isinstance(document, bool):
        yield not document
    else:
        yield document + 1 if isinstance(document, int) else f"{document or ''}1"


def row(house: House, token: str) -> dict[str, Any]:
    """A purchase as the file holds it, with its consignee."""
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        connection.row_factory = sqlite3.Row
        query = "select * from purchases join consignees using (token) where token = ?"
        return dict(connection.execute(query, (token,)).fetchone())


def write(house: House, token: str, column: str, value: str) -> None:
    table = "consignees" if column == "address" else "purchases"
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        connection.execute(f"update {table} set {column} = ? where token = ?", (value, token))


async def test_every_leaf_of_the_stored_order_that_is_changed_after_it_was_shown_is_refused(house: House) -> None:
    tried = 0
    async with site(house) as page:
        named = {"buyer_message": "pack well", "purchase_ref": "PO-1"}
        token = (await preview(page, ("plain", 3), ("promotion", 2), **named))["preview_token"]
        browser = await page.person()
        form = (await browser.open("/approvals/PO-1")).form("/approve")
        stored = row(house, token)
        for column in ("basket", "parts", "findings", "cards", "address"):
            for changed in changed_leaves(json.loads(stored[column] or "[]")):
                write(house, token, column, json.dumps(changed, ensure_ascii=False))
                assert (await browser.send(form)).status in {404, 409}, (column, changed)
                tried += 1
            write(house, token, column, stored[column])
        assert tried > 80
        assert house.upstream.create_calls == 0
        assert (await browser.send(form)).text.startswith("Ordered")


async def test_a_risen_price_is_shown_line_by_line_with_the_fresh_preview_to_approve(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("price-rise", 2))
        browser = await page.person()
        shown = await browser.open(path(previewed))
        said = await browser.send(shown.form("/approve"))
        assert said.text.startswith("Not ordered: the offer changed")
        assert "What changed" in said.text
        assert "Total: approved" in said.text
        assert house.upstream.create_calls == 0
        fresh = said.form("/approve")
        assert fresh.fields["digest"] != shown.form("/approve").fields["digest"]


async def test_a_lost_answer_is_said_and_a_look_settles_it(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("lost-answer", 2))
        browser = await page.person()
        said = await browser.send((await browser.open(path(previewed))).form("/approve"))
        assert house.upstream.create_calls == 1
        if said.text.startswith("Not known yet"):
            said = await browser.send(said.form("/look"))
        assert said.text.startswith("Ordered")
        assert house.upstream.create_calls == 1


async def test_an_order_that_expires_while_it_is_open_is_not_ordered(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser = await page.person()
        shown = await browser.open(path(previewed))
        house.clock.forward(901)
        said = await browser.send(shown.form("/approve"))
        assert said.text.startswith("Expired")
        assert house.upstream.create_calls == 0


async def test_a_removed_person_sees_and_approves_nothing_from_then_on(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser = await page.person()
        shown = await browser.open(path(previewed))
        await (await page.parts()).people.remove("Li Wei")
        assert (await browser.send(shown.form("/approve"))).status == 403
        assert (await browser.open(path(previewed))).status == 401
        assert house.upstream.create_calls == 0


OTHERS: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost:1", "Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("headers", OTHERS)
async def test_a_form_from_elsewhere_does_nothing(house: House, headers: dict[str, str]) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser = await page.person()
        shown = await browser.open(path(previewed))
        for name in ("/approve", "/decline"):
            assert (await browser.send(shown.form(name), headers=headers)).status == 403
        assert (await browser.open(path(previewed))).status == 200
        assert house.upstream.create_calls == 0


async def test_a_form_needs_the_proof_that_it_was_shown_in_this_browser(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser, other = await page.person(), await page.person("Wang Fang")
        own, theirs = await browser.open(path(previewed)), await other.open(path(previewed))
        assert (await browser.send(theirs.form("/approve"))).status == 403
        assert (await browser.send(own.form("/approve"), proof="")).status == 403
        assert (await browser.send(own.form("/approve"), shown_at="2026-05-20T07:41:00+00:00")).status == 403
        assert (await browser.send(Form(f"{path(previewed)}/approve"))).status == 403
        assert house.upstream.create_calls == 0


async def test_an_assistant_with_the_link_and_http_learns_and_orders_nothing(house: House) -> None:
    async with site(house, approval="page") as page:
        previewed = await preview(page, ("plain", 3), purchase_ref="PO-1")
        browser = await page.person()
        form = (await browser.open("/approvals/PO-1")).form("/approve")
        session = dict(browser.http.cookies)
        (name,) = session
        tries = [{}, {name: ""}, {name: "x"}, {name: session[name][:-1]}, {name: previewed["preview_token"]}]
        for cookies in tries:
            stranger = await page.stranger()
            stranger.http.cookies.update(cookies)
            for end in ("approve", "decline", "look", "passkey", "passkey/options"):
                at = f"/approvals/PO-1/{end}"
                assert (await stranger.send(Form(at, form.fields))).status == 403
                assert (await stranger.ask(at, **form.fields))["status"] == 403
            for at in ("/approvals", "/approvals/PO-1", "/approvals/PO-1/result", "/approvals/picture/PO-1/0"):
                answer = await stranger.http.get(at)
                assert answer.status_code == 401
                assert "95.33" not in answer.text
                assert ADDRESS["full_name"] not in answer.text
        async with Client(page.server) as client:
            waiting = await Buyer(client, None).create(previewed)
        assert waiting["outcome"] == "awaiting_approval"
        assert house.upstream.create_calls == 0


async def test_reading_changes_nothing(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        browser = await page.person()
        pages = ("", "/result", "/approve", "/decline", "/passkey", "/passkey/options", "/look")
        for end in pages:
            await browser.open(path(previewed) + end)
            await browser.http.head(path(previewed) + end)
        assert (await browser.open(path(previewed))).status == 200
        assert house.upstream.create_calls == 0


async def test_the_list_shows_what_waits_and_what_was_decided_lately(house: House) -> None:
    async with site(house) as page:
        first, second = await preview(page, ("plain", 3)), await preview(page, ("promotion", 2))
        third = await preview(page, ("free-carriage", 2))
        browser = await page.person()
        await browser.send((await browser.open(path(first))).form("/approve"))
        await browser.send((await browser.open(path(second))).form("/decline"))
        shown = await browser.open("/approvals")
        assert path(third) in shown.addresses
        assert {f"{path(first)}/result", f"{path(second)}/result"} <= set(shown.addresses)
        house.clock.forward(25 * 3600)
        later = await browser.open("/approvals")
        assert "Nothing waits for an answer." in later.text
        assert "Nothing was decided in the last day." in later.text


async def test_a_wrong_code_pairs_nothing_and_a_code_works_once(house: House) -> None:
    async with site(house) as page:
        code = await (await page.parts()).people.add("Li Wei")
        browser, second = await page.stranger(), await page.stranger()
        form = (await browser.open("/approvals/pair")).form("/pair")
        (await page.parts()).people._sleep = _no_time  # pyright: ignore[reportPrivateUsage]
        wrong = await browser.send(form, code="AAAA-AAAA")
        assert wrong.status == 403
        assert "This code does not work." in wrong.text
        right = await browser.send(form, code=code.code.lower(), next="PO-1")
        assert right.text.startswith("Register a passkey")
        assert "/approvals/PO-1" in right.addresses
        assert (await second.send(form, code=code.code)).status == 403


async def _no_time(_: float) -> None: ...


async def test_the_assistant_goes_on_by_itself_after_a_yes_on_the_page(house: House) -> None:
    async with site(house) as page:
        previewed = await preview(page, ("plain", 3))
        async with Client(page.server) as client:
            buyer = Buyer(client, None)
            waiting = await buyer.said("create_order", **order_of(previewed))
            assert waiting["outcome"] == "awaiting_approval"
            urls = [way["url"] for way in waiting["ways_to_approve"] if way.get("url")]
            assert urls == [f"{page.origin}{path(previewed)}"]
            browser = await page.person()
            await browser.send((await browser.open(path(previewed))).form("/approve"))
            placed = await buyer.said("create_order", **order_of(previewed))
        assert placed["outcome"] == "placed"
        assert placed["approval"]["channel"] == "page"
        assert placed["approval"]["by"] == "Li Wei"
        assert house.upstream.create_calls == 1


async def test_a_reference_that_is_a_name_of_the_page_has_a_page_too(house: House) -> None:
    async with site(house) as page:
        await preview(page, ("plain", 3), purchase_ref="pair")
        browser = await page.person()
        shown = await browser.open("/approvals/~pair")
        done = await browser.send(shown.form("/approve"))
        assert done.text.startswith("Ordered")
