"""Passkeys: added after pairing, vouched for by an earlier one, and lost with their person."""

from dataclasses import replace
from typing import Any

import pytest

from orders_server.consent.assertions import PasskeyFault, Step
from orders_server.consent.passkeys import Passkeys
from orders_server.consent.people import Visitor
from orders_server.ledger.seals import Seals
from support.approvers import KEY, Approvers
from support.authenticator import ORIGIN, Authenticator

pytestmark = pytest.mark.anyio
MINUTES_5, MINUTES_10, DAY = 300, 600, 86_400


async def fault_of(call: Any) -> Step:
    """The step that failed."""
    with pytest.raises(PasskeyFault) as caught:
        await call
    return caught.value.step


async def adds(ledger: Approvers, visitor: Visitor, key: Authenticator) -> bool:
    """Whether the new passkey of this visitor waits."""
    asked = await ledger.passkeys.registration_options(visitor)
    return (await ledger.passkeys.register(visitor, key.makes(asked))).waits


async def has_passkey(ledger: Approvers, cookie: str) -> bool:
    visitor = await ledger.people.who(cookie)
    assert visitor
    return visitor.has_passkey


async def test_the_first_passkey_of_a_ledger_counts_at_once(ledger: Approvers) -> None:
    cookie, visitor = await ledger.paired_with_cookie("Boss")

    assert not await adds(ledger, visitor, Authenticator())
    assert await has_passkey(ledger, cookie)
    assert ledger.rows("passkeys")[0]["vouched_by"] is None


async def test_a_passkey_has_to_verify_its_user_and_may_be_found_without_a_name(ledger: Approvers) -> None:
    asked = (await ledger.passkeys.registration_options(await ledger.paired("Boss")))["publicKey"]

    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "preferred"
    assert asked["rp"] == {"name": "xportcn-orders", "id": "localhost"}
    assert asked["timeout"] == MINUTES_5 * 1000
    assert {each["alg"] for each in asked["pubKeyCredParams"]} == {-7, -8, -257}


async def test_a_first_passkey_is_added_within_ten_minutes_of_pairing(ledger: Approvers) -> None:
    visitor = await ledger.paired("Boss")
    ledger.clock.forward(MINUTES_10 - 1)
    asked = await ledger.passkeys.registration_options(visitor)
    ledger.clock.forward(1)

    assert await fault_of(ledger.passkeys.registration_options(visitor)) is Step.TOO_LATE
    assert await fault_of(ledger.passkeys.register(visitor, Authenticator().makes(asked))) is Step.TOO_LATE
    assert ledger.rows("passkeys") == []


async def test_a_further_passkey_of_a_person_waits_for_one_of_his_own(ledger: Approvers) -> None:
    boss, first = await ledger.with_passkey("Boss")
    other = await ledger.vouched("Chen", (boss, first))
    laptop = await ledger.paired("Boss")
    second = Authenticator("second")
    assert await adds(ledger, laptop, second)

    assert await ledger.passkeys.waiting(other[0]) == []
    refused = ledger.passkeys.vouch_options(other[0], second.credential_id)
    assert await fault_of(refused) is Step.UNKNOWN_KEY
    (waiting,) = await ledger.passkeys.waiting(laptop)
    assert (waiting.name, waiting.own, waiting.credential_id) == ("Boss", True, second.credential_id)
    asked = await ledger.passkeys.vouch_options(laptop, second.credential_id)
    await ledger.passkeys.vouch(laptop, second.credential_id, first.signs(asked))
    assert await ledger.passkeys.waiting(laptop) == []
    assert [row["vouched_by"] for row in ledger.rows("passkeys") if row["credential_id"] == second.credential_id] == [
        first.credential_id
    ]
    purchase = await ledger.waiting_purchase()
    question = await ledger.passkeys.approval_options(laptop, purchase)
    assert {each["id"] for each in question["publicKey"]["allowCredentials"]} == {
        first.credential_id,
        second.credential_id,
    }


