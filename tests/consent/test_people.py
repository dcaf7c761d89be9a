"""People: added, paired by a code once, known by their cookie, removed at once."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from orders_server.consent.people import BadName, People
from orders_server.ledger.seals import Seals
from support.approvers import KEY, Approvers

pytestmark = pytest.mark.anyio
MINUTES_10 = 600
DAY = 86_400


async def test_a_code_pairs_a_browser_with_its_person(ledger: Approvers) -> None:
    added = await ledger.people.add("王老板")
    session = await ledger.people.pair(added.code)

    assert session
    assert (session.person, session.name) == (added.person, "王老板")
    visitor = await ledger.people.who(session.cookie)
    assert visitor
    assert (visitor.person, visitor.name, visitor.has_passkey) == (added.person, "王老板", False)
    assert visitor.paired_at == ledger.clock.now
    assert len(session.cookie) == 43
    assert ledger.waits == []


async def test_a_code_is_eight_characters_that_nobody_confuses_in_two_groups(ledger: Approvers) -> None:
    codes = [(await ledger.people.add("Mei")).code for _ in range(50)]

    assert len(set(codes)) == 50
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4, 4]
        assert not set(code) & set("01IO")


@pytest.mark.parametrize("typed", ["k7qp-3mxd", "K7QP3MXD", " K7QP – 3MXD ", "Ｋ７ＱＰ－３ＭＸＤ", "k7qp 3mxd"])
async def test_a_code_may_be_typed_in_any_spelling(
    ledger: Approvers, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    drawn = bytes(map(alphabet.index, "K7QP3MXD"))
    people = People(ledger.store, Seals(KEY), ledger.clock, lambda count: drawn if count == 8 else ledger.draw(count))
    assert (await people.add("Mei")).code == "K7QP-3MXD"

    assert await people.pair(typed)


async def test_a_code_counts_once_and_for_ten_minutes(ledger: Approvers) -> None:
    once = await ledger.people.add("Mei")
    late = await ledger.people.add("Chen")

    assert await ledger.people.pair(once.code)
    assert await ledger.people.pair(once.code) is None
    ledger.clock.forward(MINUTES_10)
    assert late.expires_at == ledger.clock.now
    assert await ledger.people.pair(late.code) is None
    assert ledger.waits == [1.0, 1.0]


async def test_a_code_counts_until_the_last_moment(ledger: Approvers) -> None:
    code = (await ledger.people.add("Mei")).code
    ledger.clock.forward(MINUTES_10 - 0.000001)

    assert await ledger.people.pair(code)


async def test_a_new_code_ends_the_earlier_one_of_the_same_person_alone(ledger: Approvers) -> None:
    first, other, second = [(await ledger.people.add(name)) for name in ("Mei", "Chen", "Mei")]

    assert first.person == second.person != other.person
    assert await ledger.people.pair(first.code) is None
    assert await ledger.people.pair(second.code)
    assert await ledger.people.pair(other.code)


async def test_after_ten_wrong_codes_no_open_code_counts_until_a_new_one_is_made(
    ledger: Approvers, caplog: pytest.LogCaptureFixture
) -> None:
    mei, chen = await ledger.people.add("Mei"), await ledger.people.add("Chen")
    with caplog.at_level(logging.WARNING):
        for _ in range(9):
            assert await ledger.people.pair("2222-2222") is None
        assert caplog.records == []
        assert await ledger.people.pair("2222-2222") is None
        assert len(caplog.records) == 1
    assert "`people add`" in caplog.text
    assert await ledger.people.pair(mei.code) is None
    again = await ledger.people.add("Mei")

    assert await ledger.people.pair(chen.code) is None
    assert await ledger.people.pair(again.code)
    assert set(ledger.waits) == {1.0}
    assert len(ledger.waits) == 12


async def test_nine_wrong_codes_leave_the_right_one(ledger: Approvers) -> None:
    mei = await ledger.people.add("Mei")
    for _ in range(9):
        await ledger.people.pair("2222-2222")

    assert await ledger.people.pair(mei.code)


async def test_the_ledger_holds_no_code_and_no_cookie(ledger: Approvers) -> None:
    code = (await ledger.people.add("Mei")).code
    before = ledger.file.read_bytes()
    session = await ledger.people.pair(code)
    assert session
    after = ledger.file.read_bytes()

    for secret in (code, code.replace("-", ""), session.cookie):
        assert secret.encode() not in before + after


async def test_a_session_ends_after_a_week_away_and_after_thirty_days_in_any_case(ledger: Approvers) -> None:
    away, _ = await ledger.paired_with_cookie("Mei")
    here, _ = await ledger.paired_with_cookie("Chen")
    ledger.clock.forward(7 * DAY - 1)
    assert await ledger.people.who(here)
    ledger.clock.forward(1)
    assert await ledger.people.who(away) is None
    for _ in range(22):
        ledger.clock.forward(DAY)
        assert await ledger.people.who(here)
    ledger.clock.forward(DAY)

    assert await ledger.people.who(here) is None


async def test_being_there_is_stored_once_an_hour(ledger: Approvers) -> None:
    cookie, visitor = await ledger.paired_with_cookie("Mei")
    first = ledger.rows("browsers")
    ledger.clock.forward(3599)
    assert await ledger.people.who(cookie) == visitor
    assert ledger.rows("browsers") == first
    ledger.clock.forward(1)

    assert await ledger.people.who(cookie) == visitor
    assert ledger.rows("browsers") != first


async def test_a_browser_signs_out_alone(ledger: Approvers) -> None:
    gone, _ = await ledger.paired_with_cookie("Mei")
    stays, _ = await ledger.paired_with_cookie("Mei")
    await ledger.people.sign_out(gone)

    assert await ledger.people.who(gone) is None
    assert await ledger.people.who(stays)


async def test_a_removed_person_ends_at_once_and_another_one_stays(ledger: Approvers) -> None:
    mei, _ = await ledger.paired_with_cookie("Mei")
    chen, _ = await ledger.paired_with_cookie("Chen")
    code = (await ledger.people.add("Mei")).code

    assert await ledger.people.remove(" Mei ")
    assert await ledger.people.who(mei) is None
    assert await ledger.people.pair(code) is None
    assert await ledger.people.who(chen)
    assert not await ledger.people.remove("Mei")
    assert [each.name for each in await ledger.people.everybody()] == ["Chen"]


async def test_a_name_that_comes_again_is_another_person(ledger: Approvers) -> None:
    first = await ledger.people.add("Mei")
    await ledger.people.remove("Mei")
    second = await ledger.people.add("Mei")

    assert first.person != second.person
    assert await ledger.people.pair(second.code)


async def test_the_list_tells_what_each_person_answers_with(ledger: Approvers) -> None:
    added_at = ledger.clock.now
    await ledger.with_passkey("Mei")
    ledger.clock.forward(60)
    await ledger.paired("Mei")
    await ledger.people.add("Chen")
    mei, chen = await ledger.people.everybody()

    assert (mei.name, mei.browsers, mei.passkeys, mei.added_at) == ("Mei", 2, 1, added_at)
    assert mei.seen_at == added_at + timedelta(seconds=60)
    assert (chen.name, chen.browsers, chen.passkeys, chen.seen_at) == ("Chen", 0, 0, None)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x1b[31mb", "a\u202eb", "<b>", "**x**", "a\x00b", "「王」"])
async def test_a_name_that_cannot_be_shown_is_refused(ledger: Approvers, name: str) -> None:
    with pytest.raises(BadName):
        await ledger.people.add(name)


@pytest.mark.parametrize(("given", "stored"), [("  Mei  Lin ", "Mei Lin"), ("Zoe\u0308", "Zoë"), ("x" * 60, "x" * 60)])
async def test_a_name_has_one_spelling(ledger: Approvers, given: str, stored: str) -> None:
    assert (await ledger.people.add(given)).name == stored


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE browsers SET person = (SELECT person FROM people WHERE name = 'Chen')", ()),
        ("UPDATE browsers SET expires_at = '2099-01-01T00:00:00.000000+00:00'", ()),
        ("UPDATE browsers SET seen_at = '2099-01-01T00:00:00.000000+00:00'", ()),
        ("UPDATE browsers SET paired_at = '2099-01-01T00:00:00.000000+00:00'", ()),
        ("UPDATE people SET name = 'Boss' WHERE name = 'Mei'", ()),
        ("UPDATE people SET added_at = '2020-01-01T00:00:00.000000+00:00'", ()),
    ],
)
async def test_a_row_that_was_edited_without_the_key_is_nobody(ledger: Approvers, statement: str, values: Any) -> None:
    await ledger.people.add("Chen")
    cookie, _ = await ledger.paired_with_cookie("Mei")
    assert ledger.by_hand(statement, *values)

    assert await ledger.people.who(cookie) is None


async def test_a_removed_person_does_not_come_back_by_an_edit(ledger: Approvers) -> None:
    cookie, _ = await ledger.paired_with_cookie("Mei")
    browsers = ledger.rows("browsers")[0]
    await ledger.people.remove("Mei")
    ledger.by_hand("INSERT INTO browsers VALUES (?, ?, ?, ?, ?, ?)", *browsers.values())
    assert ledger.by_hand("UPDATE people SET removed_at = NULL")

    assert await ledger.people.who(cookie) is None
    assert await ledger.people.everybody() == []


async def test_a_person_written_into_the_file_is_nobody_and_makes_room(ledger: Approvers) -> None:
    await ledger.people.add("Chen")
    ledger.by_hand("INSERT INTO people VALUES ('P-X', 'Mei', '2026-05-20T07:40:00.000000+00:00', NULL, 'seal')")

    assert [each.name for each in await ledger.people.everybody()] == ["Chen"]
    assert await ledger.people.pair((await ledger.people.add("Mei")).code)


async def test_a_code_moved_to_another_person_or_prolonged_does_not_count(ledger: Approvers) -> None:
    await ledger.people.add("Boss")
    mine = await ledger.people.add("Mei")
    boss = "(SELECT person FROM people WHERE name = 'Boss')"
    ledger.by_hand(f"UPDATE pairing_codes SET person = {boss}")
    assert await ledger.people.pair(mine.code) is None
    again = await ledger.people.add("Mei")
    ledger.by_hand("UPDATE pairing_codes SET expires_at = '2099-01-01T00:00:00.000000+00:00'")

    assert await ledger.people.pair(again.code) is None


async def test_another_key_knows_nobody(ledger: Approvers) -> None:
    cookie, _ = await ledger.paired_with_cookie("Mei")
    code = (await ledger.people.add("Chen")).code
    stranger = People(ledger.store, Seals(b"another"), ledger.clock, ledger.draw, ledger.people._sleep)  # pyright: ignore[reportPrivateUsage]

    assert await stranger.who(cookie) is None
    assert await stranger.pair(code) is None
    assert await stranger.everybody() == []
