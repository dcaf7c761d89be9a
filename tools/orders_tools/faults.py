"""Refusals: what a call is told when nothing was sent and something has to change first."""

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


@dataclass(frozen=True)
class ArgumentFault:
    """One thing wrong with a call's arguments: where it is, which problem it is, and what fills its sentence."""

    path: str
    problem: str
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
