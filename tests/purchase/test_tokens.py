"""Preview tokens and purchase references."""

import re
import secrets
from datetime import UTC, datetime

import pytest

from orders_tools.purchase.tokens import is_token, new_purchase_ref, new_token

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_token_is_a_prefix_and_26_crockford_characters() -> None:
    for _ in range(500):
        token = new_token(secrets.token_bytes)
        assert re.fullmatch(f"PV-[{ALPHABET}]{{26}}", token)
        assert is_token(token)


def test_tokens_do_not_repeat() -> None:
    assert len({new_token(secrets.token_bytes) for _ in range(20_000)}) == 20_000


def test_every_one_of_its_130_bits_tells_two_tokens_apart() -> None:
    def token(number: int) -> str:
        return new_token(lambda count: number.to_bytes(count, "big"))

    assert len({token(0), *(token(1 << bit) for bit in range(130))}) == 131


def test_every_one_of_its_40_bits_tells_two_references_of_a_day_apart() -> None:
    def reference(number: int) -> str:
        return new_purchase_ref(datetime(2026, 5, 20, tzinfo=UTC), lambda count: number.to_bytes(count, "big"))

    assert len({reference(0), *(reference(1 << bit) for bit in range(40))}) == 41


def test_every_character_of_a_token_can_be_any_of_the_alphabet() -> None:
    tokens = [new_token(secrets.token_bytes) for _ in range(2_000)]
    for place in range(3, 29):
        assert {token[place] for token in tokens} == set(ALPHABET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PV-",
        "PV-" + "0" * 25,
        "PV-" + "0" * 27,
        "pv-" + "0" * 26,
        "PV-" + "I" * 26,
        "PV-" + "O" * 26,
        "PV-" + "a" * 26,
        "PV-" + "0" * 25 + "\n",
        "PV-" + "0" * 26 + "\n",
        " PV-" + "0" * 26,
        "PV-" + "０" * 26,
        "PV-" + "٠" * 26,
        "0" * 26,
        "PVX" + "0" * 26,
    ],
    ids=repr,
)
def test_what_was_never_made_here_is_no_token(text: str) -> None:
    assert not is_token(text)


def test_a_reference_names_its_day_and_never_repeats() -> None:
    now = datetime(2026, 5, 20, 7, 40, tzinfo=UTC)
    references = {new_purchase_ref(now, secrets.token_bytes) for _ in range(2_000)}
    assert len(references) == 2_000
    assert all(re.fullmatch(f"PO260520-[{ALPHABET}]{{8}}", reference) for reference in references)
