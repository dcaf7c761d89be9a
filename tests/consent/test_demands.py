"""Which channel of approval is demanded: by the setting, by the amount to pay, and never less for a missing channel."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders_server.approval_demands import parse_demands
from orders_tools.consent.channels import Demands, Step, is_enough
from orders_tools.vocabulary import Channel
from support.commands import told

LADDER = [Channel.HOST, Channel.DIALOG, Channel.TERMINAL, Channel.PAGE, Channel.PASSKEY]
SETTING = "ask; page above 500; passkey above 5000"


@pytest.mark.parametrize(
    ("payable", "demanded"),
    [
        (1, Channel.DIALOG),
        (500_00, Channel.DIALOG),
        (500_01, Channel.PAGE),
        (5000_00, Channel.PAGE),
        (5000_01, Channel.PASSKEY),
        (None, Channel.PASSKEY),
    ],
)
def test_a_step_counts_for_more_than_its_amount_and_an_unknown_amount_demands_the_most(
    payable: int | None, demanded: Channel
) -> None:
    assert parse_demands(SETTING).of(payable) is demanded


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("ask", Channel.DIALOG),
        ("host", Channel.HOST),
        ("terminal", Channel.TERMINAL),
        ("page", Channel.PAGE),
        ("passkey", Channel.PASSKEY),
    ],
)
def test_a_word_alone_demands_its_channel_of_every_purchase(word: str, channel: Channel) -> None:
    assert parse_demands(word) == Demands(channel)


def test_each_channel_is_enough_for_itself_and_for_every_weaker_one_and_terminal_and_page_are_equal() -> None:
    equal = {Channel.TERMINAL, Channel.PAGE}
    for at, given_ in enumerate(LADDER):
        for below, demanded in enumerate(LADDER):
            assert is_enough(given_, demanded) is (at >= below or {given_, demanded} == equal), (given_, demanded)


def test_a_channel_that_nobody_knows_is_enough_for_nothing() -> None:
    assert not any(is_enough("carrier pigeon", demanded) for demanded in LADDER)


@given(
    st.sampled_from(LADDER),
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(LADDER)), max_size=4),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_a_larger_amount_never_demands_less(
    least: Channel, steps: list[tuple[int, Channel]], one: int, other: int
) -> None:
    demands = Demands(least, tuple(Step(*step) for step in steps))
    smaller, larger = sorted((one, other))

    assert is_enough(demands.of(larger), demands.of(smaller))
    assert is_enough(demands.of(smaller), least)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dialogue", "part 1 (`dialogue`) has to be one of ask, host, terminal, page, passkey"),
        ("; page above 5", "part 1 (``) has to be one of"),
        ("ask; pge above 500", "part 2 (`pge above 500`) has to be a word and an amount"),
        ("ask; page above 5e2", "part 2 (`page above 5e2`)"),
        ("ask; page above -1", "part 2 (`page above -1`)"),
        ("ask; page over 500", "part 2 (`page over 500`)"),
        ("ask; page above 500;", "part 3 (``)"),
        ("ask; page above 500; passkey above 500", "part 3 (`passkey above 500`) has to name a larger amount"),
        ("ask; passkey above 500; page above 5000", "part 3 (`page above 5000`) has to demand more"),
        ("terminal; page above 500", "part 2 (`page above 500`) has to demand more"),
        ("passkey; ask above 1", "part 2 (`ask above 1`) has to demand more"),
    ],
)
def test_nonsense_is_refused_at_start_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    refused = told(tmp_path, "serve", HOME=str(tmp_path), XPORTCN_APPROVAL=text)

    assert refused.returncode == 2
    assert f"XPORTCN_APPROVAL: {said}" in refused.stderr
