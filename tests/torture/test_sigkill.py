"""Processes that end without a word; `python -m torture` kills many times as many."""

from torture.kills import in_a_process_of_its_own
from torture.serve_kills import kill

SEED = 1688


def test_a_purchase_whose_process_is_killed_anywhere_is_made_at_most_once_and_found() -> None:
    print("seed", SEED)
    told = in_a_process_of_its_own(SEED, 2)

    assert [(each.number, each.broken) for each in told if each.broken] == []
    assert sum(each.was_killed for each in told) == len(told)


def test_a_server_killed_between_send_and_answer_finds_its_order_when_it_is_asked_again() -> None:
    told = kill(0, SEED)

    assert told.broken == []
    assert told.outcomes == ("placed", "placed")
