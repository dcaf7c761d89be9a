"""Decides whether two purchases are of the same goods for the same consignee, however they are written."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from orders_prompts.inert import is_wordlike
from orders_tools.arguments.districts import Level, find_province, names_within, simplify
from orders_tools.purchase.model import Address, AnsweredLine, Basket, FailedLine, Line, Part, Value
from orders_tools.purchase.records import short_digest
from orders_tools.vocabulary import IssueCode

LEDGER_FINDINGS = frozenset(
    {
        IssueCode.POSSIBLE_DUPLICATE,
        IssueCode.ALIKE_IN_DOUBT,
        IssueCode.BOUGHT_RECENTLY,
        IssueCode.BOUGHT_MEANWHILE,
        IssueCode.LEDGER_OLDER,
        IssueCode.LEDGER_REPLACED,
    }
)
"""Findings about other purchases and the record of them, not about a preview."""

_TITLES_AFTER = re.compile(
    r"(?:先生|女士|小姐|太太|夫人|老师|老師|师傅|師傅|经理|經理|老板|老闆|医生|醫生|同学|同學|收)$"
)
_TITLES_BEFORE = re.compile(r"^(?:mr|mrs|ms|miss|mx|dr|sir|madam|mme)\b[\s.]*")
_TITLES_LATIN_AFTER = re.compile(r"[\s,.]+(?:mr|mrs|ms|miss|mx|dr|sir|madam|mme)\.?$")
_ROAD = re.compile(r"[东西南北中上下]{0,2}(?:路|街|大道|巷|弄|胡同|村|广场|桥)")
_WHOLE_ENDS = ("省", "市", "区", "县", "旗", "州", "盟", "地区")
_TOWN = re.compile(r"[^\W\d_a-z路街巷弄号]{2,6}?(?:街道|镇|乡|苏木)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[^\w\s]+(?=\d)")


class _Place(Value):
    """Where a parcel goes: the place names by level, and the rest of the street."""

    named: Mapping[Level, frozenset[str]]
    rest: str


def repeat_digest(basket: Basket, address: Address) -> str:
    """Digest of the consignee, then of the goods, 32 characters each: equal for two purchases of the same goods.

    Blanks, character widths, the mobile's country code, post code, landline and district code make no difference.
    Ledgers store digests of this form, so any other tolerance is the task of `same_consignee`.
    """
    return short_digest(_written_consignee(address)) + short_digest(_sorted_lines(basket.lines))


def made_digest(lines: Iterable[Line], address: Address) -> str:
    """Like `repeat_digest`, for the lines that were really ordered and the consignee in normal form."""
    place = _place(address, ())
    province = sorted(place.named["province"])
    consignee = [_name(address.full_name), _mobile(address.mobile), province, place.rest]
    return short_digest(consignee) + short_digest(_sorted_lines(lines))


def made_digests(basket: Basket, address: Address) -> list[str]:
    """The digests under which the basket, or one seller's part of it, may have been ordered before."""
    return sorted({made_digest(lines, address) for lines in _line_groups(basket)})


def made_lines(part: Part, failed: Sequence[FailedLine]) -> tuple[Line, ...]:
    """The lines of a create call that were ordered: all but those known to have failed."""
    return tuple(line for line in part.lines if not is_failed_line(line, failed))


def is_failed_line(line: Line | AnsweredLine, failed: Sequence[FailedLine]) -> bool:
    """Whether a line is among those that failed: same offer, and same SKU if both name one."""
    same_offer = [each for each in failed if each.offer_id == line.offer_id]
    return any(not each.spec_id or not line.spec_id or each.spec_id == line.spec_id for each in same_offer)


def shares_offer(basket: Basket, part: Part) -> bool:
    """Whether a basket and a create call share an offer, in any quantity and SKU."""
    return not {line.offer_id for line in basket.lines}.isdisjoint(line.offer_id for line in part.lines)


def same_goods(basket: Basket, other: Basket, part: Part) -> bool:
    """Whether a basket, or one seller's part of it, has exactly the lines of another basket or of `part`.

    A line without a SKU matches any SKU, because the upstream chooses one.
    """
    return any(_same_lines(own, its) for own in _line_groups(basket) for its in (other.lines, part.lines))


def same_consignee(one: Address, other: Address) -> bool:
    """Whether two addresses may belong to one consignee: same mobile, or same name at the same place."""
    if one == other:
        return True
    mobile = _mobile(one.mobile)
    if mobile and mobile == _mobile(other.mobile):
        return True
    name = _name(one.full_name)
    return bool(name) and name == _name(other.full_name) and _same_place(one, other)


