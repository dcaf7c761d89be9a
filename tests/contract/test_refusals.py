"""Calls that are refused: one identical answer for every wrong token, one answer for all faults of a call."""

from typing import Any

import pytest

from support.house import ADDRESS, MODES, House, Person, basket, opened_house, order_of

pytestmark = pytest.mark.anyio

MUTATIONS = [
    "",
    "PV-",
    "PV-0000000000000000000000000",
    "pv-lowercase",
    "not a token",
    "PV-" + "0" * 26,
    "PV-" + "U" * 26,
]


async def test_every_wrong_token_gets_one_identical_refusal(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        token = preview["preview_token"]
        mutated = [
            token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :] for place in range(3, len(token))
        ]
        wrong = [*MUTATIONS, *mutated, token[:-1], token + "0", token.lower()]
        answers = {
            (await buyer.call("create_order", preview_token=each, expected_total="35.00")).model_dump_json(
                exclude={"meta": {"io.modelcontextprotocol/serverInfo"}}
            )
            for each in wrong
        }

    assert len(answers) == 1
    assert "TOKEN_INVALID" in answers.pop()
    assert house.upstream.create_calls == 0


async def test_another_owners_token_is_no_token(house: House) -> None:
    async with house.buyer(person=Person()) as owner:
        preview = await owner.preview(("plain", 1))
    async with house.buyer(person=Person(), user_id="somebody-else") as stranger:
        theirs = await stranger.refused("create_order", **order_of(preview))
        made_up = await stranger.refused("create_order", preview_token="PV-" + "0" * 26, expected_total="35.00")

    assert theirs == made_up
    assert theirs["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize("mode", MODES)
async def test_an_expired_preview_is_refused_without_a_dialog(house: House, mode: str) -> None:
    person = Person()
    async with house.buyer(mode, person) as buyer:
        preview = await buyer.preview(("plain", 1))
        house.clock.forward(901)
        copy = await buyer.refused("create_order", **order_of(preview))

    assert copy["code"] == "TOKEN_EXPIRED"
    assert person.shown == []
    assert house.upstream.create_calls == 0


async def test_a_used_token_gives_its_outcome_after_expiry_and_a_restart(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        made = await buyer.create(preview)
    house.clock.forward(90_000)
    async with house.buyer(person=Person()) as buyer:
        again = await buyer.create(preview)

    assert {**again, "replayed": False} == made
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("total", ["35.01", "34.99", "0", "3500", "350"])
async def test_a_wrong_total_orders_nothing_and_names_the_right_one(house: House, total: str) -> None:
    person = Person()
    async with house.buyer(person=person) as buyer:
        copy = await buyer.refused("create_order", **order_of(await buyer.preview(("plain", 1)), total))

    assert copy["code"] == "TOTAL_MISMATCH"
    assert copy["details"]["payable"] == "35.00"
    assert person.shown == []
    assert house.upstream.create_calls == 0


@pytest.mark.parametrize("total", [35.0, 35.5, True, None, "35,00", "¥35", "35.001", "-35", "1e3", ""])
async def test_a_total_that_is_no_plain_amount_is_an_invalid_argument(house: House, total: object) -> None:
    async with house.buyer(person=Person()) as buyer:
        preview = await buyer.preview(("plain", 1))
        copy = await buyer.refused("create_order", preview_token=preview["preview_token"], expected_total=total)

    assert copy["code"] == "INVALID_ARGUMENT"
    assert [fault["path"] for fault in copy["details"]["faults"]] == ["expected_total"]


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"lines": []}, ["lines"]),
        ({"lines": basket(("plain", 0))}, ["lines[0].quantity"]),
        ({"lines": [{"offer_id": f"61000000{n:04d}", "quantity": 1} for n in range(1, 502)]}, ["lines"]),
        ({"lines": basket(("plain", 1), ("promotion", 1), ("plain", 2))}, ["lines"]),
        ({"address": {name: value for name, value in ADDRESS.items() if name != "mobile"}}, ["address.mobile"]),
        ({"buyer_message": "长" * 501}, ["buyer_message"]),
        ({"buyer_message": "长" * 490}, ["buyer_message"]),
        ({"note": "x"}, ["note"]),
        (
            {"lines": [{"offer_id": True, "quantity": "many", "colour": "red"}], "flwo": "general", "address": {}},
            [
                "lines[0].offer_id",
                "lines[0].quantity",
                "lines[0].colour",
                "address.full_name",
                "address.mobile",
                "address.province",
                "address.city",
                "address.street",
                "flwo",
            ],
        ),
    ],
    ids=["empty", "zero", "501-lines", "same-sku", "no-mobile", "long-note", "note-with-reference", "unknown", "many"],
)
async def test_bad_arguments_are_refused_all_at_once_before_any_call(
    house: House, changed: dict[str, Any], paths: list[str]
) -> None:
    async with house.buyer() as buyer:
        copy = await buyer.refused("preview_order", **{"lines": basket(("plain", 1)), "address": ADDRESS, **changed})

    assert copy["code"] == "INVALID_ARGUMENT"
    assert [fault["path"] for fault in copy["details"]["faults"]] == paths
    assert house.upstream.preview_calls == 0


