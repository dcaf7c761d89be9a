"""When two consignees are one and two baskets the same, however they are written."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_tools.purchase.likeness import (
    made_digest,
    made_digests,
    made_lines,
    same_consignee,
    same_goods,
    shares_offer,
)
from orders_tools.purchase.model import Address, Basket, FailedLine, Line, Part
from support.a_purchase import answer, basket, part

HOME: dict[str, str] = {
    "full_name": "欧阳测试",
    "mobile": "13912345678",
    "province": "浙江省",
    "city": "杭州市",
    "area": "滨江区",
    "street": "秘密路7号",
}
ELSEWHERE = {"mobile": "13800000000"}
"""Another mobile, so that name and place decide."""


def address(**changed: str) -> Address:
    return Address(**{**HOME, **changed})


def alike(one: Address, other: Address) -> bool:
    """What is asked both ways round, and may not depend on which way."""
    assert same_consignee(one, other) == same_consignee(other, one)
    return same_consignee(one, other)


@pytest.mark.parametrize(
    "changed",
    [
        {"province": "浙江"},
        {"city": "杭州"},
        {"province": "浙江", "city": "杭州", "area": "滨江"},
        {"province": "Zhejiang"},
        {"province": "Zhejiang Province"},
        {"province": "浙江省杭州市"},
        {"area": ""},
        {"area": "", "street": "滨江区秘密路7号"},
        {"area": "", "city": "杭州市滨江区"},
        {"street": "浙江省杭州市滨江区秘密路7号"},
        {"town": "长河街道"},
        {"street": "长河街道秘密路7号"},
        {"street": "秘密路 ７号"},
        {"street": "秘密路，7号。"},
        {"full_name": "欧阳 测试"},
        {"full_name": "欧阳测试先生"},
        {"full_name": "欧阳测试 女士"},
        {"full_name": "欧阳测试（收）"},
        {"full_name": "歐陽测试".replace("歐陽", "欧陽")},
    ],
    ids=str,
)
def test_the_same_name_at_the_same_place_is_the_same_consignee(changed: dict[str, str]) -> None:
    assert alike(address(), address(**ELSEWHERE, **changed))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"province": "北京市", "city": "北京市", "area": "朝阳区"},
            {"province": "北京", "city": "市辖区", "area": ""},
        ),
        ({"province": "重庆", "city": "重庆", "area": ""}, {"province": "重庆市", "city": "万州", "area": ""}),
        ({"province": "内蒙古自治区", "city": "呼和浩特市"}, {"province": "内蒙古", "city": "呼和浩特"}),
        ({"province": "内蒙", "city": "呼和浩特"}, {"province": "内蒙古自治区", "city": "呼和浩特市"}),
        ({"province": "新疆维吾尔自治区", "city": "乌鲁木齐市"}, {"province": "新疆", "city": "乌鲁木齐"}),
        ({"province": "湖北省", "city": "恩施土家族苗族自治州"}, {"province": "湖北", "city": "恩施州"}),
        ({"province": "湖北省", "city": "恩施土家族苗族自治州"}, {"province": "湖北", "city": "恩施"}),
        ({"province": "云南", "city": "西双版纳"}, {"province": "云南省", "city": "西双版纳傣族自治州"}),
        ({"province": "浙江省", "city": "金华市", "area": "义乌市"}, {"province": "浙江", "city": "义乌", "area": ""}),
        ({"province": "廣東省", "city": "廣州市", "area": ""}, {"province": "广东", "city": "广州", "area": ""}),
        ({"full_name": "Mr. Wang Wei"}, {"full_name": "WANG  WEI"}),
        ({"full_name": "wang wei, Mr."}, {"full_name": "Ms Wang Wei"}),
        ({"area": "高新技术区"}, {"area": "", "street": "高新技术区秘密路7号"}),
        (
            {"street": "南京路5号", "province": "江苏", "city": "南京"},
            {"province": "江苏省", "city": "南京市", "street": "南京路5号"},
        ),
    ],
    ids=str,
)
def test_places_and_names_have_one_normal_form(one: dict[str, str], other: dict[str, str]) -> None:
    area = {"area": ""} if "province" in one and "area" not in one else {}
    assert alike(address(**{**area, **one}), address(**{**ELSEWHERE, **area, **other}))


@pytest.mark.parametrize("mobile", ["+8613912345678", "+86 139 1234 5678", "139-1234-5678", "１３９１２３４５６７８"])
def test_the_same_mobile_is_the_same_consignee_whoever_and_wherever(mobile: str) -> None:
    assert alike(
        address(), address(mobile=mobile, full_name="王五", province="江苏省", city="南京市", street="别处1号")
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"full_name": "王五"},
        {"street": "秘密路8号"},
        {"street": "秘密路7-1号"},
        {"area": "西湖区"},
        {"city": "宁波市", "area": ""},
        {"province": "江苏省", "city": "南京市", "area": ""},
        {"province": "江苏省"},
        {"town": "长河街道", "street": "别处1号"},
    ],
    ids=str,
)
def test_another_name_or_another_place_with_another_mobile_is_another_consignee(changed: dict[str, str]) -> None:
    assert not alike(address(), address(**ELSEWHERE, **changed))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"street": "3幢1-2室"}, {"street": "3幢12室"}),
        (
            {"street": "南京路5号", "province": "江苏", "city": "南京"},
            {"province": "江苏", "city": "南京", "street": "江苏路5号"},
        ),
        ({"town": "长河街道"}, {"town": "西兴街道"}),
        ({"street": "！！！", "area": ""}, {"street": "？？？", "area": ""}),
        ({"full_name": "！"}, {"full_name": "？"}),
        ({"full_name": "先生"}, {"full_name": "女士"}),
    ],
    ids=str,
)
def test_what_a_normal_form_leaves_out_makes_no_two_consignees_one(one: dict[str, str], other: dict[str, str]) -> None:
    assert not alike(address(**one), address(**ELSEWHERE, **other))


def test_a_mobile_without_digits_is_nobodys() -> None:
    assert not alike(address(mobile="x", full_name="a"), address(mobile="y", full_name="b"))


WORDS = st.text(st.sampled_from("浙江省杭州市滨江区长河街道路7-１ \u202e!aA先生族自治州"), max_size=200)


@settings(derandomize=True, max_examples=150, deadline=2_000)
@given(
    st.lists(
        st.builds(
            Address, full_name=WORDS, mobile=WORDS, province=WORDS, city=WORDS, street=WORDS, area=WORDS, town=WORDS
        ),
        min_size=2,
        max_size=2,
    )
)
def test_no_address_is_too_odd_to_be_compared(addresses: list[Address]) -> None:
    one, other = addresses
    assert alike(one, one)
    assert alike(one, other) in {True, False}
    assert len(made_digest((), one)) == 64


def test_names_as_long_as_they_may_be_are_compared_at_once() -> None:
    long = {"city": "浙江" * 20, "area": "滨江" * 20, "town": "杭州" * 20, "street": "杭州滨江" * 50}
    assert alike(address(**long), address(**ELSEWHERE, **long))


A, B = Line(offer_id="1", quantity=2, spec_id="a"), Line(offer_id="2", quantity=1)


def part_with(*lines: Line) -> tuple[Basket, Part]:
    whole = basket(*lines)
    return whole, part(answer(), whole)


@pytest.mark.parametrize(
    ("wanted", "same"),
    [
        ((A, B), True),
        ((B, A), True),
        ((A.model_copy(update={"spec_id": None}), B), True),
        ((A, B.model_copy(update={"spec_id": "b"})), True),
        ((A.model_copy(update={"spec_id": "c"}), B), False),
        ((A.model_copy(update={"quantity": 3}), B), False),
        ((A,), False),
        ((A, B, Line(offer_id="3", quantity=1)), False),
    ],
    ids=str,
)
def test_the_same_lines_are_the_same_goods(wanted: tuple[Line, ...], same: bool) -> None:
    assert same_goods(basket(*wanted), *part_with(A, B)) == same


def test_two_skus_of_one_offer_are_told_apart() -> None:
    two = (A, A.model_copy(update={"spec_id": "b", "quantity": 5}))
    turned = (A.model_copy(update={"quantity": 5}), A.model_copy(update={"spec_id": "b"}))
    assert same_goods(basket(*two), *part_with(*reversed(two)))
    assert not same_goods(basket(*turned), *part_with(*two))


def of(seller: str, line: Line) -> Line:
    return line.model_copy(update={"seller_open_id": seller})


def test_one_sellers_part_is_the_same_goods_as_that_part_alone() -> None:
    both = basket(of("one", A), of("two", B))
    alone = part(answer(), basket(A))
    assert same_goods(both, basket(A), alone)
    assert same_goods(basket(A), both, alone)
    assert same_goods(basket(A, B), both, alone)
    assert not same_goods(basket(B.model_copy(update={"quantity": 9})), both, alone)


def test_offers_are_shared_whatever_the_quantity_and_sku() -> None:
    assert shares_offer(basket(Line(offer_id="2", quantity=9, spec_id="z")), part_with(A, B)[1])
    assert not shares_offer(basket(Line(offer_id="3", quantity=1)), part_with(A, B)[1])


def test_what_was_made_is_found_by_the_whole_basket_and_by_each_sellers_part() -> None:
    home = address()
    both = basket(of("one", A), of("two", B))
    digests = made_digests(both, home)
    assert digests == sorted({made_digest(lines, home) for lines in [(A, B), (A,), (B,)]})
    assert made_digests(basket(A), address(province="浙江", area="", mobile="+8613912345678")) == [
        made_digest([A], home)
    ]
    assert made_digest([A], address(**ELSEWHERE)) not in digests
    assert made_digest([A], address(street="别处1号")) not in digests


@pytest.mark.parametrize(
    ("failed", "made"),
    [
        ((), (A, B)),
        ((("1", "a"),), (B,)),
        ((("1", None),), (B,)),
        ((("1", "c"),), (A, B)),
        ((("2", "whatever"),), (A,)),
        (((None, None),), (A, B)),
    ],
    ids=str,
)
def test_lines_that_failed_were_not_made(failed: Any, made: tuple[Line, ...]) -> None:
    told = [FailedLine(offer_id=offer, spec_id=spec, code=None, message=None) for offer, spec in failed]
    assert made_lines(part_with(A, B)[1], told) == made


def test_two_names_that_differ_in_a_chinese_character_newer_than_the_tables_are_two_people() -> None:
    own = address(full_name="王\U0002ebf0")
    assert alike(own, address(**ELSEWHERE, full_name="王\U0002ebf0先生"))
    assert not alike(own, address(**ELSEWHERE, full_name="王\U00031350"))