async def test_a_passkey_that_waits_signs_nothing(ledger: Approvers) -> None:
    boss, first = await ledger.with_passkey("Boss")
    second, mallory = Authenticator("second"), Authenticator("mallory")
    assert await adds(ledger, await ledger.paired("Boss"), second)
    cookie, stranger = await ledger.paired_with_cookie("Mallory")
    assert await adds(ledger, stranger, mallory)
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, second.signs(asked))) is Step.UNKNOWN_KEY
    assert await fault_of(ledger.passkeys.approval_options(stranger, purchase)) is Step.UNKNOWN_KEY
    assert await fault_of(ledger.passkeys.vouch_options(stranger, mallory.credential_id)) is Step.UNKNOWN_KEY
    assert await fault_of(ledger.passkeys.vouch_options(stranger, second.credential_id)) is Step.UNKNOWN_KEY
    assert not await has_passkey(ledger, cookie)
    assert [each.passkeys for each in await ledger.people.everybody()] == [1, 0]
    assert first.counter == 0


async def test_a_waiting_passkey_cannot_vouch_for_itself(ledger: Approvers) -> None:
    boss, _ = await ledger.with_passkey("Boss")
    second = Authenticator("second")
    await adds(ledger, await ledger.paired("Boss"), second)
    asked = await ledger.passkeys.vouch_options(boss, second.credential_id)

    refused = ledger.passkeys.vouch(boss, second.credential_id, second.signs(asked))
    assert await fault_of(refused) is Step.UNKNOWN_KEY


async def test_a_signature_vouches_for_one_passkey_alone(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    mei, chen = Authenticator("mei"), Authenticator("chen")
    await adds(ledger, await ledger.paired("Mei"), mei)
    await adds(ledger, await ledger.paired("Chen"), chen)
    asked = await ledger.passkeys.vouch_options(boss, mei.credential_id)

    refused = ledger.passkeys.vouch(boss, chen.credential_id, key.signs(asked))
    assert await fault_of(refused) is Step.CHANGED
    assert await fault_of(ledger.passkeys.vouch(boss, mei.credential_id, key.signs(asked))) is Step.USED


async def test_a_signature_for_one_purpose_serves_no_other(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    mei = Authenticator("mei")
    await adds(ledger, await ledger.paired("Mei"), mei)
    purchase = await ledger.waiting_purchase()
    to_vouch = key.signs(await ledger.passkeys.vouch_options(boss, mei.credential_id))
    to_approve = key.signs(await ledger.passkeys.approval_options(boss, purchase))

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, to_vouch)) is Step.CHALLENGE
    assert await fault_of(ledger.passkeys.vouch(boss, mei.credential_id, to_approve)) is Step.CHALLENGE
    # Nor does it with the nonce of the right question.
    to_vouch["nonce"] = (await ledger.passkeys.approval_options(boss, purchase))["nonce"]
    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, to_vouch)) is Step.CHALLENGE


