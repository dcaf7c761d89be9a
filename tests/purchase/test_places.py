"""Names and places of two consignees, written in two ways: which difference is one, and which is none."""

import pytest

from .test_likeness import ELSEWHERE, address, alike


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"street": ""}, {"street": ""}, True),
        ({"street": "", "area": "", "town": "长河街道"}, {"street": "", "area": "", "town": "长河街道"}, True),
        ({"street": "", "area": ""}, {"street": "", "area": ""}, False),
        ({"province": "Ontario"}, {"province": "Ontario"}, True),
        ({"province": "Ontario"}, {"province": "Quebec"}, False),
        ({"province": "浙江省杭州市", "city": ""}, {"province": "浙江省宁波市", "city": ""}, False),
        ({"area": "新天开发区"}, {"area": ""}, True),
        ({"area": "两江"}, {"area": ""}, True),
        ({"area": "东", "street": "东村1号"}, {"area": "东", "street": "村1号"}, False),
        ({"street": "秘密路-7号"}, {"street": "秘密路7号"}, True),
        ({"street": "秘密路7-3号"}, {"street": "秘密路73号"}, False),
        ({"full_name": "先 生"}, {"full_name": "先生"}, True),
        ({"full_name": "王经理先生"}, {"full_name": "王"}, True),
        ({"full_name": "王经理先生"}, {"full_name": "李经理先生"}, False),
    ],
)
def test_a_consignee_written_otherwise(one: dict[str, str], other: dict[str, str], same: bool) -> None:
    assert alike(address(**one), address(**{**other, **ELSEWHERE})) is same
