"""Samples of the answers in any order and of the ledgers put back; `python -m torture` plays all of them."""

import itertools

from torture import interleavings, put_back

SHARE = 12
EVERY = 12


def test_answers_in_any_order_make_no_order_on_a_stale_text() -> None:
    some = itertools.islice(interleavings.interleavings(), 0, None, SHARE)
    played = [(each, interleavings.play(each)) for each in some]

    assert [why for _, broken in played for why in broken] == []
    assert len({each.steps for each, _ in played}) == 6


def test_a_ledger_put_back_at_any_point_orders_nothing_twice() -> None:
    some = list(itertools.islice(put_back.put_backs(), 0, None, EVERY))

    assert [why for each in some for why in put_back.play(each)] == []
    assert {each.point for each in some} >= {"after approve", "before claim", "after create"}
