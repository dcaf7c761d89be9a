"""A passkey's yes is over one purchase as it is stored: any other one, or a changed one, is refused."""

import json
import subprocess
import sys
from asyncio import gather
from datetime import timedelta
from typing import Any

import pytest

from orders_server.consent.assertions import PasskeyFault, Step, encode
from orders_server.consent.signatures import read_document, verify_document
from orders_tools.purchase.records import Approval, Purchase
from orders_tools.vocabulary import Channel
from support.a_purchase import NOW
from support.approvers import Approvers
from support.authenticator import Authenticator

pytestmark = pytest.mark.anyio
OTHER = "PV-" + "1" * 26


async def fault_of(call: Any) -> Step:
    """The step that failed."""
    with pytest.raises(PasskeyFault) as caught:
        await call
    return caught.value.step


async def signed(ledger: Approvers, **changed: Any) -> tuple[Purchase, str, Authenticator]:
    """A purchase, what a passkey signed for it, and the passkey."""
    boss, key = await ledger.with_passkey("王老板")
    purchase = await ledger.waiting_purchase(**changed)
    asked = await ledger.passkeys.approval_options(boss, purchase)
    approval = await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))
    return purchase, approval.document, key


@pytest.mark.parametrize("owner", ["sandbox", "https://www.xportcn.com/api user"])
async def test_a_passkey_says_yes_to_the_stored_purchase(ledger: Approvers, owner: str) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase(owner=owner, sandbox=owner == "sandbox")
    asked = await ledger.passkeys.approval_options(boss, purchase)
    ledger.clock.forward(40)
    approval = await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))

    assert (approval.person, approval.name, approval.credential_id) == (boss.person, "Boss", key.credential_id)
    assert approval.at == NOW + timedelta(seconds=40)
    assert asked["publicKey"]["userVerification"] == "required"
    document = read_document(approval.document)
    assert (document.digest, document.token, document.purchase_ref) == (purchase.digest, purchase.token, "PO1")
    assert (document.person, document.name, document.asked_at) == (
        boss.person,
        "Boss",
        NOW.isoformat("T", "microseconds"),
    )
    assert await ledger.passkeys.document(purchase.token) == approval.document
    # It is stored, and is no yes yet: whoever asked records it.
    assert (await ledger.stored(purchase)).approval is None


async def test_two_people_sign_each_with_his_own_passkey(ledger: Approvers) -> None:
    boss = await ledger.with_passkey("Boss")
    mei = await ledger.vouched("Mei", boss)
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss[0], purchase)

    # Neither answers the other's question, with either passkey.
    assert await fault_of(ledger.passkeys.verify_approval(mei[0], purchase, mei[1].signs(asked))) is Step.CHALLENGE
    asked = await ledger.passkeys.approval_options(boss[0], purchase)
    assert await fault_of(ledger.passkeys.verify_approval(boss[0], purchase, mei[1].signs(asked))) is Step.UNKNOWN_KEY
    for visitor, key in (boss, mei):
        asked = await ledger.passkeys.approval_options(visitor, purchase)
        assert (await ledger.passkeys.verify_approval(visitor, purchase, key.signs(asked))).name == visitor.name


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        ({"origin": "http://localhost:9999"}, Step.ORIGIN),
        ({"origin": "http://127.0.0.1:8766"}, Step.ORIGIN),
        ({"cross_origin": True}, Step.ORIGIN),
        ({"rp_id": "evil.example"}, Step.RELYING_PARTY),
        ({"verifies": False}, Step.USER_VERIFICATION),
    ],
)
async def test_an_answer_from_elsewhere_or_without_its_user_is_refused(
    ledger: Approvers, wrong: dict[str, Any], step: Step
) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    vars(key).update(wrong)
    asked = await ledger.passkeys.approval_options(boss, purchase)

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is step
    assert ledger.rows("signatures") == []


