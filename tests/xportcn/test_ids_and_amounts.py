"""Ids and amounts of both preview forms, digit by digit."""

import json
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_server.xportcn.preview_answers import preview_answer
from orders_server.xportcn.trade_info import trade_order
from orders_server.xportcn.wire import Unreadable, read_json
from orders_tools.purchase import AnsweredLine

IDS = st.from_regex(r"[1-9][0-9]{0,19}", fullmatch=True)
MANY = settings(derandomize=True, max_examples=80, deadline=None)


def line_2026(**fields: str) -> AnsweredLine:
    written = ", ".join(f'"{name}": {value}' for name, value in {"offerId": "1", **fields}.items())
    return _only_line(f'[{{"sumPayment": 1, "orderItemTOList": [{{{written}}}]}}]')


def line_2025(**fields: str) -> AnsweredLine:
    written = ", ".join(f'"{name}": {value}' for name, value in {"offerId": "1", **fields}.items())
    return _only_line(f'{{"orderPreviewResuslt": [{{"sumPayment": 1, "cargoList": [{{{written}}}]}}]}}')


def _only_line(data: str) -> AnsweredLine:
    return preview_answer(read_json(data.encode())).orders[0].lines[0]


@MANY
@given(offer=IDS, sku=IDS, form=st.sampled_from(["number", "text"]), generation=st.sampled_from([line_2025, line_2026]))
def test_an_id_keeps_every_digit_as_number_and_as_text(
    offer: str, sku: str, form: Literal["number", "text"], generation: Any
) -> None:
    offer_id, sku_id = (offer, sku) if form == "number" else (json.dumps(offer), json.dumps(sku))
    line = generation(offerId=offer_id, skuId=sku_id)
    assert (line.offer_id, line.sku_id) == (offer, sku)


@pytest.mark.parametrize(
    "written", ["9007199254740993", "9007199254740993.0", '"9007199254740993"', '" 9007199254740993 "']
)
def test_an_id_above_two_to_the_53rd_is_the_same_however_it_is_written(written: str) -> None:
    assert line_2026(skuId=written).sku_id == "9007199254740993"


@MANY
@given(order_id=st.from_regex(r"[1-9][0-9]{17,19}", fullmatch=True))
def test_an_order_id_keeps_every_digit(order_id: str) -> None:
    for written in (order_id, f'"{order_id}"'):
        for name in ("id", "idOfStr"):
            body = f'{{"baseInfo": {{"{name}": {written}, "status": "success"}}}}'
            assert trade_order(read_json(body.encode()), "data").order_id == order_id


@pytest.mark.parametrize("written", ["1.5", "true", "[1]", "{}", "1e40", '"' + "9" * 129 + '"'])
def test_what_is_no_id_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="offerId"):
        line_2026(offerId=written)


@MANY
@given(fen=st.integers(0, 10**13))
def test_yuan_become_exactly_their_fen(fen: int) -> None:
    yuan = f"{fen // 100}.{fen % 100:02d}"
    for written in (yuan, f'"{yuan}"', yuan + "000"):
        assert line_2025(amount=written).amount == fen
    assert line_2026(amount=str(fen)).amount == fen


@pytest.mark.parametrize("written", ["0.29", "0.57", "1.15", "4.35", "8.41", "1.005e2", "0.07", "16.40", "19.99", "64"])
def test_amounts_that_a_double_would_spoil_are_exact(written: str) -> None:
    line = line_2025(amount=written, finalUnitPrice=written)
    assert line.amount == line.unit_price == Decimal(written) * 100


@pytest.mark.parametrize("written", ["0.001", "13.905", "0.3333333333"])
def test_part_of_a_fen_is_not_known_rather_than_rounded(written: str) -> None:
    assert line_2025(amount=written).amount is None
    assert line_2026(amount=written).amount is None
    assert line_2026(amount="5800.5").amount is None


@pytest.mark.parametrize("written", ["1e40", "1e30", "-1e30", "1e-40", "10000000000000000000000000000"])
def test_an_amount_beyond_all_money_is_not_known(written: str) -> None:
    assert line_2025(amount=written).amount is None
    assert line_2026(amount=written).amount is None


@pytest.mark.parametrize("written", ["1e400", "-1e400", "1e9999999", "-1e9999999", "1e-9999999"])
@pytest.mark.parametrize("line", [line_2025, line_2026], ids=["2025", "2026"])
def test_a_preview_with_an_exponent_beyond_all_numbers_is_unreadable(line: Any, written: str) -> None:
    with pytest.raises(Unreadable, match="a number"):
        line(amount=written)
