"""The preview answer of 2026-04-24: a list, and every amount in fen."""

from typing import Any

import pytest

from orders_server.xportcn.preview import preview_answer
from orders_server.xportcn.wire import Unreadable, read_json
from orders_tools.purchase.model import AnsweredLine, AnsweredOrder, PreviewAnswer

from .documented_answers import PREVIEW_2026, changed, raw, without

DATA = PREVIEW_2026["data"]
LINE = (0, "orderItemTOList", 0)


def read(data: Any) -> PreviewAnswer:
    return preview_answer(read_json(raw(data)))


def test_the_documented_answer_is_read_whole() -> None:
    assert read(DATA) == PreviewAnswer(
        generation="2026",
        orders=(
            AnsweredOrder(
                goods=5800,
                carriage=600,
                sum_payment=6400,
                total_payment=6561,
                lines=(
                    AnsweredLine(
                        offer_id="889512351602",
                        spec_id="530ad00177264564503ec3b848650652",
                        sku_id="5736673805656",
                        unit_price=2900,
                        amount=5800,
                    ),
                ),
            ),
        ),
    )


def test_payable_is_the_total_payment_and_the_fee_is_what_it_adds() -> None:
    (order,) = read(DATA).orders
    assert (order.payable, order.service_fee) == (6561, 161)


def test_without_a_total_payment_the_sum_is_payable_and_no_fee_is_known() -> None:
    (order,) = read(without(DATA, (0, "sumTotalPayment"))).orders
    assert (order.payable, order.service_fee) == (6400, None)


def test_a_list_of_trade_types_that_is_not_there_is_none() -> None:
    assert read(DATA).orders[0].trade_types is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ((0, "sumCarriage"), "carriage"),
        ((0, "sumPaymentNoCarriage"), "goods"),
        ((0, "sumPayment"), "sum_payment"),
        ((0, "sumTotalPayment"), "total_payment"),
    ],
)
def test_an_amount_that_is_missing_or_null_is_not_known(path: tuple[str | int, ...], name: str) -> None:
    for data in (without(DATA, path), changed(DATA, path, None), changed(DATA, path, "")):
        assert getattr(read(data).orders[0], name) is None


@pytest.mark.parametrize("field", ["amount", "finalUnitPrice", "skuId", "specId", "message", "openOfferId"])
def test_a_line_can_lack_any_field_but_its_offer(field: str) -> None:
    absent, null = without(DATA, (*LINE, field)), changed(DATA, (*LINE, field), None)
    assert read(absent) == read(null)
    assert read(null).orders[0].lines[0].offer_id == "889512351602"


def test_a_line_without_its_offer_is_refused() -> None:
    for data in (without(DATA, (*LINE, "offerId")), changed(DATA, (*LINE, "offerId"), None)):
        with pytest.raises(Unreadable, match="offerId"):
            read(data)


def test_fields_nobody_knows_are_ignored() -> None:
    data = changed(changed(DATA, (*LINE, "new"), {"a": [1]}), (0, "also"), "new")
    assert read(data) == read(DATA)


def test_a_message_of_a_line_is_kept_as_it_came() -> None:
    assert read(changed(DATA, (*LINE, "message"), "500_004:库存不足")).orders[0].lines[0].message == "500_004:库存不足"


def test_several_entries_are_several_orders() -> None:
    assert len(read([DATA[0], DATA[0]]).orders) == 2


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (changed(DATA, (0, "sumPayment"), 64.5), r"data\[0\]\.sumPayment$"),
        (changed(DATA, (0, "sumPayment"), "64 yuan"), r"data\[0\]\.sumPayment$"),
        (changed(DATA, (0, "sumPayment"), True), r"data\[0\]\.sumPayment$"),
        (changed(DATA, (*LINE, "offerId"), [1]), r"data\[0\]\.orderItemTOList\[0\]\.offerId$"),
        (changed(DATA, (*LINE, "amount"), {}), r"data\[0\]\.orderItemTOList\[0\]\.amount$"),
        (changed(DATA, (0, "orderItemTOList"), {}), r"data\[0\]\.orderItemTOList$"),
        (changed(DATA, (0,), "an order"), r"data\[0\]$"),
        (without(DATA, (0, "orderItemTOList")), "neither in cargoList nor in orderItemTOList"),
        (changed(DATA, (0, "cargoList"), []), "in cargoList and in orderItemTOList"),
        (without(without(DATA, (0, "sumPayment")), (0, "sumTotalPayment")), r"data\[0\]\.sumPayment$"),
        ([], "holds no preview"),
        (None, "neither an object nor a list"),
        ("成功", "neither an object nor a list"),
        (200, "neither an object nor a list"),
    ],
    ids=str,
)
def test_what_cannot_be_a_preview_is_refused_by_the_name_of_its_fault(data: Any, named: str) -> None:
    with pytest.raises(Unreadable, match=named):
        read(data)


def test_two_forms_in_one_answer_are_refused() -> None:
    older = {"sumPayment": 100, "cargoList": [{"offerId": 1, "amount": 1}]}
    with pytest.raises(Unreadable, match="mixes two forms"):
        read([DATA[0], older])


def test_an_order_that_is_refused_in_any_words_need_have_neither_lines_nor_sums() -> None:
    answered = read([{"message": "新规则"}])
    assert (answered.generation, [order.message for order in answered.orders]) == ("2026", ["新规则"])
    assert [(order.lines, order.payable) for order in answered.orders] == [((), None)]
