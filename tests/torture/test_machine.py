"""A few random buyers; `python -m torture` lets many more of them loose."""

from torture.machine import run


def test_random_calls_of_all_tools_order_only_what_was_agreed() -> None:
    steps, orders = run(examples=10, steps=20)

    assert steps > 100
    assert orders > 2
