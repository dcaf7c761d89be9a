"""Which answers to a create call prove what. All that is not proof leaves the outcome unknown."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from orders_tools.ports import CreateReply
from orders_tools.purchase.records import Verdict
from orders_tools.purchase.states import PlacementState
from orders_tools.vocabulary import EvidenceName

_BUSINESS = (
    "BOOKED_BEYOND_THE_MAX_QUANTITY",
    "BOOKED_LESS_THAN_LEAST_QUANTITY",
    "LESS_THAN_MIX_BEGIN",
    "UNSUPPORT_MIX",
    "QUANTITY_UNMATCH_SELLUNIT_SCALE",
    "PRODUCT_TRADE_STAT_ERROR",
    "PROXY_RELATED_NOT_FUND",
)
_CODES: tuple[str, ...] = (
    *(f"500_00{digit}" for digit in range(1, 10)),
    *(f"R500_00{digit}" for digit in range(1, 10)),
    *(f"{family}{code}" for family in ("FAIL_BIZ_", "FAIL_BIZ_FAIL_BIZ_") for code in _BUSINESS),
    "QUANTITY_UNMATCH_SELLUNIT_SCALE",
)
_PHRASES: tuple[str, ...] = (
    "offer no exist",
    "Cargo list not duplicate is required",
    "availableQuota less than sumPayment",
    "not support tradeType",
    "拆单结果发生了变化",
)
REFUSALS: tuple[str, ...] = (*_CODES, *_PHRASES)
"""What 1688 sends instead of making an order (CONTRACT 9.8). "System busy" is not among them: the same words stand for
several faults, so they prove nothing."""
_CODE = re.compile(rf"(?:{'|'.join(_CODES)})(?![A-Za-z0-9_])")
"""A code goes on in words of its own, which name the offer and the SKU or the quantity (CONTRACT 9.8)."""
_PHRASE = re.compile(
    rf"(?:{'|'.join(map(re.escape, _PHRASES))})\s*(?:[:：]?\s*(?:【[^】]*】|[0-9]+(?:_[0-9a-f]+)?))?\s*[.。!！]?"
)
"""A phrase is the whole message; only what it is about may follow, such as `not support tradeType:【period】`."""
_CLAUSES = re.compile(r"\s*[;；\n]\s*")
ORDER_ID = re.compile(r"(?=.*[1-9])[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""The form of an order's id; stand-ins such as 0, -1 or "N/A" have another."""


def fold(number: str) -> str:
    """An id or a reference without case, width and joints, to be compared."""
    return "".join(each for each in unicodedata.normalize("NFKC", number).casefold() if each.isalnum())


def _is_documented(message: str) -> bool:
    """Whether a message starts with a documented code, or is documented phrases and nothing else."""
    return bool(_CODE.match(message)) or all(
        _CODE.match(clause) or _PHRASE.fullmatch(clause) for clause in _CLAUSES.split(message)
    )


def _refuses(reply: CreateReply) -> bool:
    return _could_be_a_refusal(reply) and _is_documented(reply.message or "")


def _could_be_a_refusal(reply: CreateReply) -> bool:
    """Whether nothing in the answer speaks of an order that exists."""
    return reply.complete and reply.code != "200" and not reply.signs and not reply.unnamed_orders


@dataclass(frozen=True)
class Evidence:
    """One kind of answer, what it proves, and where that is known from."""

    name: EvidenceName
    applies: Callable[[CreateReply], bool]
    state: PlacementState
    source: str


TABLE: tuple[Evidence, ...] = (
    Evidence(
        EvidenceName.ORDER_IDS_IN_DOUBT,
        lambda reply: bool(reply.named),
        PlacementState.UNKNOWN,
        "CONTRACT 4.2: an order may exist; whether an id is this call's order, only reading it can tell",
    ),
    Evidence(
        EvidenceName.ORDER_ID_AND_FAILED_LINES,
        lambda reply: bool(reply.orders) and bool(reply.failed_lines),
        PlacementState.PARTLY_PLACED,
        "CONTRACT 4.2: failedOfferList beside an order id",
    ),
    Evidence(
        EvidenceName.ORDER_ID,
        lambda reply: bool(reply.orders),
        PlacementState.PLACED,
        "CONTRACT 4.2: an order id where create names one, even beside success false, means that an order exists",
    ),
    Evidence(
        EvidenceName.NEVER_CONNECTED,
        lambda reply: not reply.connected,
        PlacementState.REJECTED,
        "no connection was made, so no byte of the call left",
    ),
    Evidence(
        EvidenceName.DOCUMENTED_REFUSAL,
        _refuses,
        PlacementState.REJECTED,
        "CONTRACT 9.8: a complete envelope with a documented code or phrase, and no sign of an order beside it",
    ),
)
"""Read from the top; the first row that applies decides."""


def evidence_table(more_refusals: Sequence[str]) -> tuple[Evidence, ...]:
    """The table with the operator's own refusals at its end; nothing can be taken out of it."""
    if not more_refusals:
        return TABLE
    own = Evidence(
        EvidenceName.OPERATORS_REFUSAL,
        lambda reply: _could_be_a_refusal(reply) and (reply.message or "").startswith(tuple(more_refusals)),
        PlacementState.REJECTED,
        "XPORTCN_REFUSALS: the operator knows this message to mean that no order was made",
    )
    return (*TABLE, own)


def judge(reply: CreateReply, more_refusals: Sequence[str] = (), previewed: int = 0) -> Verdict:
    """What `reply` proves: placed, partly placed or rejected; unknown where it proves nothing.

    `previewed` is how many orders the preview told of: where the answer names more, or tells of some without naming
    them, its ids are in doubt, as are those that stand where create names no orders.
    """
    if reply.orders and (reply.named or reply.unnamed_orders or 0 < previewed < len(reply.orders)):
        ids = (*(order.order_id for order in reply.orders), *reply.named)
        reply = reply.model_copy(update={"orders": (), "named": ids})
    row = next((row for row in evidence_table(more_refusals) if row.applies(reply)), None)
    return Verdict(
        state=row.state if row else PlacementState.UNKNOWN,
        evidence=row.name if row else reply.failure or EvidenceName.NO_PROOF,
        orders=reply.orders,
        failed_lines=reply.failed_lines,
        code=reply.code,
        message=reply.message,
        named=reply.named,
    )


def without_references(reply: CreateReply, references: Collection[str]) -> CreateReply:
    """`reply` without the order ids that are references of purchases: they name no order, and make a refusal odd."""
    kept = tuple(order for order in reply.orders if order.order_id not in references)
    named = tuple(order_id for order_id in reply.named if order_id not in references)
    if (kept, named) == (reply.orders, reply.named):
        return reply
    return reply.model_copy(update={"orders": kept, "named": named, "signs": (*reply.signs, "reference")})
