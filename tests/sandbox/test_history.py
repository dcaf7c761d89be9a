"""Orders that have a past and go on as the clock does."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orders_sandbox import SandboxOptions, Switches, create_app
from orders_sandbox.orders import from_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from orders_sandbox.orders import OrderRecord

    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio

COUNT = 300
DAY = 86_400
ORDER_OF_STATUSES = ["waitbuyerpay", "waitsellersend", "waitbuyerreceive", "signinsuccess", "success"]
MOMENTS = {
    "waitbuyerpay": set[str](),
    "waitsellersend": {"payTime"},
    "waitbuyerreceive": {"payTime", "allDeliveredTime"},
    "signinsuccess": {"payTime", "allDeliveredTime", "receivingTime"},
    "success": {"payTime", "allDeliveredTime", "receivingTime", "confirmedTime", "completeTime"},
}
EVERY_MOMENT = MOMENTS["success"]


@pytest.fixture(scope="module")
async def old(anyio_backend: str) -> AsyncGenerator[Caller, None]:
    from .conftest import open_sandbox

    async with open_sandbox(SandboxOptions(history=COUNT)) as caller:
        yield caller


async def whole(caller: Caller, **filters: object) -> list[Any]:
    """Every row of the list, page by page."""
    rows: list[Any] = []
    while True:
        page = await caller.listed(page=len(rows) // 50 + 1, pageSize=50, **filters)
        rows += page["result"]
        if len(rows) == page["totalRecord"]:
            return rows


async def every(caller: Caller) -> list[Any]:
    return [*await whole(caller), *await whole(caller, isHis=True)]


def moment(text: str) -> datetime:
    return datetime.strptime(f"{text[:17]}000{text[17:]}", "%Y%m%d%H%M%S%f%z")


async def test_as_many_orders_exist_as_asked_for_over_fourteen_months(old: Caller) -> None:
    rows = await every(old)
    ids = [row["baseInfo"]["idOfStr"] for row in rows]
    created = [moment(row["baseInfo"]["createTime"]) for row in rows]
    assert len(set(ids)) == COUNT
    assert created == sorted(created, reverse=True)
    assert timedelta(days=400) < old.clock.now - created[-1] < timedelta(days=430)
    assert created[0] < old.clock.now


async def test_orders_of_over_three_months_are_in_the_historical_table_only(old: Caller) -> None:
    border = old.clock.now - timedelta(days=92)
    current, historical = await whole(old), await whole(old, isHis=True)
    assert min(len(current), len(historical)) > COUNT // 4
    assert all(moment(row["baseInfo"]["createTime"]) >= border for row in current)
    assert all(moment(row["baseInfo"]["createTime"]) < border for row in historical)
    oldest = historical[-1]["baseInfo"]["idOfStr"]
    assert (await old.detail(orderId=oldest))["data"]["baseInfo"]["idOfStr"] == oldest
    assert (await old.listed(orderIds=[oldest]))["totalRecord"] == 0


async def test_the_two_tables_may_be_one(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions(history=20, history_separate=False)) as caller:
        totals = [(await caller.listed(isHis=his))["totalRecord"] for his in (False, True)]
        assert totals == [20, 20]


async def test_every_kind_of_ending_is_there(old: Caller) -> None:
    rows = await every(old)
    kinds = Counter((row["baseInfo"]["status"], row["baseInfo"].get("closeReason")) for row in rows)
    assert {status for status, _ in kinds} >= {*ORDER_OF_STATUSES[:3], "success", "cancel"}
    assert {(row["baseInfo"].get("closeReason"), row["baseInfo"].get("closeOperateType")) for row in rows} == {
        (None, None),
        ("BUYER_NO_PAY", "CLOSE_TRADE_BY_SYSTEM"),
        ("buyerCancel", "CLOSE_TRADE_BY_BUYER"),
        ("sellerGoodsLack", "CLOSE_TRADE_BY_SELLER"),
        ("other", "CLOSE_TRADE_BY_BUYER"),
    }
    assert {row["baseInfo"].get("refundStatus") for row in rows} >= {None, "refundsuccess", "refundclose"}
    assert {len(row["productItems"]) for row in rows} == {1, 2, 3, 4}


async def test_an_order_tells_the_moments_it_has_reached_and_its_sums_add_up(old: Caller) -> None:
    for row in await every(old):
        base, items, (term,) = row["baseInfo"], row["productItems"], row["tradeTerms"]
        told = EVERY_MOMENT & base.keys()
        if base["status"] == "cancel":
            assert "completeTime" in told
            assert ("payTime" in told, term["payStatus"]) in ((False, "8"), (True, "4"))
        else:
            assert told == MOMENTS[base["status"]]
        times = [moment(base[name]) for name in sorted(told - {"receivingTime"})]
        assert all(moment(base["createTime"]) <= time <= moment(base["modifyTime"]) for time in times)
        assert moment(base["modifyTime"]) <= old.clock.now
        assert sum(item["itemAmount"] for item in items) + base["shippingFee"] == base["totalAmount"]
        if base.get("refundStatus") == "refundsuccess":
            assert 0 < base["refund"] <= base["totalAmount"]


async def test_the_status_filter_goes_by_what_has_become_of_an_order(old: Caller) -> None:
    for his in (False, True):
        rows = await whole(old, isHis=his)
        for status, count in Counter(row["baseInfo"]["status"] for row in rows).items():
            found = await whole(old, isHis=his, orderStatus=status)
            assert {row["baseInfo"]["status"] for row in found} == {status}
            assert len(found) == count
        refunded = [row for row in rows if row["baseInfo"].get("refundStatus") == "refundsuccess"]
        assert await whole(old, isHis=his, refundStatus="refundsuccess") == refunded


async def parcels_of(caller: Caller, row: Any) -> dict[str, int]:
    """How many parcels carry each line of an order, by its sub-item id; all of them are told whole."""
    info = (await caller.detail(orderId=row["baseInfo"]["idOfStr"]))["data"]
    parcels = info["nativeLogistics"]["logisticsItems"]
    assert all(parcel["logisticsBillNo"] and parcel["logisticsCompanyName"] for parcel in parcels)
    carried = Counter(sub for parcel in parcels for sub in parcel["subItemIds"].split(","))
    return {item["subItemIDString"]: carried[item["subItemIDString"]] for item in info["productItems"]}


async def test_a_shipped_order_has_parcels_for_every_line(old: Caller) -> None:
    for status, logistics in (("waitbuyerreceive", 2), ("success", 3)):
        for row in (await old.listed(orderStatus=status, pageSize=10))["result"]:
            assert {item["logisticsStatus"] for item in row["productItems"]} == {logistics}
            assert min((await parcels_of(old, row)).values()) >= 1


async def test_a_part_of_an_order_may_be_on_its_way_before_the_rest(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions(history=2 * COUNT)) as caller:
        seen: set[int] = set()
        for _ in range(6):
            for row in await whole(caller, orderStatus="waitsellersend"):
                states = {item["subItemIDString"]: item["logisticsStatus"] for item in row["productItems"]}
                if set(states.values()) != {1}:
                    sent = await parcels_of(caller, row)
                    assert all((state == 1) == (sent[sub] == 0) for sub, state in states.items())
                    seen |= set(states.values())
            caller.clock.forward(DAY)
        assert seen == {1, 2, 5}


async def test_orders_go_on_as_the_clock_does_and_never_back(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions(history=50, history_separate=False)) as caller:
        seen: dict[str, list[str]] = {}
        for _ in range(20):
            for row in await whole(caller):
                steps = seen.setdefault(row["baseInfo"]["idOfStr"], [])
                if steps[-1:] != [row["baseInfo"]["status"]]:
                    steps.append(row["baseInfo"]["status"])
            caller.clock.forward(2 * DAY)
        for steps in seen.values():
            ranks = [ORDER_OF_STATUSES.index(step) for step in steps if step != "cancel"]
            assert ranks == sorted(ranks)
            assert steps[-1] in ("success", "cancel")
            assert "cancel" not in steps[:-1]
        assert any(len(steps) >= 3 for steps in seen.values())


async def test_an_order_nobody_pays_is_closed_after_five_days(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions()) as caller:
        order_id = (await caller.create(caller.line("plain")))["data"]["result"]["orderId"]
        caller.clock.forward(5 * DAY - 1)
        assert (await caller.listed(orderStatus="waitbuyerpay"))["totalRecord"] == 1
        caller.clock.forward(1)
        assert (await caller.listed(orderStatus="waitbuyerpay"))["totalRecord"] == 0
        info = (await caller.detail(orderId=order_id))["data"]
        base = info["baseInfo"]
        assert (base["status"], base["closeReason"], base["closeOperateType"]) == (
            "cancel",
            "BUYER_NO_PAY",
            "CLOSE_TRADE_BY_SYSTEM",
        )
        assert base["completeTime"] == base["modifyTime"] == "20260525154000123+0800"
        assert info["productItems"][0]["statusStr"] == "交易取消"
        assert info["tradeTerms"][0]["payStatus"] == "8"


async def test_a_new_order_stands_above_its_history_and_a_restart_changes_nothing(
    sandbox_with: OpenSandbox, tmp_path: Path
) -> None:
    options = SandboxOptions(history=30, store=tmp_path / "store.db")
    async with sandbox_with(options) as caller:
        new = (await caller.create(caller.line("plain")))["data"]["result"]["orderId"]
        before = await every(caller)
        assert before[0]["baseInfo"]["idOfStr"] == new
        assert all(int(row["baseInfo"]["idOfStr"]) < int(new) for row in before[1:])
    async with sandbox_with(options) as caller:
        assert await every(caller) == before


async def test_an_order_that_another_process_made_is_seen(sandbox_with: OpenSandbox, tmp_path: Path) -> None:
    options = SandboxOptions(history=5, store=tmp_path / "store.db", switches=Switches(nonces="replayed"))
    async with sandbox_with(options) as caller, sandbox_with(options) as other:
        assert len(await every(caller)) == 5
        made = [(await each.create(each.line("plain")))["data"]["result"]["orderId"] for each in (other, caller)]
        for each in (caller, other):
            assert [row["baseInfo"]["idOfStr"] for row in await every(each)][:2] == made[::-1]


async def test_a_history_that_another_process_brings_later_is_seen(sandbox_with: OpenSandbox, tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    async with sandbox_with(SandboxOptions(store=store)) as caller:
        await caller.create(caller.line("plain"))
        assert len(await every(caller)) == 1
        async with sandbox_with(SandboxOptions(store=store, history=5)) as other:
            seen = await every(other)
        assert await every(caller) == seen
        assert len(seen) == 6


async def test_an_order_is_read_from_the_file_once(
    sandbox_with: OpenSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def counted(text: str) -> OrderRecord:
        reads.append(text)
        return from_text(text)

    monkeypatch.setattr("orders_sandbox.store.from_text", counted)
    options = SandboxOptions(history=40, store=tmp_path / "store.db")
    async with sandbox_with(options) as caller:
        await caller.listed()
    async with sandbox_with(options) as caller:
        for _ in range(3):
            await caller.listed()
        assert len(reads) == 40
        await caller.create(caller.line("plain"))
        for _ in range(3):
            await caller.listed()
        assert len(reads) == 41


def test_one_seed_gives_one_history() -> None:
    histories = [
        create_app(
            SandboxOptions(history=20, seed=seed, clock=lambda: datetime.fromisoformat("2026-05-20T00:00+08:00"))
        ).state.sandbox.orders()
        for seed in (7, 7, 8)
    ]
    assert histories[0] == histories[1]
    assert not {order.order_id for order in histories[0]} & {order.order_id for order in histories[2]}
