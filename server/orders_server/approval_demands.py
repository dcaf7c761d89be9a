"""The setting that says which approval counts, such as `ask; page above 500; passkey above 5000`."""

import re
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from orders_tools.consent.channels import Demands, Step

_WORDS = {"ask": "dialog", "host": "host", "terminal": "terminal", "page": "page", "passkey": "passkey"}
_STEP = re.compile(r"(?P<word>[a-z]+) +above +(?P<amount>[0-9]{1,9}(\.[0-9]{1,2})?)")


def approval_demands(text: str) -> str:
    """`text`, if it says which approval counts.

    Raises:
        PydanticCustomError: it does not; the message names the part of the text.
    """
    parse_demands(text)
    return text


def parse_demands(text: str) -> "Demands":
    """What `text` demands: a word for every purchase, then steps by amount in CNY, each larger and stronger.

    Raises:
        PydanticCustomError: it cannot be read; the message names the part of the text.
    """
    from orders_tools.consent.channels import Demands  # not needed for the first reply
    from orders_tools.vocabulary import Channel

    first, *rest = [part.strip() for part in text.split(";")]
    if first not in _WORDS:
        raise _fault(1, first, f"has to be one of {', '.join(_WORDS)}")
    demands = Demands(Channel(_WORDS[first]))
    for number, part in enumerate(rest, start=2):
        step = _step(number, part, demands)
        demands = Demands(demands.least, (*demands.steps, step))
    return demands


def _step(number: int, part: str, before: "Demands") -> "Step":
    from orders_tools.consent.channels import Step, is_stronger
    from orders_tools.money import fen_from_text
    from orders_tools.vocabulary import Channel

    match = _STEP.fullmatch(part)
    if match is None or match["word"] not in _WORDS:
        raise _fault(number, part, "has to be a word and an amount in CNY, such as `page above 500`")
    step = Step(fen_from_text(match["amount"]), Channel(_WORDS[match["word"]]))
    last = before.steps[-1] if before.steps else Step(-1, before.least)
    if step.above <= last.above:
        raise _fault(number, part, "has to name a larger amount than the step before")
    if not is_stronger(step.channel, last.channel):
        raise _fault(number, part, "has to demand more than the step before")
    return step


def _fault(number: int, part: str, what: str) -> PydanticCustomError:
    details = {"number": number, "part": part[:60], "what": what}
    return PydanticCustomError("approval", "part {number} (`{part}`) {what}", details)
