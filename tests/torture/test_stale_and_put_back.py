"""Samples of the answers in any order and of the ledgers put back; `python -m torture` plays all of them."""

import itertools

import pytest

from torture import interleavings, put_back

SHARES = 4
EVERY = 6


@pytest.mark.parametrize("share", range(SHARES))
def test_answers_in_any_order_make_no_order_on_a_stale_text(share: int) -> None:
    some = itertools.islice(interleavings.interleavings(), share, None, SHARES)
    played = [(each, interleavings.play(each)) for each in some]

    assert [why for _, broken in played for why in broken] == []
    assert len(played) > 60


def test_a_ledger_put_back_at_any_point_orders_nothing_twice() -> None:
    some = list(itertools.islice(put_back.put_backs(), 0, None, EVERY))

    assert [why for each in some for why in put_back.play(each)] == []
    assert {each.point for each in some} >= {"after approve", "before claim", "after create"}
