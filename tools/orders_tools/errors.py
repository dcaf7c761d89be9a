"""Faults of a call: nothing was sent, and something has to change first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FaultCode(StrEnum):
    """Why a call was refused before anything was ordered."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    TOKEN_INVALID = "TOKEN_INVALID"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    TOTAL_MISMATCH = "TOTAL_MISMATCH"
    NOT_ORDERABLE = "NOT_ORDERABLE"
    IN_PROGRESS = "IN_PROGRESS"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    UPSTREAM_REJECTED = "UPSTREAM_REJECTED"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    NOT_FOUND = "NOT_FOUND"
    INTERNAL = "INTERNAL"


class ArgumentProblem(StrEnum):
    """What is wrong with one argument. Each has its sentence in `argument.j2`."""

    MISSING = "missing"
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_VALUE = "unknown_value"
    UNKNOWN_CONSIGNEE = "unknown_consignee"
    ID_TOO_BIG = "id_too_big"
    NOT_TEXT = "not_text"
    NOT_A_LIST = "not_a_list"
    NOT_AN_OBJECT = "not_an_object"
    UNSEEN_CHARACTERS = "unseen_characters"
    TOO_LONG = "too_long"
    NOT_AN_OFFER_ID = "not_an_offer_id"
    NOT_A_QUANTITY = "not_a_quantity"
    NOT_WHOLE = "not_whole"
    NOT_A_CODE = "not_a_code"
    NOT_A_PHONE = "not_a_phone"
    NOT_A_POST_CODE = "not_a_post_code"
    NOT_A_DISTRICT_CODE = "not_a_district_code"
    DISTRICT_ELSEWHERE = "district_elsewhere"
    NOT_A_REFERENCE = "not_a_reference"
    NO_LINES = "no_lines"
    TOO_MANY_LINES = "too_many_lines"
    REPEATED_LINE = "repeated_line"
    NOT_A_TOTAL = "not_a_total"
    NOT_A_TIME = "not_a_time"
    NOT_A_PAGE_SIZE = "not_a_page_size"
    NOT_A_PAGE = "not_a_page"
    NOT_A_PRICE = "not_a_price"
    PRICES_REVERSED = "prices_reversed"
    NOT_A_CURSOR = "not_a_cursor"
    DIFFERS_FROM_CURSOR = "differs_from_cursor"
    TIMES_REVERSED = "times_reversed"
    EXACTLY_ONE = "exactly_one"
    REFERENCE_USED = "reference_used"
    NOT_READABLE = "not_readable"


@dataclass(frozen=True)
class ArgumentFault:
    """One thing wrong with a call's arguments: where it is, which problem it is, and what fills its sentence."""

    path: str
    problem: ArgumentProblem
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


class ToolFault(Exception):
    """A refused call. `details` fills the sentence for `code` and travels with it; it holds no personal data."""

    def __init__(self, code: FaultCode, reason: str = "", **details: Any) -> None:
        super().__init__(code.value)
        self.code = code
        self.reason = reason
        """Which sentence of the code applies, where a code has several; "" for its usual one."""
        self.details: Mapping[str, Any] = details


class InvalidArguments(ToolFault):
    """`INVALID_ARGUMENT` with every fault of the call at once."""

    def __init__(self, faults: Sequence[ArgumentFault]) -> None:
        super().__init__(FaultCode.INVALID_ARGUMENT)
        self.faults = tuple(faults)


class StoreUnavailable(Exception):
    """The ledger cannot be read or written, and why; nothing was sent."""