async def test_a_waiting_passkey_that_was_edited_is_not_vouched_for(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    mei = Authenticator("mei")
    await adds(ledger, await ledger.paired("Mei"), mei)
    asked = await ledger.passkeys.vouch_options(boss, mei.credential_id)
    assert ledger.by_hand("UPDATE passkeys SET public_key = 'AAAA' WHERE credential_id = ?", mei.credential_id)

    refused = ledger.passkeys.vouch(boss, mei.credential_id, key.signs(asked))
    assert await fault_of(refused) is Step.UNKNOWN_KEY


async def test_one_passkey_waits_for_each_person_and_for_a_day(ledger: Approvers) -> None:
    boss, _ = await ledger.with_passkey("Boss")
    mei = await ledger.paired("Mei")
    await adds(ledger, mei, Authenticator("one"))
    await adds(ledger, mei, Authenticator("two"))
    await adds(ledger, await ledger.paired("Chen"), Authenticator("three"))

    waiting = [each.credential_id for each in await ledger.passkeys.waiting(boss)]
    assert waiting == [Authenticator(name).credential_id for name in ("two", "three")]
    ledger.clock.forward(DAY)
    assert await ledger.passkeys.waiting(boss) == []


async def test_a_passkey_is_registered_once(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    asked = await ledger.passkeys.registration_options(boss)

    assert [each["id"] for each in asked["publicKey"]["excludeCredentials"]] == [key.credential_id]
    assert await fault_of(ledger.passkeys.register(boss, key.makes(asked))) is Step.KNOWN
    mallory = await ledger.paired("Mallory")
    stolen = Authenticator("Boss")
    asked = await ledger.passkeys.registration_options(mallory)
    assert await fault_of(ledger.passkeys.register(mallory, stolen.makes(asked))) is Step.KNOWN


async def test_a_question_to_make_a_passkey_is_answered_once_in_time_by_the_same_browser(ledger: Approvers) -> None:
    visitor = await ledger.paired("Boss")
    other_browser = await ledger.paired("Boss")
    key = Authenticator()
    asked = await ledger.passkeys.registration_options(visitor)
    assert await fault_of(ledger.passkeys.register(other_browser, key.makes(asked))) is Step.CHANGED
    assert await fault_of(ledger.passkeys.register(visitor, key.makes(asked))) is Step.USED
    asked = await ledger.passkeys.registration_options(visitor)
    ledger.clock.forward(MINUTES_5)
    assert await fault_of(ledger.passkeys.register(visitor, key.makes(asked))) is Step.EXPIRED
    ledger.clock.forward(2 * DAY)
    await ledger.passkeys.registration_options(await ledger.paired("Boss"))
    assert len(ledger.rows("challenges")) == 1


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        ({"origin": "http://localhost:9999"}, Step.ORIGIN),
        ({"origin": "https://evil.example"}, Step.ORIGIN),
        ({"cross_origin": True}, Step.ORIGIN),
        ({"rp_id": "evil.example"}, Step.RELYING_PARTY),
        ({"verifies": False}, Step.USER_VERIFICATION),
    ],
)
async def test_a_passkey_made_elsewhere_or_without_its_user_is_refused(
    ledger: Approvers, wrong: dict[str, Any], step: Step
) -> None:
    visitor = await ledger.paired("Boss")
    key = Authenticator()
    vars(key).update(wrong)

    asked = await ledger.passkeys.registration_options(visitor)
    assert await fault_of(ledger.passkeys.register(visitor, key.makes(asked))) is step
    assert ledger.rows("passkeys") == []


@pytest.mark.parametrize(
    "response",
    [
        None,
        "",
        [],
        {},
        {"nonce": 1},
        {"nonce": "x", "credential": None},
        {"nonce": "x", "credential": {"id": "x", "response": {}}},
        {"nonce": "x" * 100_000, "credential": {}},
    ],
)
async def test_nonsense_is_refused_as_such(ledger: Approvers, response: Any) -> None:
    boss, _ = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, response)) is Step.MALFORMED
    step = await fault_of(ledger.passkeys.register(boss, response))
    assert step in {Step.MALFORMED, Step.CHALLENGE}


async def test_garbage_in_every_field_of_a_new_passkey_is_a_fault_with_a_step(ledger: Approvers) -> None:
    visitor = await ledger.paired("Boss")
    for name in ("clientDataJSON", "attestationObject"):
        for garbage in ("", "AA", "!!", "=", "e30", "bnVsbA", "W10", "oA", "_____w", None, 7, "A" * 70_000):
            asked = await ledger.passkeys.registration_options(visitor)
            answer = Authenticator().makes(asked)
            answer["credential"]["response"][name] = garbage
            assert await fault_of(ledger.passkeys.register(visitor, answer)) is Step.MALFORMED, (name, garbage)


async def test_a_removed_person_has_no_passkey_any_more(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    mei, of_mei = await ledger.vouched("Mei", (boss, key))
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    new = await ledger.passkeys.registration_options(boss)
    await ledger.people.remove("Boss")

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.REMOVED
    assert await fault_of(ledger.passkeys.approval_options(boss, purchase)) is Step.UNKNOWN_KEY
    assert await fault_of(ledger.passkeys.register(boss, Authenticator("new").makes(new))) is Step.REMOVED
    # Whoever he vouched for stays.
    asked = await ledger.passkeys.approval_options(mei, purchase)
    assert (await ledger.passkeys.verify_approval(mei, purchase, of_mei.signs(asked))).name == "Mei"


async def test_the_counter_may_not_go_back_unless_there_is_none(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    key.counter = 5
    asked = await ledger.passkeys.approval_options(boss, purchase)
    await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))
    assert ledger.rows("passkeys")[0]["sign_count"] == 6
    for counter in (5, 0, 4):
        key.counter = counter
        asked = await ledger.passkeys.approval_options(boss, purchase)
        assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.COUNTER
    key.counter, key.skips = 0, 0
    asked = await ledger.passkeys.approval_options(boss, purchase)
    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.COUNTER


