"""A ledger that was put back, copied, deleted, replaced or written by somebody else, and clocks that go back."""

import logging
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel
from support.house import Buyer, House, Person, order_of, text_of

pytestmark = pytest.mark.anyio


def ledger_of(house: House) -> Path:
    return house.folder / "ledger.sqlite3"


async def approved(house: House, preview: dict[str, Any]) -> None:
    """A yes as the terminal records it, from a process of its own."""
    async with house.server() as server:
        purchasing = await server.purchasing()
        purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
        assert purchase is not None
        now = purchasing.clock()
        assert await purchasing.ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=now, shown_at=now))


@pytest.mark.parametrize("point", ["before the yes", "after the yes"])
@pytest.mark.parametrize("marked", [True, False], ids=["noticed", "unnoticed"])
async def test_a_copy_put_back_does_not_order_again(house: House, point: str, marked: bool) -> None:
    copy = house.folder / "copy"
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
    if point == "before the yes":
        shutil.copy(ledger_of(house), copy)
    await approved(house, preview)
    if point == "after the yes":
        shutil.copy(ledger_of(house), copy)
    async with house.buyer() as buyer:
        made = await buyer.create(preview)
    shutil.copy(copy, ledger_of(house))
    house.clock.forward(1)
    if not marked:
        Path(f"{ledger_of(house)}.seen").unlink()
    async with house.buyer(person=Person()) as buyer:
        refused = await buyer.refused("create_order", **order_of(preview))
        seen = await buyer.said("get_order", purchase_ref=preview["purchase_ref"])

    assert made["orders"][0]["order_id"] == seen["order_id"]
    assert house.upstream.create_calls == 1
    if marked:
        assert refused["code"] == "TOKEN_EXPIRED"
        assert "put back or replaced" in refused["message"]
        assert "list_orders" in refused["next_step"]
    else:
        assert refused["code"] == "NOT_ORDERABLE"
        assert refused["details"]["order_ids"] == [seen["order_id"]]
        assert preview["purchase_ref"] in refused["next_step"]


async def test_an_older_copy_is_told_of_before_anybody_says_yes(house: House, caplog: pytest.LogCaptureFixture) -> None:
    copy, person = house.folder / "copy", Person()
    async with house.buyer() as buyer:
        await buyer.preview(("plain", 1))
    shutil.copy(ledger_of(house), copy)
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(("lost-answer", 1)))
    shutil.copy(copy, ledger_of(house))
    caplog.clear()
    async with house.buyer(person=person) as buyer:
        again = await buyer.preview(("lost-answer", 1))
        await buyer.create(again)
        house.clock.forward(2 * 86_400)
        later = await buyer.preview(("plain", 2))

    assert "LEDGER_OLDER" in [issue["code"] for issue in again["issues"]]
    assert "older copy" in person.shown[0]
    assert "older copy" in caplog.text
    assert "LEDGER_OLDER" not in [issue["code"] for issue in later["issues"]]


@pytest.mark.parametrize("how", ["deleted", "another one"])
async def test_another_ledger_in_the_same_place_is_told_of(
    house: House, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.buyer() as buyer:
        await buyer.preview(("plain", 1))
    elsewhere = f"sqlite:///{house.folder}/other.sqlite3"
    async with house.buyer(store=elsewhere) as buyer:
        await buyer.preview(("plain", 1))
    if how == "deleted":
        ledger_of(house).unlink()
    else:
        shutil.copy(house.folder / "other.sqlite3", ledger_of(house))
    caplog.clear()
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))

    assert "LEDGER_REPLACED" in [issue["code"] for issue in preview["issues"]]
    assert "not the one that was there before" in caplog.text


