"""District codes compared with the written place: the code decides where the goods go (CONTRACT 9.5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from orders_tools.purchase.model import Address
from orders_tools.purchase.records import Finding
from orders_tools.vocabulary import IssueCode

Level = Literal["province", "city", "county", "town"]

_LATIN = (
    ("北京", "beijing"),
    ("天津", "tianjin"),
    ("河北", "hebei"),
    ("山西", ""),  # "Shanxi" is also written for 陕西, so it names neither for certain
    ("内蒙古", "innermongolia neimenggu neimongol"),
    ("辽宁", "liaoning"),
    ("吉林", "jilin"),
    ("黑龙江", "heilongjiang"),
    ("上海", "shanghai"),
    ("江苏", "jiangsu"),
    ("浙江", "zhejiang"),
    ("安徽", "anhui"),
    ("福建", "fujian"),
    ("江西", "jiangxi"),
    ("山东", "shandong"),
    ("河南", "henan"),
    ("湖北", "hubei"),
    ("湖南", "hunan"),
    ("广东", "guangdong"),
    ("广西", "guangxi guangxizhuang"),
    ("海南", "hainan"),
    ("重庆", "chongqing"),
    ("四川", "sichuan"),
    ("贵州", "guizhou"),
    ("云南", "yunnan"),
    ("西藏", "tibet xizang"),
    ("陕西", "shaanxi"),
    ("甘肃", "gansu"),
    ("青海", "qinghai"),
    ("宁夏", "ningxia ningxiahui"),
    ("新疆", "xinjiang xinjianguygur xinjianguyghur"),
    ("台湾", "taiwan"),
    ("香港", "hongkong xianggang"),
    ("澳门", "macao macau aomen"),
)
_LATIN_ENDS = re.compile(r"(?:province|sheng|municipality|city|shi|autonomousregion|zizhiqu|sar)$")
_PROVINCE_ENDS = re.compile(r"(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)$")
_CITY_ENDS = re.compile(r"(?:市|地区|盟)$")
_ENDS = ("市", "地区", "盟", "自治州", "州", "区", "县", "旗")
_MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})
_OF_THE_CITY_ITSELF = frozenset({"市辖区", "城区", "县"})
_PEOPLES = (
    "各 藏 彝 苗 侗 回 土家 土 瑶 壮 傣 黎 羌 满 畲 水 白 佤 京 怒 景颇 傈僳 纳西 拉祜 哈尼 布依 仡佬 仫佬 毛南 朝鲜 "
    "蒙古 哈萨克 柯尔克孜 塔吉克 锡伯 达斡尔 鄂伦春 鄂温克 东乡 保安 撒拉 裕固 独龙 普米 布朗 基诺 阿昌 德昂"
)
_OF_PEOPLES = re.compile(rf"(?:(?:{'|'.join(_PEOPLES.split())})族?)+自治[州县旗]$")
_SIMPLIFIED = str.maketrans(
    "東廣龍遼寧內陝蘇肅臺灣門慶雲貴濱縣區漢長鄭滬陽連島廈無錫溫紹興義烏臨紅維爾壯",
    "东广龙辽宁内陕苏肃台湾门庆云贵滨县区汉长郑沪阳连岛厦无锡温绍兴义乌临红维尔壮",
)


@dataclass(frozen=True)
class District:
    """Where a district code lies. `city` is "" directly under a province; `county` is "" for a whole city."""

    province: str
    city: str
    county: str
    former: bool
    """Whether the code is no longer in use; the place may belong to another city now."""

    @property
    def full_name(self) -> str:
        """All levels, such as 浙江省 杭州市 滨江区."""
        names = (self.province, self.city if self.city != self.province else "", self.county)
        return " ".join(filter(None, names))


@cache
def _table() -> Mapping[str, tuple[str, bool]]:
    """The name of each code and whether it is a former one; loaded when the first code is looked up."""
    text = (files("orders_tools.arguments") / "district_codes.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {code: (name, bool(mark)) for code, name, *mark in rows}


def district_of(code: str) -> District | None:
    """The district of `code`; None if it is not in the table."""
    table = _table()
    if code not in table:
        return None
    name, former = table[code]
    province = table[f"{code[:2]}0000"][0]
    city = table.get(f"{code[:4]}00", ("", False))[0]
    if not city and _PROVINCE_ENDS.sub("", province) in _MUNICIPALITIES:
        city = province
    county = "" if code.endswith("00") else name
    return District(province, "" if code.endswith("0000") else city, county, former)


def contradiction(code: str, province: str, city: str) -> tuple[str, str] | None:
    """The place of `code` and the place of the written names, if they certainly differ.

    Both are names from the table, never the caller's words. Short names, suffixes, traditional characters and
    provinces in Latin letters are recognised; a former code is only compared by its province.
    """
    of_code = _table().get(f"{code[:2]}0000")
    if of_code is None:
        return None
    place = district_of(code)
    reads = place.full_name if place else of_code[0]
    written = find_province(province)
    if written is not None and written != of_code[0]:
        whole = _cities().get(_normalize(city), "")
        return reads, whole if whole.startswith(written) else written
    other = _other_city(city, place) if place and not place.former else None
    return (reads, other) if other else None


def district_findings(address: Address) -> list[Finding]:
    """Warnings about an address's district code: it is unknown, or the names do not confirm it."""
    code = address.district_code
    if not code:
        return []
    place = district_of(code)
    if place is None:
        of_code = _table().get(f"{code[:2]}0000", ("", False))[0]
        details = {"district_code": code, "reading": of_code}
        return [Finding(severity="warns", code=IssueCode.DISTRICT_UNKNOWN, details=details)]
    if _matches(place, address):
        return []
    details = {"district_code": code, "reading": place.full_name}
    return [Finding(severity="warns", code=IssueCode.DISTRICT_UNCONFIRMED, details=details)]


