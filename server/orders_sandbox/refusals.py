"""Refusals of the sandbox: an envelope code and a message (CONTRACT 2.4 and 9.8)."""

from collections.abc import Iterable
from dataclasses import dataclass

SUCCESS = 200
BUSINESS = 500
WRONG_SIGNATURE = 610
REPEATED_NONCE = 611
UNKNOWN_ACCESS_KEY = 621
WRONG_USER = 622
WRONG_TIMESTAMP = 623
WRONG_NONCE = 624
WRONG_PARAMETER = 630


@dataclass(frozen=True)
class Reason:
    """Why something cannot be ordered: a code of CONTRACT 9.8 (or "" for a bare phrase) and its text."""

    code: str
    text: str

    @property
    def message(self) -> str:
        """Code and text in one, as the envelope and the answers of 2026 carry them."""
        return ":".join(filter(None, (self.code, self.text)))


NO_ONLINE_TRADING = Reason("500_001", "该商品不支持在线交易")


@dataclass(frozen=True)
class RefusedLine:
    """One line that cannot be ordered, and why."""

    offer_id: int
    spec_id: str | None
    reason: Reason


class Refusal(Exception):
    """Ends a request with this code and message in the envelope, and no data.

    A refusal of the trade itself has `reasons`, all of them, each once; `lines` are the lines that they are about.
    """

    def __init__(
        self, code: int, message: str, reasons: tuple[Reason, ...] = (), lines: tuple[RefusedLine, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reasons = reasons
        self.lines = lines


def wrong_parameter(field: str) -> Refusal:
    """The refusal that names the field at fault by its path, such as cargoParamList[0].quantity."""
    return Refusal(WRONG_PARAMETER, f"参数错误:{field}")


def cannot_be_done(*reasons: Reason, lines: Iterable[RefusedLine] = ()) -> Refusal:
    """The refusal of the trade itself; the message is 1688's codes and texts, or its bare phrases."""
    distinct = tuple(dict.fromkeys(reasons))
    return Refusal(BUSINESS, ";".join(reason.message for reason in distinct), distinct, tuple(lines))


def lines_refused(lines: Iterable[RefusedLine]) -> Refusal:
    """The refusal of every one of these lines at once."""
    refused = tuple(lines)
    return cannot_be_done(*(line.reason for line in refused), lines=refused)