def _line_groups(basket: Basket) -> list[tuple[Line, ...]]:
    """The lines of the whole basket, and those of each create call that it needs."""
    return list(dict.fromkeys([basket.lines, *(lines for _, lines in basket.parts())]))


def _same_lines(one: Sequence[Line], other: Sequence[Line]) -> bool:
    of_any_sku = {line.offer_id for line in (*one, *other) if line.spec_id is None}

    def goods(lines: Sequence[Line]) -> Counter[tuple[str, str | None, int]]:
        return Counter(
            (line.offer_id, None if line.offer_id in of_any_sku else line.spec_id, line.quantity) for line in lines
        )

    return goods(one) == goods(other)


def _sorted_lines(lines: Iterable[Line]) -> list[tuple[str, str, int]]:
    return sorted((line.offer_id, line.spec_id or "", line.quantity) for line in lines)


def _written_consignee(address: Address) -> list[str]:
    mobile = "".join(each for each in unicodedata.normalize("NFKC", address.mobile) if each.isdigit())
    places = (address.province, address.city, address.area, address.town, address.street)
    words = unicodedata.normalize("NFKC", "".join((address.full_name, "/", *places))).casefold()
    return ["".join(words.split()), mobile[-11:]]


def _mobile(written: str) -> str:
    """The last eleven digits, without the country code."""
    digits = (unicodedata.decimal(each, None) for each in unicodedata.normalize("NFKC", written))
    return "".join(str(digit) for digit in digits if digit is not None)[-11:]


def _name(written: str) -> str:
    """A name without titles, blanks and punctuation; as written if nothing else is left."""
    folded = " ".join(unicodedata.normalize("NFKC", written).casefold().split())
    bare = _TITLES_LATIN_AFTER.sub("", _TITLES_BEFORE.sub("", folded))
    plain = _normalize(bare)
    return _TITLES_AFTER.sub("", _TITLES_AFTER.sub("", plain)) or plain or folded


def _normalize(written: str) -> str:
    """Text in one width, case and script, without blanks and punctuation, except between two numbers."""
    folded = unicodedata.normalize("NFKC", written).casefold()
    kept = "".join(each for each in _BETWEEN_DIGITS.sub("-", folded) if is_wordlike(each) or each == "-")
    return simplify(re.sub(r"(?<!\d)-|-(?!\d)", "", kept))


def _same_place(one: Address, other: Address) -> bool:
    """Whether two addresses do not contradict each other about the place; a missing level is no contradiction."""
    fields = [(one.area, one.town), (other.area, other.town)]
    own, its = _place(one, fields), _place(other, fields)
    if own.rest != its.rest or not (own.rest or own.named["county"] or own.named["town"]):
        return False
    return all(_agree(own.named[level], its.named[level]) for level in own.named)


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of names of one level do not contradict each other: a missing name is no contradiction."""
    return one <= other or other <= one


def _place(address: Address, fields: Iterable[tuple[str, str]]) -> _Place:
    """An address split after the names of provinces, cities, counties and towns at its beginning.

    `fields` are written areas and towns, which count as such names too.
    """
    province = find_province(address.province) or ""
    names = dict(names_within(province))
    for area, town in fields:
        names |= _own_names(area, "county", names) | _own_names(town, "town", names)
    named_alone = address.province.isascii() or _normalize(address.province) in names
    written = province if province and named_alone else address.province
    text = _normalize("".join((written, address.city, address.area, address.town, address.street)))
    return _split_places(text, names)


def _own_names(written: str, level: Level, known: Mapping[str, object]) -> dict[str, tuple[Level, str]]:
    name = _normalize(written)
    return {name: (level, name)} if len(name) > 1 and name not in known else {}


def _split_places(text: str, names: Mapping[str, tuple[Level, str]]) -> _Place:
    """Splits off the place names at the beginning of `text`, longest first, and keeps the rest."""
    named: dict[Level, set[str]] = {"province": set(), "city": set(), "county": set(), "town": set()}
    longest = max(map(len, names), default=0)
    start = 0
    while start < len(text):
        ends = range(min(start + longest, len(text)), start + 1, -1)
        name = next((text[start:end] for end in ends if text[start:end] in names), "")
        if name:
            level, whole = names[name]
        elif town := _TOWN.match(text, start):
            name = whole = town[0]
            level = "town"
        else:
            break
        if _is_road_name(name, text, start + len(name)):
            break
        named[level].add(whole)
        start += len(name)
    return _Place(named={level: frozenset(found) for level, found in named.items()}, rest=text[start:])


def _is_road_name(name: str, text: str, end: int) -> bool:
    """Whether a short name is part of a road's name: 南京路 is not in Nanjing."""
    return not name.endswith(_WHOLE_ENDS) and bool(_ROAD.match(text, end))
