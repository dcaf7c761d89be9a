"""Which answers to a create call prove what. All that is not proof leaves the outcome unknown."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orders_tools.ports import CreateReply
from orders_tools.records import Verdict
from orders_tools.states import PlacementState

_BUSINESS = (
    "BOOKED_BEYOND_THE_MAX_QUANTITY",
    "BOOKED_LESS_THAN_LEAST_QUANTITY",
    "LESS_THAN_MIX_BEGIN",
    "UNSUPPORT_MIX",
    "QUANTITY_UNMATCH_SELLUNIT_SCALE",
    "PRODUCT_TRADE_STAT_ERROR",
    "PROXY_RELATED_NOT_FUND",
)
REFUSALS: tuple[str, ...] = (
    *(f"500_00{digit}" for digit in range(1, 10)),
    *(f"R500_00{digit}" for digit in range(1, 10)),
    *(f"{family}{code}" for family in ("FAIL_BIZ_", "FAIL_BIZ_FAIL_BIZ_") for code in _BUSINESS),
    "QUANTITY_UNMATCH_SELLUNIT_SCALE",
    "offer no exist",
    "Cargo list not duplicate is required",
    "availableQuota less than sumPayment",
    "not support tradeType",
    "拆单结果发生了变化",
)
"""How a message starts that 1688 sends instead of making an order (CONTRACT 9.8). "System busy" is not among them:
the same words stand for several faults, so they prove nothing."""
_REFUSAL = re.compile(rf"(?:{'|'.join(map(re.escape, REFUSALS))})(?![A-Za-z0-9_])")
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{15,20}(?![0-9])")


def _refuses(reply: CreateReply) -> bool:
    return _could_be_a_refusal(reply) and bool(_REFUSAL.match(reply.message or ""))


def _could_be_a_refusal(reply: CreateReply) -> bool:
    """Whether nothing in the answer could be the id of an order, under whatever name."""
    message = unicodedata.normalize("NFKC", reply.message or "")
    return reply.complete and reply.code != "200" and not reply.holds_a_long_number and not _LONG_NUMBER.search(message)


@dataclass(frozen=True)
class Evidence:
    """One kind of answer, what it proves, and where that is known from."""

    name: str
    applies: Callable[[CreateReply], bool]
    state: PlacementState
    source: str


TABLE: tuple[Evidence, ...] = (
    Evidence(
        "order_id_and_failed_lines",
        lambda reply: bool(reply.orders) and bool(reply.failed_lines),
        PlacementState.PARTLY_PLACED,
        "CONTRACT 4.2: failedOfferList beside an order id",
    ),
    Evidence(
        "order_id",
        lambda reply: bool(reply.orders),
        PlacementState.PLACED,
        "CONTRACT 4.2: an order id in any answer, even beside success false, means that an order exists",
    ),
    Evidence(
        "never_connected",
        lambda reply: not reply.connected,
        PlacementState.REJECTED,
        "no connection was made, so no byte of the call left",
    ),
    Evidence(
        "documented_refusal",
        _refuses,
        PlacementState.REJECTED,
        "CONTRACT 9.8: a complete envelope whose message starts with a documented code or phrase",
    ),
)
"""Read from the top; the first row that applies decides."""


def table_with(more_refusals: Sequence[str]) -> tuple[Evidence, ...]:
    """The table with the operator's own refusals at its end; nothing can be taken out of it."""
    if not more_refusals:
        return TABLE
    own = Evidence(
        "operators_refusal",
        lambda reply: _could_be_a_refusal(reply) and (reply.message or "").startswith(tuple(more_refusals)),
        PlacementState.REJECTED,
        "XPORTCN_REFUSALS: the operator knows this message to mean that no order was made",
    )
    return (*TABLE, own)


def judge(reply: CreateReply, more_refusals: Sequence[str] = ()) -> Verdict:
    """What `reply` proves: placed, partly placed or rejected; unknown where it proves nothing."""
    row = next((row for row in table_with(more_refusals) if row.applies(reply)), None)
    return Verdict(
        state=row.state if row else PlacementState.UNKNOWN,
        evidence=row.name if row else reply.failure or "no_proof",
        orders=reply.orders,
        failed_lines=reply.failed_lines,
        code=reply.code,
        message=reply.message,
    )