def find_province(written: str) -> str | None:
    """The full name of the written province; None if it is not certain."""
    if written.isascii():
        latin = _LATIN_ENDS.sub("", re.sub(r"[^a-z]", "", written.lower()))
        return next((_provinces()[short] for short, names in _LATIN if latin and latin in names.split()), None)
    name = _normalize(written)
    short = _PROVINCE_ENDS.sub("", name)
    if short in _provinces():
        return _provinces()[short]
    return next((whole for whole in _provinces().values() if name.startswith(whole)), None)


@cache
def names_within(province: str) -> Mapping[str, tuple[Level, str]]:
    """Level and full name of a province and of all places in it, by every spelling.

    `province` is a full name from the table; for any other the result is empty.
    """
    first = next((code[:2] for code, (name, _) in _table().items() if name == province and code.endswith("0000")), "-")
    of_levels: dict[Level, list[str]] = {"province": [], "city": [], "county": []}
    for code, (name, _) in _table().items():
        if code.startswith(first):
            level = "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"
            of_levels[level].append(name)
    if _PROVINCE_ENDS.sub("", province) in _MUNICIPALITIES:
        of_levels["city"] += ["市辖区"]
    names: dict[str, tuple[Level, str]] = {}
    for level, wholes in of_levels.items():  # a name of two levels, such as 吉林, belongs to the higher one
        for whole in wholes:
            for name in (whole, *_short_names(whole)):
                names.setdefault(name, (level, whole))
    return names


def _short_names(whole: str) -> list[str]:
    """A name without its ending, if enough is left: 杭州 for 杭州市, 恩施 and 恩施州 for 恩施土家族苗族自治州."""
    stem = _OF_PEOPLES.sub("", whole)
    shorts = [stem, stem + whole[-1]] if stem != whole else [whole.removesuffix(end) for end in _ENDS]
    shorts.append(_PROVINCE_ENDS.sub("", whole))
    if whole == "内蒙古自治区":
        shorts.append("内蒙")
    return [short for short in shorts if len(short) > 1 and short != whole]


def simplify(written: str) -> str:
    """`written` with the traditional characters of place names simplified."""
    return written.translate(_SIMPLIFIED)


def _matches(place: District, address: Address) -> bool:
    """Whether province, city and, if given, county all agree with the code."""
    if find_province(address.province) != place.province:
        return False
    area = _normalize(address.area)
    return _is_city_of(_normalize(address.city), place) and (
        not area or not place.county or _is_short_for(area, place.county)
    )


def _normalize(written: str) -> str:
    return simplify("".join(written.split()))


@cache
def _provinces() -> Mapping[str, str]:
    """The full name of each province by its short name."""
    whole = [name for code, (name, _) in _table().items() if code.endswith("0000")]
    return {_PROVINCE_ENDS.sub("", name): name for name in whole} | {"内蒙": "内蒙古自治区"}


@cache
def _cities() -> Mapping[str, str]:
    """Province and name of each city, and of each county directly under a province, by its full and short names."""
    cities = {
        name: f"{_table()[f'{code[:2]}0000'][0]} {name}"
        for code, (name, former) in _table().items()
        if not former and (place := district_of(code)) and (place.city if code.endswith("00") else not place.city)
    }
    alone = {_provinces()[short]: _provinces()[short] for short in _MUNICIPALITIES} | cities
    return {_CITY_ENDS.sub("", name): whole for name, whole in alone.items()} | alone


def _is_city_of(city: str, place: District) -> bool:
    if place.city == place.province and city in _OF_THE_CITY_ITSELF:
        return True
    return any(_is_short_for(city, name) for name in (place.city, place.county) if name)


def _is_short_for(written: str, name: str) -> bool:
    """Whether `written` can be short for `name`: 杭州 for 杭州市, 恩施 or 恩施州 for 恩施土家族苗族自治州."""
    stems = {written, *(written.removesuffix(end) for end in _ENDS)}
    return written == name or any(len(stem) > 1 and name.startswith(stem) for stem in stems)


def _other_city(written: str, place: District) -> str | None:
    city = _normalize(written)
    if not (place.city or place.county) or _is_city_of(city, place):
        return None
    return _cities().get(city)
