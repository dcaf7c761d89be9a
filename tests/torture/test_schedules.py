"""A sample of the sweep; `python -m torture` plays all of it."""

import itertools
from collections.abc import Iterator

import pytest

from torture.schedules import Schedule, play, run, schedules, trace_of
from torture.scripted import FAULTS

SEED = 1688
SHARES = 4


def sample() -> Iterator[Schedule]:
    """Of the whole sweep as few schedules as show every crash, every fault and every other habit."""
    sweep = {each: _habits(each) for each in schedules(SEED, 1_500)}
    unseen = set[object]().union(*sweep.values())
    while unseen:
        best = max(sweep, key=lambda each: len(sweep[each] & unseen))
        unseen -= sweep[best]
        yield best


def _habits(each: Schedule) -> set[object]:
    return {each.crash, each.second, each.fault, each.lag, each.profile, each.basket}


@pytest.mark.parametrize("share", range(SHARES))
def test_no_crash_and_no_fault_makes_two_orders_or_loses_one(share: int) -> None:
    print("seed", SEED)
    for schedule in itertools.islice(sample(), share, None, SHARES):
        played = play(schedule)
        assert [str(each) for each in played.broken] == [], schedule


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    assert trace_of(run(SEED, 2)) == trace_of(run(SEED, 2)) != trace_of(run(SEED + 1, 2))


def test_a_sweep_of_its_own_length_pairs_every_crash_with_every_fault() -> None:
    pairs = {(each.crash, each.fault) for each in schedules(SEED, 1_500)}

    assert len(FAULTS) >= 12
    assert len(pairs) == len({crash for crash, _ in pairs}) * len(FAULTS)
