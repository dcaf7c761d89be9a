"""What is blanked of a consignee in the words of others, however it is written, and what is left alone."""

import pytest

from orders_prompts.renderer import Texts
from orders_tools.orders.model import Receiver
from orders_tools.purchase.model import Address, Basket, FailedLine, Line
from orders_tools.purchase.records import Finding
from orders_tools.results.builders import refused_line
from orders_tools.results.redaction import NO_REDACTIONS, REDACTED, redactions_for
from orders_tools.vocabulary import IssueCode


def someone(**changed: str) -> Address:
    own = {"full_name": "李明", "mobile": "13912345678", "province": "浙江省", "city": "杭州市", "area": "滨江区"}
    return Address(**{**own, "street": "浙江省杭州市江南大道100号", "phone": "0571-8877665", **changed})


def told(text: str, **changed: str) -> str:
    return redactions_for({}, someone(**changed)).redact_text(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("收货人李明已拒收", "收货人＊＊＊已拒收"),
        ("李 明、李·明、李\u3000明", "＊＊＊、＊＊＊、＊＊＊"),
        ("李\x1b[1m明\x1b[0m!", "＊＊＊!"),
        ("电话13912345678。", "电话＊＊＊。"),
        ("+86 139-1234-5678", "+86 ＊＊＊"),
        ("8613912345678", "86＊＊＊"),
        ("１３９ １２３４ ５６７８", "＊＊＊"),
        ("(0571) 887-7665 or 8877665", "(＊＊＊ or ＊＊＊"),
        ("江南大道 100 号", "＊＊＊"),
        ("浙江省杭州市江南大道100号3楼", "＊＊＊3楼"),
        ("李明李明", "＊＊＊＊＊＊"),
    ],
    ids=ascii,
)
def test_a_value_is_blanked_however_it_is_written(text: str, left: str) -> None:
    assert told(text) == left


def test_a_name_with_a_chinese_character_newer_than_the_tables_is_blanked_whole() -> None:
    assert told("收货人\U0002ebf0\U00031350已拒收", full_name="\U0002ebf0\U00031350") == "收货人＊＊＊已拒收"
    assert told("收货人王\U0002ebf0已拒收，王先生", full_name="王\U0002ebf0") == "收货人＊＊＊已拒收，王先生"


@pytest.mark.parametrize(
    "text",
    [
        "浙江省 杭州市 滨江区",
        "310051",
        "李先生",
        "500_004:610000000007_604588d667451c5c33ea736a614ee78a:库存不足，剩余5件",
        "满100减5, 共1391234.56元",
        "江南大道1000号",
        "\x1b[1m<b>&amp;</b>",
        "",
    ],
    ids=ascii,
)
def test_words_that_hold_none_stay_as_they_came(text: str) -> None:
    assert told(text) == text


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Li Wei", "LI-WEI and deli weight", "＊＊＊ and deli weight"),
        ("José Núñez", "jose nunez", "＊＊＊"),
        ("An", "An offer of An", "An offer of An"),
        ("李", "李 and 行李", "李 and 行李"),
        ("100", "100 left", "100 left"),
        ("김철수", "김 철수 님", "＊＊＊ 님"),
        ("สมชาย", "คุณ สมชาย", "คุณ ＊＊＊"),
    ],
)
def test_a_name_is_blanked_as_a_whole_and_only_if_it_is_long_enough(name: str, text: str, left: str) -> None:
    assert told(text, full_name=name) == left


@pytest.mark.parametrize(("street", "text"), [("7号", "7号链接"), ("路7号", "路7号")])
def test_a_street_too_short_to_be_one_is_left(street: str, text: str) -> None:
    assert told(text, street=street) == text


def test_named_consignees_are_blanked_whoever_receives_this_purchase() -> None:
    both = redactions_for({"warehouse": someone(), "office": someone(full_name="王芳芳")}, someone(full_name="赵四海"))
    assert both.redact_text("李明、王芳芳、赵四海、钱五") == "＊＊＊、＊＊＊、＊＊＊、钱五"


def test_a_receiver_is_blanked_by_all_that_the_upstream_writes_of_them() -> None:
    receiver = Receiver(
        name="李明 先生",
        mobile="13912345678",
        region="浙江省",
        names=("李大明",),
        numbers=("8877665",),
        streets=("网商路9号",),
    )
    said = NO_REDACTIONS.with_person(receiver).redact_text("李明 李大明 13912345678 8877665 网商路9号 浙江省")
    assert said == " ".join([REDACTED] * 5 + ["浙江省"])


def test_ids_that_the_caller_gave_stay_and_so_do_our_own_words() -> None:
    line = Line(offer_id="610000000001", quantity=1, spec_id="ABC-1")
    basket = Basket(lines=(line,), flow=None, buyer_message="", purchase_ref="PO-ABC")
    blanks = redactions_for({}, someone(full_name="ABC", mobile="610000000001"), basket)
    assert blanks.redact(["610000000001", "ABC-1", "of ABC", None, 7]) == [
        "610000000001",
        "ABC-1",
        "of ＊＊＊",
        None,
        7,
    ]
    found = Finding(severity="blocks", code=IssueCode.UPSTREAM_NOTE, details={"purchase_ref": "ABC", "message": "ABC"})
    assert blanks.redact(found.details) == {"purchase_ref": "ABC", "message": REDACTED}


def test_the_number_that_a_refused_line_names_is_blanked_like_its_words() -> None:
    line = Line(offer_id="610000000001", quantity=1)
    failed = FailedLine(offer_id=line.offer_id, spec_id=None, code="500", message="500_005:最小起订量8877665件")
    told = refused_line(failed, IssueCode.MINIMUM_QUANTITY, Texts("en"), redactions_for({}, someone()), [line])
    assert told.remedy == f"Order {REDACTED} or more."
    assert "8877665" not in told.reason


def test_a_record_is_copied_and_what_cannot_be_anything_is_left() -> None:
    found = Finding(
        severity="blocks", code=IssueCode.UPSTREAM_NOTE, offer_id="blocks", details={"message": "it blocks"}
    )
    blanked = redactions_for({}, someone(full_name="blocks")).redact(found)
    assert (blanked.severity, blanked.offer_id, blanked.details) == ("blocks", REDACTED, {"message": "it ＊＊＊"})
    assert found.details == {"message": "it blocks"}
