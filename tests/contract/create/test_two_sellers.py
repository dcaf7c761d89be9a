"""Two sellers in one basket: what is said of the whole holds for both, and the trouble of one is not the other's."""

import sqlite3
from typing import Any

import pytest

from orders_server.xportcn.client import XportcnClient
from support.house import House, Person, offer_id

pytestmark = pytest.mark.anyio


def lines_of_two(first: str, second: str) -> list[dict[str, Any]]:
    return [
        {"offer_id": offer_id(name), "quantity": 1, "seller_open_id": seller}
        for name, seller in ((first, "one"), (second, "two"))
    ]


@pytest.mark.parametrize(
    ("names", "final"),
    [
        (("carriage-by-description", "other-seller"), False),
        (("other-seller", "carriage-by-description"), False),
        (("plain", "other-seller"), True),
    ],
    ids=["first by description", "second by description", "both computed"],
)
async def test_carriage_is_final_where_every_sellers_carriage_is_computed(
    house: House, names: tuple[str, str], final: bool
) -> None:
    async with house.buyer() as buyer:
        preview = await buyer.preview(lines=lines_of_two(*names))

    assert len(preview["orders"]) == 2
    assert preview["carriage_is_final"] is final


@pytest.mark.parametrize("broken", [1, 2])
async def test_a_fault_of_our_own_around_one_sellers_call_leaves_the_other_ordered_and_is_settled(
    house: House, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    real, calls = XportcnClient.create, 0

    async def create(self: XportcnClient, *given: Any) -> Any:
        nonlocal calls
        calls += 1
        reply = await real(self, *given)
        if calls == broken:
            raise RuntimeError("a fault of our own")
        return reply

    monkeypatch.setattr(XportcnClient, "create", create)
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(lines=lines_of_two("plain", "other-seller"), purchase_ref="PO-1")
        made = await buyer.create(preview)
        with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
            states = dict(connection.execute("SELECT part_ref, state FROM placements"))
        again = await buyer.create(preview)

    assert states == {f"PO-1-{number}": "unknown" if number == broken else "placed" for number in (1, 2)}
    assert made["outcome"] == "unknown"
    assert len(made["orders"]) == 1
    assert (again["outcome"], len(again["orders"])) == ("placed", 2)
    assert house.upstream.create_calls == 2
