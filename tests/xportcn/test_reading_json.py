"""JSON from outside, read without losing a digit, or refused."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders_server.xportcn.wire import Unreadable, read_json

from .documented_answers import PREVIEW_2026, raw


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"b": [{"a": 1, "a": 2}]}',
        b'{"a": ' + b"9" * 41 + b"}",
        b'{"a": 1e99999999999999999999}',
        b'{"a": 1e9999999}',
        b'{"a": -1e9999999}',
        b'{"a": 1e-9999999}',
        b'{"a": 1e400}',
        b'{"a": 1e41}',
        b'{"a": 1e-41}',
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 64 + b"{}" + b"}" * 64,
        b'[{"a":' * 40 + b"1" + b"}]" * 40,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"",
        b" ",
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"a": 1} {"b": 2}',
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 01}',
        "{'msg': '成功'}".encode("gbk"),
        b'{"msg": "\xff"}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\x01"}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_plain_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json(body)


def test_an_answer_cut_short_at_any_byte_is_refused() -> None:
    whole = raw(PREVIEW_2026)
    for length in range(len(whole)):
        with pytest.raises(Unreadable):
            read_json(whole[:length])


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read_json(b"\xef\xbb\xbf" + raw({"msg": "成功"})) == {"msg": "成功"}


@pytest.mark.parametrize("written", ["1e40", "-1e40", "1e-40", "12345678901234567890.5e20"])
def test_a_number_beyond_all_money_keeps_its_value(written: str) -> None:
    assert read_json(f'{{"a": {written}}}'.encode()) == {"a": Decimal(written)}


def test_a_document_of_sixty_four_levels_is_read() -> None:
    document: Any = read_json(b"[" * 64 + b"]" * 64)
    levels = 0
    while document:
        (document,), levels = document, levels + 1
    assert levels == 63
    assert read_json(b'{"a":' * 63 + b"{}" + b"}" * 63)


def test_the_refusal_names_the_fault_and_not_the_content() -> None:
    with pytest.raises(Unreadable) as fault:
        read_json(b'{"mobile": "13912345678", "a": NaN}')
    assert "NaN" in fault.value.where
    assert "139" not in fault.value.where


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,10})?", fullmatch=True))
def test_a_number_keeps_every_digit(number: str) -> None:
    read: Any = read_json(f'{{"a": {number}}}'.encode())["a"]
    assert isinstance(read, Decimal)
    assert f"{read:f}" == number


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    with suppress(Unreadable):
        read_json(body)
