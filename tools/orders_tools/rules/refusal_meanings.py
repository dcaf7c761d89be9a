"""What an upstream refusal means: our code, the line it is about, and the quantity that would be accepted."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from orders_tools.purchase.model import Line
from orders_tools.purchase.records import Finding
from orders_tools.vocabulary import IssueCode

LINE_CODES: tuple[tuple[str, IssueCode], ...] = (
    ("500_001", IssueCode.NOT_SELLABLE),
    ("500_002", IssueCode.SKU_MISMATCH),
    ("500_003", IssueCode.SKU_MISMATCH),
    ("500_004", IssueCode.SHORT_STOCK),
    ("500_005", IssueCode.MINIMUM_QUANTITY),
    ("500_006", IssueCode.MIXED_BATCH),
    ("500_007", IssueCode.NO_CONSIGNMENT_RELATION),
    ("500_008", IssueCode.ZERO_PRICE),
    ("500_009", IssueCode.MINIMUM_QUANTITY),
    ("BOOKED_BEYOND_THE_MAX_QUANTITY", IssueCode.MAXIMUM_QUANTITY),
    ("BOOKED_LESS_THAN_LEAST_QUANTITY", IssueCode.MINIMUM_QUANTITY),
    ("LESS_THAN_MIX_BEGIN", IssueCode.MIXED_BATCH),
    ("UNSUPPORT_MIX", IssueCode.NO_MIXED_BATCHES),
    ("QUANTITY_UNMATCH_SELLUNIT_SCALE", IssueCode.LOT_MULTIPLE),
    ("PRODUCT_TRADE_STAT_ERROR", IssueCode.NOT_SELLABLE),
    ("PROXY_RELATED_NOT_FUND", IssueCode.NO_CONSIGNMENT_RELATION),
    ("offer no exist", IssueCode.NOT_SELLABLE),
    ("不支持跨境宝", IssueCode.NO_CROSS_BORDER_PAY),
    ("Cargo list not duplicate is required", IssueCode.REPEATED_LINE),
    ("availableQuota less than sumPayment", IssueCode.CREDIT_TOO_SMALL),
    ("not support tradeType", IssueCode.TRADE_TYPE_REFUSED),
    ("拆单结果发生了变化", IssueCode.SPLIT_CHANGED),
    ("系统繁忙", IssueCode.BUSY),
)
"""The beginning of an upstream refusal (CONTRACT 9.8), except for the FAIL_BIZ family, and our code for it."""

WHOLE_BASKET_CODES = frozenset(
    {
        IssueCode.CREDIT_TOO_SMALL,
        IssueCode.TRADE_TYPE_REFUSED,
        IssueCode.SPLIT_CHANGED,
        IssueCode.BUSY,
        IssueCode.NOT_ADMITTED,
        IssueCode.UPSTREAM_REFUSES,
    }
)
"""Refusals that need not be about a line, even if there is only one."""
COMBINED_CODES = frozenset({IssueCode.MIXED_BATCH, IssueCode.NO_MIXED_BATCHES})
"""Conditions that a seller's lines meet together, so that a single line says nothing about them."""

NO_DETAILS: Mapping[str, Any] = MappingProxyType(
    {
        "message": "",
        "code": "",
        "number": "",
        "use": (),
        "pieces": "",
        "yuan": "",
        "spec_id": "",
        "offer_id": None,
        "approved": "",
    }
)
"""Default values for the variables of a finding's sentence."""

