"""What a read that failed tells of why, and until when several looks may last together."""

import asyncio
from typing import Any, NoReturn

import pytest

from orders_server.xportcn.retry import ReadFailed, Reads
from orders_tools.ports import UpstreamUnavailable
from orders_tools.vocabulary import Unavailability
from support.virtual_time import in_virtual_time


def reads() -> Reads:
    return Reads(15, 6, lambda: 0.5)


def failed(*given: Any, **named: Any) -> UpstreamUnavailable:
    """What is told of a read whose one try fails so."""

    async def one_try() -> NoReturn:
        raise ReadFailed(*given, again=False, **named)

    with pytest.raises(UpstreamUnavailable) as unavailable:
        in_virtual_time(reads().look(one_try))
    return unavailable.value


def test_a_failure_is_told_with_its_kind_its_reason_and_whether_less_could_be_read() -> None:
    plain = failed("odd")
    full = failed("odd", Unavailability.REFUSED, reason="certificate", unwieldy=True)

    assert (plain.why, plain.kind, plain.reason, plain.too_large) == ("odd", Unavailability.UNREADABLE, "", False)
    assert (full.why, full.kind, full.reason, full.too_large) == ("odd", Unavailability.REFUSED, "certificate", True)


def hanging(ends: float | None) -> tuple[UpstreamUnavailable, float]:
    """What is told of a look that hangs, which is over with all looks after `ends` seconds; and when it was told."""

    async def hangs() -> NoReturn:
        await asyncio.sleep(1_000)
        raise AssertionError

    async def looked() -> tuple[UpstreamUnavailable, float]:
        began = asyncio.get_running_loop().time()
        with pytest.raises(UpstreamUnavailable) as unavailable:
            await reads().look(hangs, ends and began + ends)
        return unavailable.value, asyncio.get_running_loop().time() - began

    return in_virtual_time(looked())


def test_a_look_that_hangs_is_given_up_where_no_time_is_left_for_another_try() -> None:
    error, seconds = hanging(10.2)

    assert (error.why, error.kind, seconds) == ("it did not answer", Unavailability.NO_ANSWER, 10)


@pytest.mark.parametrize("ends", [None, 4.0, 12.0])
def test_a_look_that_hangs_is_over_at_its_end_or_at_that_of_all_looks(ends: float | None) -> None:
    error, seconds = hanging(ends)

    assert (error.why, error.kind) == ("it did not answer within 15 s", Unavailability.NO_ANSWER)
    assert seconds == (ends or 15)