async def test_a_question_is_answered_once_and_within_five_minutes(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    ledger.clock.forward(299)
    await ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))
    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.USED
    asked = await ledger.passkeys.approval_options(boss, purchase)
    ledger.clock.forward(300)

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.EXPIRED


async def test_a_question_is_used_up_by_a_wrong_answer_too(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    forged = Authenticator("Boss")

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, forged.signs(asked))) is Step.SIGNATURE
    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.USED


async def test_one_answer_sent_twice_at_once_counts_once(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    answer = key.signs(await ledger.passkeys.approval_options(boss, purchase))
    both = [ledger.passkeys.verify_approval(boss, purchase, answer) for _ in range(2)]
    said = await gather(*both, return_exceptions=True)

    assert sorted(type(each).__name__ for each in said) == ["PasskeyFault", "SignedApproval"]


async def test_a_question_of_nobody_is_no_question(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)

    invented = {**asked, "nonce": encode(bytes(32))}
    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(invented))) is Step.CHALLENGE


async def test_the_answer_for_one_purchase_is_none_for_another(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    shown, other = await ledger.waiting_purchase(), await ledger.waiting_purchase(OTHER)
    asked = await ledger.passkeys.approval_options(boss, shown)
    answer = key.signs(asked)

    assert await fault_of(ledger.passkeys.verify_approval(boss, other, answer)) is Step.CHALLENGE
    # Nor with the nonce of the other one's question.
    answer = {**key.signs(await ledger.passkeys.approval_options(boss, shown))}
    answer["nonce"] = (await ledger.passkeys.approval_options(boss, other))["nonce"]
    assert await fault_of(ledger.passkeys.verify_approval(boss, other, answer)) is Step.CHALLENGE
    assert ledger.rows("signatures") == []


def leaves(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a document."""
    if isinstance(content, dict):
        return [found for name, each in content.items() for found in leaves(each, (*path, name))]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(content, list):
        return [found for index, each in enumerate(content) for found in leaves(each, (*path, index))]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [path]


def changed(content: Any, path: tuple[Any, ...]) -> Any:
    """A copy of a document with another value at `path`."""
    copy = json.loads(json.dumps(content))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    was = inner[path[-1]]
    inner[path[-1]] = not was if isinstance(was, bool) else was + 1 if isinstance(was, int) else f"{was or ''}9"
    return copy


UNSTORED = {"sealed", "approval", "fresh_token", "dialog_closed_at", "dialog_unanswered_at"}
"""Fields that say what became of the purchase, and are not what was shown."""


async def test_every_field_changed_between_showing_and_signing_is_refused(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    content = purchase.model_dump(mode="json", exclude={"state", "digest", *UNSTORED})
    tried = 0
    for path in leaves(content):
        if path[0] in {"created_at", "expires_at"}:
            other = {**content, path[0]: (NOW + timedelta(hours=9)).isoformat()}
        else:
            other = changed(content, path)
        try:
            now = Purchase.model_validate({**other, "state": "open", "digest": purchase.digest, "sealed": True})
        except ValueError:
            continue  # a row like this is not readable, and no purchase
        if path[0] == "created_at":
            continue  # not shown; the seal of the row does not cover it either
        tried += 1
        asked = await ledger.passkeys.approval_options(boss, purchase)
        step = await fault_of(ledger.passkeys.verify_approval(boss, now, key.signs(asked)))
        assert step in {Step.CHANGED, Step.CHALLENGE}, path
        assert (step is Step.CHALLENGE) == (path == ("token",)), path
    assert tried > 40
    assert ledger.rows("signatures") == []


async def test_a_field_edited_in_the_file_with_its_digest_is_refused(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    assert ledger.by_hand("UPDATE purchases SET digest = ?", "0" * 64)
    edited = await ledger.stored(purchase)

    assert await fault_of(ledger.passkeys.verify_approval(boss, edited, key.signs(asked))) is Step.CHANGED
    assert await fault_of(ledger.passkeys.approval_options(boss, edited)) is Step.CHANGED
    # Nor does it count for a copy that was read before the edit.
    asked = await ledger.passkeys.approval_options(boss, purchase)
    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.ANSWERED


async def test_a_purchase_that_was_answered_meanwhile_is_not_signed_for(ledger: Approvers) -> None:
    boss, key = await ledger.with_passkey("Boss")
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss, purchase)
    assert await ledger.ledger.decline(purchase, Channel.TERMINAL, ledger.clock.now)

    assert await fault_of(ledger.passkeys.verify_approval(boss, purchase, key.signs(asked))) is Step.ANSWERED


async def test_what_was_signed_for_a_recorded_yes_is_never_replaced(ledger: Approvers) -> None:
    boss = await ledger.with_passkey("Boss")
    mei = await ledger.vouched("Mei", boss)
    purchase = await ledger.waiting_purchase()
    asked = await ledger.passkeys.approval_options(boss[0], purchase)
    approval = await ledger.passkeys.verify_approval(boss[0], purchase, boss[1].signs(asked))
    assert await ledger.ledger.approve(purchase, Approval(channel=Channel.TERMINAL, at=approval.at))
    asked = await ledger.passkeys.approval_options(mei[0], purchase)

    assert await fault_of(ledger.passkeys.verify_approval(mei[0], purchase, mei[1].signs(asked))) is Step.ANSWERED
    assert await ledger.passkeys.document(purchase.token) == approval.document


async def test_a_document_is_verified_with_the_public_key_alone(ledger: Approvers) -> None:
    _, document, _ = await signed(ledger)
    public_key = json.loads(document)["public_key"]

    assert verify_document(document) is None
    assert verify_document(document, public_key) is None
    assert verify_document(f"{document}\n", f"{public_key}\n") is None
    assert verify_document(document, encode(b"another")) is Step.UNKNOWN_KEY
    assert ledger.rows("passkeys")[0]["public_key"] == public_key


async def test_one_changed_byte_of_a_document_is_found(ledger: Approvers) -> None:
    _, document, _ = await signed(ledger)
    public_key = json.loads(document)["public_key"]
    content = document.encode()
    found: dict[Step | None, int] = {}
    for place, byte in enumerate(content):
        other = bytes([byte ^ 0x01])
        text = (content[:place] + other + content[place + 1 :]).decode(errors="replace")
        step = verify_document(text, public_key)
        found[step] = found.get(step, 0) + 1

    assert None not in found
    assert found.keys() >= {Step.MALFORMED, Step.CHALLENGE, Step.UNKNOWN_KEY, Step.SIGNATURE}


async def test_one_changed_field_of_a_document_is_found_without_the_key(ledger: Approvers) -> None:
    _, document, _ = await signed(ledger)
    for name, value in json.loads(document).items():
        text = json.dumps({**json.loads(document), name: f"{value}A"}, indent=2, ensure_ascii=False)
        assert verify_document(text) is not None, name


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", "[" * 100_000, '{"kind": 1}', "\ud800"])
async def test_nonsense_is_no_document(text: str) -> None:
    assert verify_document(text) is Step.MALFORMED


async def test_the_same_content_written_otherwise_is_no_document(ledger: Approvers) -> None:
    _, document, _ = await signed(ledger)
    content = json.loads(document)

    for text in (json.dumps(content), json.dumps(dict(reversed(content.items())), indent=2), document + " "):
        assert verify_document(text) is Step.MALFORMED
    assert verify_document(document.replace("\n", "\r\n")) is Step.MALFORMED


async def test_a_document_needs_no_ledger_and_no_database(ledger: Approvers) -> None:
    _, document, _ = await signed(ledger)
    code = (
        "import sys; from orders_server.consent.signatures import verify_document;"
        "print(verify_document(sys.stdin.read())); print('sqlalchemy' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], input=document, capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["None", "False"]