_NOT_ADMITTED = re.compile(r"签名|signature|access-?key|user-?id|timestamp|nonce|请求头", re.IGNORECASE)
"""Words of an API that rejects the caller's identity (its own are not public: CONTRACT 2.4)."""
_FAMILY = re.compile(r"^(?:R(?=500_)|(?:FAIL_BIZ_)+)")
_CODE_PREFIX = re.compile(r"^(?:R?500_\d{3}|[A-Z][A-Z_]+)")
_CLAUSE_ENDS = re.compile(r"[;；\n]")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_QUANTITY = re.compile(
    r"(?<![A-Za-z0-9_./¥￥-])(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.0+)?(?:pcs?|pieces)?"
    r"(?![A-Za-z0-9_/%-]|[.,]\d|\s*(?:元|块|CNY|RMB|yuan))"
)
_PIECES = re.compile(r"(?<![\d.])(\d{1,9})\s*(?:件|个|pcs|pieces)")
_YUAN = re.compile(r"(?<![\d.])(\d{1,9}(?:\.\d{1,2})?)\s*(?:元|CNY|RMB|yuan)|[¥￥]\s*(\d{1,9}(?:\.\d{1,2})?)")
_NEAR = 10
"""The most characters between a number and the word to which it belongs."""
_CEILINGS = frozenset({IssueCode.SHORT_STOCK, IssueCode.MAXIMUM_QUANTITY})
"""Refusals of a quantity that is too large."""
_QUANTITY_WORDS = {
    IssueCode.SHORT_STOCK: re.compile(
        r"库存|剩|余量|可售|可订|最多|上限|left|stock|available|remain|max", re.IGNORECASE
    ),
    IssueCode.MAXIMUM_QUANTITY: re.compile(
        r"库存|剩|可售|可订|可购|最大|最多|限购|上限|left|stock|limit|at most|max", re.IGNORECASE
    ),
    IssueCode.MINIMUM_QUANTITY: re.compile(r"起批|起订|最小|最低|最少|至少|不少于|minimum|at least", re.IGNORECASE),
    IssueCode.LOT_MULTIPLE: re.compile(r"倍|每批|每箱|lot|multiple|scale", re.IGNORECASE),
}


def refusal_code(*texts: str | None) -> IssueCode:
    """Our code for a refusal with these texts; IssueCode.UPSTREAM_REFUSES if none is known."""
    for text in filter(None, texts):
        words = _FAMILY.sub("", text.strip())
        for start, code in LINE_CODES:
            if words.startswith(start):
                return code
    not_admitted = any(_NOT_ADMITTED.search(text) for text in texts if text)
    return IssueCode.NOT_ADMITTED if not_admitted else IssueCode.UPSTREAM_REFUSES


def upstream_code(code: str | None, message: str | None) -> str | None:
    """The upstream's code for a refusal: the one at the start of its message, else `code`."""
    match = _CODE_PREFIX.match(message or "")
    return match[0] if match else code


def refusal(
    lines: Sequence[Line],
    code: str | None,
    message: str | None,
    *,
    line: Line | None = None,
    offer_id: str | None = None,
) -> Finding:
    """The blocking finding for a refusal of `lines`; `line` is the one concerned, if known.

    Its details have the number in the message (minimum, maximum, lot or stock), if it can be why the quantity was
    refused, and in `use` the multiples of the lot nearest to that quantity.
    """
    words = message or code or ""
    meaning = refusal_code(code, message)
    own = _without_other_reasons(words, meaning)
    of_offer = [each for each in lines if offer_id in {None, each.offer_id}]
    line = line or _named_line(own, of_offer, only=meaning not in WHOLE_BASKET_CODES)
    offer_id = line.offer_id if line else offer_id or _named_offer(own, lines)
    asked = line.quantity if line else None
    number = _number(meaning, own, lines, asked)
    details = {
        "message": words,
        "code": code or "",
        "number": "" if number is None else str(number),
        "use": _multiples(number, asked) if meaning == IssueCode.LOT_MULTIPLE else [],
        "spec_id": (line.spec_id or "") if line and sum(each.offer_id == offer_id for each in lines) > 1 else "",
    }
    if meaning == IssueCode.MIXED_BATCH:
        details |= {"pieces": _single_amount(_PIECES, own), "yuan": _single_amount(_YUAN, own)}
    return Finding(severity="blocks", code=meaning, offer_id=offer_id, details=details)