async def test_a_new_ledger_is_said_loudly_where_it_can_buy(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with house.buyer() as buyer:
        first = await buyer.preview(("plain", 1))
    told = [record.levelno for record in caplog.records if "a new ledger was made" in record.getMessage()]
    caplog.clear()
    async with house.buyer() as buyer:
        await buyer.preview(("plain", 1))

    assert told == [logging.WARNING]
    assert first["issues"] == []
    assert "a new ledger" not in caplog.text


async def test_a_file_put_back_under_a_running_server_stops_it(house: House) -> None:
    copy = house.folder / "copy"
    async with house.buyer(person=Person()) as buyer:
        early = await buyer.preview(("plain", 1))
        shutil.copy(ledger_of(house), copy)
        made = await buyer.create(early)
        ledger_of(house).write_bytes(copy.read_bytes())
        refused = await buyer.call("preview_order", **_basket(buyer))
        token = await buyer.call("create_order", **order_of(early))

    assert made["outcome"] == "placed"
    assert refused.is_error
    assert "replaced while it was in use" in text_of(refused)
    assert token.is_error
    assert house.upstream.create_calls == 1


async def test_a_ledger_in_place_of_the_open_one_stops_it(house: House) -> None:
    async with house.buyer(store=f"sqlite:///{house.folder}/other.sqlite3", person=Person()) as buyer:
        for _ in range(4):
            await buyer.preview(("plain", 1))
    async with house.buyer(person=Person()) as buyer:
        await buyer.preview(("plain", 1))
        ledger_of(house).write_bytes((house.folder / "other.sqlite3").read_bytes())
        refused = await buyer.call("preview_order", **_basket(buyer))

    assert "replaced while it was in use" in text_of(refused)


def _basket(buyer: Buyer) -> dict[str, Any]:
    from support.house import ADDRESS, basket

    return {"lines": basket(("plain", 1)), "address": ADDRESS}


async def test_a_look_that_fails_sends_nothing_and_the_next_call_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = house.upstream.answer

    def without_lists(path: str, headers: Any, content: bytes) -> Any:
        if path.endswith("/order/list"):
            raise ConnectionError
        return real(path, headers, content)

    async with house.buyer(person=Person(), read_timeout=2) as buyer:
        preview = await buyer.preview(("plain", 1))
        with monkeypatch.context() as failing:
            failing.setattr(house.upstream, "answer", without_lists)
            refused = await buyer.refused("create_order", **order_of(preview))
        made = await buyer.create(preview)

    assert refused["code"] == "UPSTREAM_UNAVAILABLE"
    assert "ordered already" in refused["message"]
    assert "XPORTCN_ORDER_LIST_PATH" in refused["next_step"]
    assert made["outcome"] == "placed"
    assert house.upstream.create_calls == 1


async def test_the_look_is_left_out_only_where_no_reference_comes_back_and_that_is_said(house: House) -> None:
    asked: list[str] = []
    real = house.upstream.answer

    def listening(path: str, headers: Any, content: bytes) -> Any:
        if "/order/" in path:
            asked.append(path.rpartition("/")[2])
        return real(path, headers, content)

    house.upstream.answer = listening
    async with house.buyer(person=Person(), reference_returned=False) as buyer:
        preview = await buyer.preview(("plain", 1))
        await buyer.create(preview)
    without, asked[:] = list(asked), []
    async with house.buyer(person=Person()) as buyer:
        ordinary = await buyer.preview(("promotion", 1))
        await buyer.create(ordinary)

    assert without == ["preview", "preview", "create", "detail"]
    assert sorted(asked[1:3]) == ["list", "preview"]
    assert asked[3:] == ["create", "detail"]
    assert "NO_LOOK_BEFORE_SENDING" in [issue["code"] for issue in preview["issues"]]
    assert ordinary["issues"] == []


async def test_a_yes_that_expired_stays_expired_when_the_clock_goes_back(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        await approved(house, preview)
        house.clock.forward(901)
        first = await buyer.refused("create_order", **order_of(preview))
        house.clock.now -= timedelta(seconds=600)
        second = await buyer.refused("create_order", **order_of(preview))

    with sqlite3.connect(ledger_of(house)) as connection:
        states = connection.execute("SELECT state FROM purchases").fetchall()
    assert (first["code"], second["code"]) == ("TOKEN_EXPIRED", "TOKEN_EXPIRED")
    assert states == [("expired",)]
    assert house.upstream.create_calls == 0


async def test_a_yes_of_the_future_is_none(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        await approved(house, preview)
        house.clock.now -= timedelta(hours=2)
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["code"] == "TOKEN_EXPIRED"
    assert house.upstream.create_calls == 0


EDITS = {
    "approved by hand": "UPDATE purchases SET state = 'approved'",
    "a yes of another purchase": (
        "UPDATE purchases SET state = 'approved', (approved_through, approved_at, shown_at, approval_seal) = ("
        "SELECT approved_through, approved_at, shown_at, approval_seal FROM purchases WHERE state = 'approved')"
    ),
    "a channel of more weight": "UPDATE purchases SET approved_through = 'terminal' WHERE state = 'approved'",
}


@pytest.mark.parametrize("edit", EDITS)
async def test_a_yes_that_this_server_did_not_seal_orders_nothing(house: House, edit: str) -> None:
    async with house.buyer(approval="host") as buyer:
        yes, bare = await buyer.preview(("plain", 1)), await buyer.preview(("promotion", 1))
        async with house.server() as server:
            purchasing = await server.purchasing()
            purchase = await purchasing.ledger.purchase(purchasing.owner, yes["preview_token"])
            assert purchase is not None
            now = purchasing.clock()
            assert await purchasing.ledger.approve(purchase, Approval(channel=Channel.DIALOG, at=now, shown_at=now))
        with sqlite3.connect(ledger_of(house)) as connection:
            connection.execute(EDITS[edit])
        preview = yes if edit == "a channel of more weight" else bare
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["code"] == "TOKEN_INVALID"
    assert house.upstream.create_calls == 0


async def test_an_address_that_was_changed_with_its_digest_made_anew_is_refused(house: House) -> None:
    from orders_server.ledger.purchases import find_one
    from orders_server.ledger.seals import Seals, read_key
    from orders_server.ledger.store import Store
    from orders_tools.purchase.records import shown_digest

    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with sqlite3.connect(ledger_of(house)) as connection:
            connection.execute("UPDATE consignees SET address = replace(address, '秘密路7号', '另一条路9号')")
        store = Store(ledger_of(house))
        forged = await store.reading(find_one, Seals(read_key(house.settings().key_path())))
        await store.close()
        assert forged is not None
        with sqlite3.connect(ledger_of(house)) as connection:
            connection.execute("UPDATE purchases SET digest = ?", (shown_digest(forged),))
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["code"] == "TOKEN_INVALID"
    assert house.upstream.create_calls == 0


async def test_a_ledger_that_a_stranger_brings_holds_no_yes(house: House) -> None:
    async with house.buyer(person=Person(), key_file=house.folder / "theirs" / "ledger.key") as buyer:
        preview = await buyer.preview(("plain", 1))
        purchasing_key = house.folder / "theirs" / "ledger.key"
        async with house.server(key_file=purchasing_key) as server:
            purchasing = await server.purchasing()
            purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
            assert purchase is not None
            now = purchasing.clock()
            assert await purchasing.ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=now, shown_at=now))
    async with house.buyer(person=Person()) as buyer:
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["code"] == "TOKEN_INVALID"
    assert house.upstream.create_calls == 0


async def test_what_was_ordered_is_told_although_the_key_is_lost(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        placed = await buyer.preview(("plain", 1))
        made = await buyer.create(placed)
        doubtful = await buyer.preview(("lost-answer", 1))
        unknown = await buyer.create(doubtful)
    house.settings().key_path().unlink()
    async with house.buyer(person=Person()) as buyer:
        told = await buyer.create(placed)
        settled = await buyer.create(doubtful)

    assert {**told, "replayed": False} == made
    assert (unknown["outcome"], settled["outcome"]) == ("unknown", "placed")
    assert house.upstream.create_calls == 2


async def test_the_key_is_for_its_owner_alone_and_lies_outside_the_ledgers_folder(house: House, tmp_path: Path) -> None:
    async with house.buyer() as buyer:
        await buyer.preview(("plain", 1))
    key = house.settings().key_path()

    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent != ledger_of(house).parent
    assert key.read_bytes() not in ledger_of(house).read_bytes()
    default = house.settings(key_file=None, store=None)
    assert default.key_path().parent != default.store_path().parent


@pytest.mark.parametrize("content", [b"", b"00ff", b"not a key at all", b"\xff" * 64], ids=repr)
async def test_a_file_that_holds_no_key_stops_the_purchase_with_the_reason(house: House, content: bytes) -> None:
    key = house.settings().key_path()
    key.parent.mkdir()
    key.write_bytes(content)
    async with house.buyer() as buyer:
        refused = await buyer.call("preview_order", **_basket(buyer))

    assert "holds no key" in text_of(refused)
    assert "XPORTCN_KEY_FILE" in text_of(refused)


async def test_a_yes_that_a_restored_copy_brings_back_after_a_no_is_none(house: House) -> None:
    copy = house.folder / "copy"
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
    await approved(house, preview)
    shutil.copy(ledger_of(house), copy)
    async with house.server() as server:
        purchasing = await server.purchasing()
        purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
        assert purchase is not None
        assert await purchasing.ledger.decline(purchase, Channel.TERMINAL, purchasing.clock())
    codes: list[str] = []
    for _ in range(2):  # the second time too
        house.clock.forward(1)
        shutil.copy(copy, ledger_of(house))
        async with house.buyer(person=Person(), reference_returned=False) as buyer:
            codes.append((await buyer.refused("create_order", **order_of(preview)))["code"])

    assert codes == ["TOKEN_EXPIRED", "TOKEN_EXPIRED"]
    assert house.upstream.create_calls == 0


async def test_a_server_that_only_looked_on_notices_a_copy_put_back(house: House) -> None:
    copy = house.folder / "copy"
    async with (
        house.buyer(person=Person(), reference_returned=False) as idle,
        house.buyer(person=Person()) as busy,
    ):
        preview = await idle.preview(("plain", 1))
        await approved(house, preview)
        shutil.copy(ledger_of(house), copy)
        await busy.create(preview)
        ledger_of(house).write_bytes(copy.read_bytes())
        refused = await idle.call("create_order", **order_of(preview))

    assert "replaced while it was in use" in text_of(refused)
    assert house.upstream.create_calls == 1


async def test_a_change_that_could_not_be_committed_does_not_stop_the_next_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import Engine, event
    from sqlalchemy.exc import OperationalError

    async with house.buyer(person=Person()) as buyer:
        await buyer.preview(("plain", 1))

        def fails(connection: Any) -> None:
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

        event.listen(Engine, "commit", fails)
        try:
            refused = await buyer.call("preview_order", **_basket(buyer))
        finally:
            event.remove(Engine, "commit", fails)
        again = await buyer.preview(("plain", 1))

    assert refused.is_error
    assert again["orderable"]


@pytest.mark.parametrize("written", ["lower", "blank", "number of its own"])
async def test_the_look_finds_a_reference_however_it_comes_back(
    house: House, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    async with house.buyer(person=Person()) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1), purchase_ref="PO-ABC"))
    real = house.upstream.answer

    def otherwise(path: str, headers: Any, content: bytes) -> Any:
        answer = real(path, headers, content)
        if path.endswith("/order/list"):
            forms = {"lower": b'"po-abc"', "blank": b'"PO-ABC "', "number of its own": b'"7700012345"'}
            body = bytes(answer.body).replace(b'"outOrderId":"PO-ABC"', b'"outOrderId":' + forms[written])
            assert body != answer.body
            return Response(body, media_type="application/json")
        return answer

    monkeypatch.setattr(house.upstream, "answer", otherwise)
    elsewhere = f"sqlite:///{house.folder}/other.sqlite3"
    async with house.buyer(person=Person(), store=elsewhere) as buyer:
        preview = await buyer.preview(("plain", 1), purchase_ref="PO-ABC")
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["details"]["order_ids"] == [made["orders"][0]["order_id"]]
    assert house.upstream.create_calls == 1