async def test_a_synced_passkey_never_counts(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    key.skips = 0
    purchase = await ledger.waiting_purchase()
    for _ in range(2):
        asked = await ledger.passkeys.approval_options(boss, purchase)
        assert await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))


ASSISTANT = """What an assistant with this user's shell can do without the server's key or an edit of the file:
`people add` at a terminal of its own, a browser of its own, a passkey in software."""


async def test_an_assistant_with_a_shell_gets_no_passkey_that_signs(ledger: Approvers) -> None:
    boss, _ = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    mine = Authenticator("software")
    for name in ("Boss", "Mallory"):
        visitor = await ledger.paired(name)
        assert await adds(ledger, visitor, Authenticator(f"{name}2"))
        forged = replace(visitor, person=boss.person, has_passkey=True)
        asked = await ledger.passkeys.approval_options(forged, purchase)
        refused = ledger.passkeys.verify_approval(forged, purchase, mine.signs(asked))
        assert await fault_of(refused) is Step.UNKNOWN_KEY
    # Removing everybody opens no new beginning: the next first passkey waits for ever.
    for each in await ledger.people.everybody():
        await ledger.people.remove(each.name)
    visitor = await ledger.paired("Boss")
    assert await adds(ledger, visitor, mine)
    assert await ledger.passkeys.waiting(visitor) == []
    assert await fault_of(ledger.passkeys.approval_options(visitor, purchase)) is Step.UNKNOWN_KEY


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passkeys SET removed_at = '2026-05-20T07:40:00.000000+00:00'",
        "UPDATE passkeys SET seal = ''",
        "UPDATE passkeys SET person = 'P-X'",
    ],
)
async def test_an_edited_row_of_a_passkey_opens_no_new_beginning(ledger: Approvers, statement: str) -> None:
    await ledger.with_passkey("Boss")
    assert ledger.by_hand(statement)

    assert await adds(ledger, await ledger.paired("Mallory"), Authenticator("software"))


async def test_a_deleted_passkey_that_once_signed_opens_no_new_beginning(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))
    assert ledger.by_hand("DELETE FROM passkeys")

    assert await adds(ledger, await ledger.paired("Mallory"), Authenticator("software"))


@pytest.mark.parametrize("column", ["credential_id", "person", "public_key", "sign_count", "added_at", "vouched_by"])
async def test_an_edited_passkey_signs_nothing(ledger: Approvers, column: str) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    assert ledger.by_hand(f"UPDATE passkeys SET {column} = 7")

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.UNKNOWN_KEY


async def test_a_waiting_row_marked_as_vouched_for_by_hand_signs_nothing(ledger: Approvers) -> None:
    _, key = await ledger.with_passkey("Boss")
    mine = Authenticator("software")
    visitor = await ledger.paired("Mallory")
    await adds(ledger, visitor, mine)
    ledger.by_hand("UPDATE passkeys SET vouched_by = ? WHERE credential_id = ?", key.credential_id, mine.credential_id)

    refused = ledger.passkeys.approval_options(visitor, await ledger.waiting_purchase())
    assert await fault_of(refused) is Step.UNKNOWN_KEY


async def test_a_passkey_of_another_page_does_not_answer_here(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    elsewhere = Passkeys(
        ledger.store, Seals(KEY), ledger.clock, ledger.draw, "orders.example", "https://orders.example"
    )
    asked = await elsewhere.approval_options(boss, purchase)
    key.origin = ORIGIN

    assert await fault_of(elsewhere.verify_approval(boss, purchase, key.signs(asked))) is Step.ORIGIN
