"""Ids and amounts of both preview forms: no id loses a digit, no field in the wrong unit is orderable (B7)."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_server.xportcn.create import create_reply
from orders_server.xportcn.orders import trade_order
from orders_server.xportcn.preview import preview_answer
from orders_server.xportcn.wire import Unreadable, read_json
from orders_tools.purchase.model import AnsweredLine, Basket, Line
from orders_tools.rules.preview_rules import findings_of, part_of

IDS = st.from_regex(r"[1-9][0-9]{0,19}", fullmatch=True)
LISTS = {
    "postFeeByDescOfferList": "carriage_by_description",
    "consignOfferList": "consignment",
    "unsupportedCrossBorderPayOfferList": "no_cross_border_pay",
}
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
@given(offer=IDS)
def test_an_offer_of_a_list_keeps_every_digit(offer: str) -> None:
    for name, field in LISTS.items():
        for written in (offer, f'"{offer}"'):
            body = f'{{"orderPreviewResuslt": [{{"sumPayment": 1, "cargoList": []}}], "{name}": [{written}]}}'
            assert getattr(preview_answer(read_json(body.encode())), field) == (offer,)


@MANY
@given(order_id=IDS)
def test_an_order_id_keeps_every_digit(order_id: str) -> None:
    for written in (order_id, f'"{order_id}"'):
        for name in ("id", "idOfStr"):
            line = f'{{"productID": {written}, "skuID": {written}}}'
            base = f'{{"{name}": {written}, "status": "success"}}'
            order = trade_order(read_json(f'{{"baseInfo": {base}, "productItems": [{line}]}}'.encode()), "data")
            assert (order.order_id, order.lines[0].offer_id, order.lines[0].sku_id) == (order_id, order_id, order_id)


@MANY
@given(order_id=IDS)
def test_an_order_id_of_create_keeps_every_digit(order_id: str) -> None:
    for written in (order_id, f'"{order_id}"'):
        for data in (
            f'{{"orderId": {written}}}',
            f'{{"result": {{"orderId": {written}}}}}',
            f'{{"orderList": [{{"orderId": {written}}}]}}',
            f'[{{"baseInfo": {{"idOfStr": {written}, "status": "waitbuyerpay"}}}}]',
        ):
            reply = create_reply(f'{{"code": 200, "data": {data}}}'.encode())
            assert [order.order_id for order in reply.orders] == [order_id]


@dataclass(frozen=True)
class Priced:
    """A valid preview of one line in one of the forms: each money field as it is written, in the unit it belongs in."""

    generation: Literal["2025", "2026"]
    quantity: int
    fields: dict[str, Decimal]

    def judged(self) -> bool:
        """Whether the body that these fields make could be ordered."""
        amounts = {name: f"{value:f}" for name, value in self.fields.items()}
        line = f'{{"offerId": 1, "amount": {amounts.pop("amount")}, "finalUnitPrice": {amounts.pop("finalUnitPrice")}}}'
        sums = ", ".join(f'"{name}": {value}' for name, value in amounts.items())
        if self.generation == "2026":
            body = f'[{{{sums}, "orderItemTOList": [{line}]}}]'
        else:
            body = f'{{"orderPreviewResuslt": [{{{sums}, "status": true, "cargoList": [{line}]}}]}}'
        lines = (Line(offer_id="1", quantity=self.quantity),)
        basket = Basket(lines=lines, flow=None, buyer_message="", purchase_ref="PO1")
        try:
            answer = preview_answer(read_json(body.encode()))
        except Unreadable:
            return False
        found = findings_of(part_of("PO1", lines, answer, basket, "assureTrade", ""))
        return not any(finding.severity == "blocks" for finding in found)


@st.composite
def priced(draw: st.DrawFn) -> Priced:
    generation = draw(st.sampled_from(("2025", "2026")))
    price, quantity = draw(st.integers(1, 10**7)), draw(st.integers(1, 1000))
    carriage, fee = draw(st.integers(1, 10**5)), draw(st.integers(0, 20))
    goods = price * quantity
    in_line = Decimal("0.01") if generation == "2025" else Decimal(1)
    fields = {
        "sumPaymentNoCarriage": Decimal(goods),
        "sumCarriage": Decimal(carriage),
        "sumPayment": Decimal(goods + carriage),
        "amount": goods * in_line,
        "finalUnitPrice": price * in_line,
    }
    if generation == "2026":
        fields["sumTotalPayment"] = Decimal(goods + carriage + (goods + carriage) * fee // 100)
    return Priced(generation, quantity, fields)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(made=priced())
def test_no_field_in_the_wrong_unit_is_ever_orderable(made: Priced) -> None:
    assert made.judged()
    for field, value in made.fields.items():
        for factor in (Decimal(100), Decimal("0.01")):
            wrong = replace(made, fields={**made.fields, field: value * factor})
            assert not wrong.judged(), (field, factor)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(made=priced())
def test_lines_or_sums_that_are_all_in_the_wrong_unit_are_never_orderable(made: Priced) -> None:
    of_lines = {"amount", "finalUnitPrice"}
    for changed in (of_lines, set(made.fields) - of_lines):
        for factor in (Decimal(100), Decimal("0.01")):
            fields = {name: value * factor if name in changed else value for name, value in made.fields.items()}
            assert not replace(made, fields=fields).judged(), (changed, factor)


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