async def test_a_fault_never_repeats_what_was_written(house: House) -> None:
    address = {**ADDRESS, "mobile": "not a number 13912345678", "phone": "secret-phone"}
    async with house.buyer() as buyer:
        result = await buyer.call("preview_order", lines=basket(("plain", 1)), address=address)

    assert "13912345678" not in result.model_dump_json()
    assert "secret-phone" not in result.model_dump_json()


async def test_an_unknown_consignee_names_the_nearest_ones(house: House, tmp_path: Any) -> None:
    consignees = tmp_path / "consignees.toml"
    fields = "\n".join(f'{name} = "{value}"' for name, value in ADDRESS.items())
    consignees.write_text(f"[hangzhou-warehouse]\n{fields}\n", encoding="utf-8")
    async with house.buyer(consignees=consignees) as buyer:
        known = await buyer.preview(("plain", 1), address="hangzhou-warehouse")
        copy = await buyer.refused("preview_order", lines=basket(("plain", 1)), address="hangzhou-warehous")

    assert known["orderable"]
    assert "hangzhou-warehouse" in copy["details"]["faults"][0]["problem"]


async def test_a_reference_is_ordered_once(house: House) -> None:
    async with house.buyer(person=Person()) as buyer:
        first = await buyer.preview(("plain", 1), purchase_ref="PO-1")
        second = await buyer.preview(("promotion", 1), purchase_ref="PO-1")
        await buyer.create(first)
        with_old_token = await buyer.refused("create_order", **order_of(second))
        afresh = await buyer.refused(
            "preview_order", lines=basket(("promotion", 1)), address=ADDRESS, purchase_ref="PO-1"
        )

    assert with_old_token["code"] == "NOT_ORDERABLE"
    assert afresh["code"] == "INVALID_ARGUMENT"
    assert house.upstream.create_calls == 1


@pytest.mark.parametrize("arguments", [{}, {"order_id": "1", "purchase_ref": "PO-1"}])
async def test_get_order_takes_exactly_one_name(house: House, arguments: dict[str, str]) -> None:
    async with house.buyer() as buyer:
        copy = await buyer.refused("get_order", **arguments)

    assert copy["code"] == "INVALID_ARGUMENT"
    assert "order_id, purchase_ref" in copy["details"]["faults"][0]["problem"]


async def test_what_does_not_exist_is_not_found(house: House) -> None:
    async with house.buyer() as buyer:
        by_id = await buyer.refused("get_order", order_id="9999999999999999999")
        by_reference = await buyer.refused("get_order", purchase_ref="PO-NONE")

    assert by_id["code"] == by_reference["code"] == "NOT_FOUND"


async def test_wrong_credentials_are_told_as_the_upstreams_refusal(house: House) -> None:
    async with house.buyer(access_secret="wrong") as buyer:
        copy = await buyer.refused("preview_order", lines=basket(("plain", 1)), address=ADDRESS)

    assert copy["code"] == "UPSTREAM_REJECTED"
    assert copy["details"]["upstream_code"] == "610"


async def test_an_upstream_that_is_away_is_safe_to_ask_again(tmp_path: Any) -> None:
    async with (
        opened_house(tmp_path) as house,
        house.buyer(base_url="http://127.0.0.1:1", read_timeout=0.05) as buyer,
    ):
        for tool, arguments in (
            ("preview_order", {"lines": basket(("plain", 1)), "address": ADDRESS}),
            ("list_orders", {}),
            ("get_order", {"order_id": "1"}),
        ):
            assert (await buyer.refused(tool, **arguments))["code"] == "UPSTREAM_UNAVAILABLE"