async def test_one_order_of_two_sellers_and_one_of_one_seller_do_not_share_a_reference(house: House) -> None:
    lines = [
        {"offer_id": "610000000001", "quantity": 1, "seller_open_id": "one"},
        {"offer_id": "610000000010", "quantity": 1, "seller_open_id": "two"},
    ]
    async with house.buyer(person=Person()) as buyer:
        await buyer.create(await buyer.preview(lines=lines, purchase_ref="PO-9"))
        calls = house.upstream.create_calls
    elsewhere = f"sqlite:///{house.folder}/other.sqlite3"
    async with house.buyer(person=Person(), store=elsewhere) as buyer:
        same = await buyer.refused("create_order", **order_of(await buyer.preview(lines=lines, purchase_ref="PO-9")))

    assert same["details"]["order_ids"]
    assert house.upstream.create_calls == calls == 2


async def test_a_claim_that_was_written_by_hand_is_no_order(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        with sqlite3.connect(ledger_of(house)) as connection:
            connection.execute("UPDATE purchases SET state = 'claimed'")
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize("state", ["declined", "expired"])
async def test_a_yes_left_behind_in_a_row_is_not_brought_back_by_hand(house: House, state: str) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(("plain", 1))
        await approved(house, preview)
        async with house.server() as server:
            purchasing = await server.purchasing()
            purchase = await purchasing.ledger.purchase(purchasing.owner, preview["preview_token"])
            assert purchase is not None
            if state == "declined":
                assert await purchasing.ledger.decline(purchase, Channel.TERMINAL, purchasing.clock())
            else:
                assert await purchasing.ledger.expire(purchase, purchasing.clock())
        with sqlite3.connect(ledger_of(house)) as connection:
            connection.execute("UPDATE purchases SET state = 'approved'")
        refused = await buyer.refused("create_order", **order_of(preview))

    assert refused["code"] == "TOKEN_INVALID"
    assert house.upstream.create_calls == 0
