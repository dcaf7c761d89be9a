"""What each kind of answer to a create call proves. Without proof the outcome is unknown."""

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
"""Messages with which 1688 makes no order (CONTRACT 9.8). "System busy" is not among them: the same words are used for
several faults, so they prove nothing."""
_CODE = re.compile(rf"(?:{'|'.join(_CODES)})(?![A-Za-z0-9_])")
"""Free text follows a code and names the offer and the SKU or the quantity (CONTRACT 9.8)."""
_PHRASE = re.compile(
    rf"(?:{'|'.join(map(re.escape, _PHRASES))})\s*(?:[:：]?\s*(?:【[^】]*】|[0-9]+(?:_[0-9a-f]+)?))?\s*[.。!！]?"
)
"""A phrase is the whole message; only its subject may follow, such as `not support tradeType:【period】`."""
_CLAUSES = re.compile(r"\s*[;；\n]\s*")
ORDER_ID = re.compile(r"(?=.*[1-9])[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""The form of an order id; placeholders such as 0, -1 or "N/A" do not match."""


def fold(number: str) -> str:
    """An id or reference for comparison: without case, width and punctuation."""
    return "".join(each for each in unicodedata.normalize("NFKC", number).casefold() if each.isalnum())


def _is_documented(message: str) -> bool:
    """Whether a message starts with a documented code, or is documented phrases and nothing else."""
    return bool(_CODE.match(message)) or all(
        _CODE.match(clause) or _PHRASE.fullmatch(clause) for clause in _CLAUSES.split(message)
    )


def _refuses(reply: CreateReply) -> bool:
    return _could_be_a_refusal(reply) and _is_documented(reply.message or "")


def _could_be_a_refusal(reply: CreateReply) -> bool:
    """Whether nothing in the answer suggests that an order exists."""
    return reply.complete and reply.code != "200" and not reply.signs and not reply.unnamed_orders


@dataclass(frozen=True)
class Evidence:
    """One kind of answer, what it proves, and the source for that."""

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
    """The table with the operator's own refusals added at its end; rows cannot be removed."""
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
    """What `reply` proves: placed, partly placed or rejected; unknown if it proves nothing.

    `previewed` is the number of orders in the preview. If the answer names more, or lists orders without ids, its ids
    are in doubt, as are ids found where a create answer names no orders.
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
    """`reply` without ids that are references of purchases: these are not order ids, and a sign against a refusal."""
    kept = tuple(order for order in reply.orders if order.order_id not in references)
    named = tuple(order_id for order_id in reply.named if order_id not in references)
    if (kept, named) == (reply.orders, reply.named):
        return reply
    return reply.model_copy(update={"orders": kept, "named": named, "signs": (*reply.signs, "reference")})