def _without_other_reasons(words: str, meaning: IssueCode) -> str:
    """`words` without clauses that start with another refusal's code; ids and numbers there belong to that one."""
    clauses = _CLAUSE_ENDS.split(words)
    return ";".join(each for each in clauses if refusal_code(each) in {meaning, IssueCode.UPSTREAM_REFUSES}) or words


def _named_line(words: str, lines: Sequence[Line], *, only: bool) -> Line | None:
    """The one line that `words` name by its offer, and by its SKU if the offer has several lines.

    With `only`, a single line need not be named.
    """
    if only and len(lines) == 1:
        return lines[0]
    named = [line for line in lines if _mentions(words, line.offer_id)]
    if len(named) > 1:
        named = [line for line in named if line.spec_id and _mentions(words, line.spec_id)]
    return named[0] if len(named) == 1 else None


def _named_offer(words: str, lines: Sequence[Line]) -> str | None:
    offers = {line.offer_id for line in lines if _mentions(words, line.offer_id)}
    return offers.pop() if len(offers) == 1 else None


def _mentions(words: str, own_id: str) -> bool:
    """Whether `words` contain `own_id` as a whole, alone or as `offerId_specId` (CONTRACT 9.8)."""
    return bool(re.search(rf"(?<![A-Za-z0-9]){re.escape(own_id)}(?![A-Za-z0-9])", words))


def _number(meaning: IssueCode, words: str, lines: Sequence[Line], asked: int | None) -> int | None:
    """The number in `words` that was not met; None if it is not certain."""
    if meaning not in _QUANTITY_WORDS:
        return None
    own_ids = {own_id for line in lines for own_id in (line.offer_id, line.spec_id) if own_id and len(own_id) > 4}
    text = _CODE_PREFIX.sub("", unicodedata.normalize("NFKC", words).strip())
    text = _WORD.sub(lambda word: " " if word[0] in own_ids else word[0], text)
    # If the line is not certain, the number may be the requested quantity of any line.
    own = {line.quantity for line in lines} if asked is None else {asked}
    found = [each for each in _quantities(text) if each[0] not in own and _is_possible(meaning, each[0], asked)]
    beside = {number for number, near in found if _QUANTITY_WORDS[meaning].search(near)}
    numbers = beside or {number for number, _ in found}
    return numbers.pop() if len(numbers) == 1 else None


def _quantities(text: str) -> Iterator[tuple[int, str]]:
    """Every number that can be a quantity, with the text right beside it."""
    matches = list(_QUANTITY.finditer(text))
    for position, match in enumerate(matches):
        start = max(match.start() - _NEAR, matches[position - 1].end() if position else 0)
        after = text[match.end() : match.end() + _NEAR].partition(",")[0]
        yield int(match[1].replace(",", "")), f"{text[start : match.start()]} {after}"


def _is_possible(meaning: IssueCode, number: int, asked: int | None) -> bool:
    """Whether `number` can be the reason: a ceiling below the quantity, a minimum above it, a lot not dividing it."""
    if meaning == IssueCode.LOT_MULTIPLE:
        return number > 1 and (asked is None or asked % number != 0)
    if asked is None:
        return number > 0 or meaning in _CEILINGS
    return number < asked if meaning in _CEILINGS else number > asked


def _multiples(lot: int | None, asked: int | None) -> list[int]:
    """The multiples of `lot` just below and above the quantity asked for."""
    if not lot or asked is None:
        return []
    below = asked - asked % lot
    return [below, below + lot] if below else [lot]


def _single_amount(amount: re.Pattern[str], words: str) -> str:
    """The only amount of this kind in `words`; "" if there is none or several."""
    found = {"".join(filter(None, match.groups())) for match in amount.finditer(words)}
    return found.pop() if len(found) == 1 else ""
