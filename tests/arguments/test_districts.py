"""A district code outranks the written address: one that reads otherwise is told with both readings (CONTRACT 9.5)."""

from typing import Any

import pytest

from orders_prompts.renderer import Texts
from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.districts import contradiction, district_findings, district_of
from orders_tools.arguments.preview import PreviewArguments
from orders_tools.errors import InvalidArguments
from support.a_purchase import ADDRESS


def told(code: str, province: str, city: str, area: str = "") -> list[tuple[str, str]]:
    """What an address with this code is warned of, with the reading of the code."""
    fields = {"district_code": code, "province": province, "city": city, "area": area}
    found = district_findings(ADDRESS.model_copy(update=fields))
    assert all(each.severity == "warns" for each in found)
    return [(each.code, each.details["reading"]) for each in found]


@pytest.mark.parametrize(
    ("code", "province", "city", "area"),
    [
        ("330108", "浙江省", "杭州市", "滨江区"),
        ("330108", "浙江", "杭州", "滨江"),
        ("330108", "浙江", "杭州", ""),
        ("330108", "浙江省杭州市", "杭州市", ""),
        ("330108", "Zhejiang", "杭州", ""),
        ("330108", "Zhejiang Province", "杭州", ""),
        ("440106", "廣東省", "廣州市", ""),
        ("330782", "浙江省", "义乌市", ""),
        ("310107", "上海", "市辖区", "普陀区"),
        ("310107", "上海市", "上海市", ""),
        ("110105", "Beijing", "北京", "朝阳"),
        ("500101", "重庆市", "重庆", "万州区"),
        ("441900", "广东", "东莞", "长安镇"),
        ("429004", "湖北省", "仙桃市", ""),
        ("422801", "湖北", "恩施州", "恩施市"),
        ("150102", "内蒙", "呼和浩特", ""),
        ("450102", "广西", "南宁", ""),
        ("450102", "Guangxi Zhuang Autonomous Region", "南宁", ""),
        ("650102", "新疆", "乌鲁木齐", ""),
        ("370116", "山东省", "莱芜市", ""),
    ],
)
def test_a_code_that_says_what_is_written_is_not_mentioned(code: str, province: str, city: str, area: str) -> None:
    assert contradiction(code, province, city) is None
    assert told(code, province, city, area) == []


@pytest.mark.parametrize(
    ("code", "province", "city", "of_code", "written"),
    [
        ("310107", "浙江省", "杭州市", "上海市 普陀区", "浙江省 杭州市"),
        ("330108", "廣東", "廣州", "浙江省 杭州市 滨江区", "广东省 广州市"),
        ("330108", "Jiangsu", "Nanjing", "浙江省 杭州市 滨江区", "江苏省"),
        ("330108", "浙江省", "宁波", "浙江省 杭州市 滨江区", "浙江省 宁波市"),
        ("330108", "浙江", "上海", "浙江省 杭州市 滨江区", "上海市"),
        ("610102", "山西省", "西安市", "陕西省 西安市 新城区", "山西省"),
        ("330199", "江苏省", "某地", "浙江省", "江苏省"),
        ("371202", "河北省", "济南市", "山东省 莱芜市 莱城区", "河北省"),
        ("429004", "湖北省", "武汉市", "湖北省 仙桃市", "湖北省 武汉市"),
        ("429004", "湖北省", "天门", "湖北省 仙桃市", "湖北省 天门市"),
        ("419001", "河南省", "郑州市", "河南省 济源市", "河南省 郑州市"),
        ("469001", "海南省", "海口市", "海南省 五指山市", "海南省 海口市"),
        ("659001", "新疆维吾尔自治区", "乌鲁木齐市", "新疆维吾尔自治区 石河子市", "新疆维吾尔自治区 乌鲁木齐市"),
        ("420102", "湖北", "仙桃", "湖北省 武汉市 江岸区", "湖北省 仙桃市"),
    ],
)
def test_a_code_in_another_place_than_is_written_is_refused_with_both_readings(
    code: str, province: str, city: str, of_code: str, written: str
) -> None:
    assert contradiction(code, province, city) == (of_code, written)
    address = ADDRESS.model_dump() | {"district_code": code, "province": province, "city": city}
    given: dict[str, Any] = {"lines": [{"offer_id": "1", "quantity": 1}], "address": address}
    with pytest.raises(InvalidArguments) as refused:
        read_arguments(PreviewArguments, given)
    (fault,) = refused.value.faults
    assert (fault.path, fault.problem) == ("address.district_code", "district_elsewhere")
    for language in ("en", "zh"):
        said = Texts(language).sentence("argument", fault.problem, fault.details)
        assert of_code in said
        assert written in said


@pytest.mark.parametrize(
    ("code", "province", "city", "area", "reading"),
    [
        ("451481", "凭祥市区", "凭祥", "", "广西壮族自治区 崇左市 凭祥市"),
        ("330108", "Zhejiang", "Hangzhou", "", "浙江省 杭州市 滨江区"),
        ("330108", "浙江省", "杭州市", "西湖区", "浙江省 杭州市 滨江区"),
        ("610102", "Shanxi", "西安市", "", "陕西省 西安市 新城区"),
        ("371202", "山东省", "济南市", "莱城区", "山东省 莱芜市 莱城区"),
    ],
)
def test_a_code_that_cannot_be_held_against_the_names_is_warned_of(
    code: str, province: str, city: str, area: str, reading: str
) -> None:
    assert contradiction(code, province, city) is None
    assert told(code, province, city, area) == [("DISTRICT_UNCONFIRMED", reading)]


@pytest.mark.parametrize(("code", "reading"), [("330199", "浙江省"), ("990101", ""), ("000000", "")])
def test_a_code_nobody_knows_is_warned_of_with_its_province(code: str, reading: str) -> None:
    assert told(code, "浙江省", "杭州市") == [("DISTRICT_UNKNOWN", reading)]


def test_an_address_without_a_code_says_nothing_of_it() -> None:
    assert told("", "凭祥市区", "某地") == []


def test_places_that_cannot_be_read_are_not_held_against_the_code() -> None:
    address = ADDRESS.model_dump() | {"district_code": "310107", "province": 7, "city": ""}
    with pytest.raises(InvalidArguments) as refused:
        read_arguments(PreviewArguments, {"lines": [{"offer_id": "1", "quantity": 1}], "address": address})
    assert [fault.path for fault in refused.value.faults] == ["address.province", "address.city"]


def test_every_code_of_the_table_lies_in_a_province_and_is_written_as_it_reads() -> None:
    from importlib.resources import files

    text = (files("orders_tools.arguments") / "district_codes.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    codes = [row[0] for row in rows]
    assert codes == sorted(set(codes))
    assert len([code for code in codes if code.endswith("0000")]) == 34
    assert len([row for row in rows if not row[0].endswith("00") and len(row) == 2]) > 2800
    for code in codes:
        place = district_of(code)
        assert place is not None
        if code.endswith("0000"):
            continue
        assert contradiction(code, place.province, place.city or place.county) is None, code
        if not place.former:
            assert told(code, place.province, place.city or place.county, place.county) == [], code
