"""Seeded bugs: each is put into a copy of the tree, where the narrowest test that watches over it has to go red."""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from torture.places import ROOT, SOURCES, environment, fast_folder

_CREATE = "tools/orders_tools/create_order.py"
_READINESS = "tools/orders_tools/purchase/readiness.py"
_PLACEMENT = "tools/orders_tools/purchase/placement.py"
_PLACEMENTS = "server/orders_server/ledger/placements.py"
_TOKENS = "server/orders_server/ledger/purchases.py"
_ANSWERS = "server/orders_server/xportcn/create.py"
_CONCLUSION = "tools/orders_tools/settlement/read_back.py"
_EVIDENCE = "tools/orders_tools/rules/create_evidence.py"
_CLIENT = "server/orders_server/xportcn/client.py"
_TESTS = "tests/contract/test_promises.py"
_PATIENCE, _HUNG = 60, -9


class PatchLost(Exception):
    """The text that a seeded bug replaces is no longer there: the bug has to be written anew."""


@dataclass(frozen=True)
class Bug:
    """A mistake somebody could make: replacements in files, and the test that has to see it."""

    name: str
    test: str
    replacements: tuple[tuple[str, str, str], ...]


_SEND = "response = await self._send(CREATE_PATH, body, self._endpoints.create_timeout)"
_OVERDUE = "    if placement.state is PlacementState.DISPATCHED and now >= placement.deadline:\n"
_RESEND = """    whole = await purchasing.ledger.purchase(purchasing.owner, placement.token)
    if not found and whole and whole.address:
        await purchasing.upstream.create(placement.part, whole.address)
"""
BUGS = (
    Bug(
        "a create call is repeated after a fault",
        "test_a_lost_answer_is_not_tried_again",
        (
            (
                _CLIENT,
                _SEND,
                f"try:\n                {_SEND}\n            except httpx.ReadError:\n                {_SEND}",
            ),
        ),
    ),
    Bug(
        "the call leaves before the row is written",
        "test_the_row_is_on_the_disk_before_the_call_leaves",
        (
            (_PLACEMENT, "_log = logging.getLogger(__name__)\n", "_log = logging.getLogger(__name__)\n_EARLY = {}\n"),
            (
                _PLACEMENT,
                "        is_claimed = await purchasing.ledger.claim(",
                "        for part in parts:\n"
                "            _EARLY[part.part_ref] = await _call_create(purchasing, purchase, part)\n"
                "        is_claimed = await purchasing.ledger.claim(",
            ),
            (
                _PLACEMENT,
                "verdict = await _call_create(purchasing, purchase, part)",
                "verdict = _EARLY.pop(part.part_ref)",
            ),
        ),
    ),
    Bug(
        "what is not found is sent again",
        "test_not_found_never_adds_a_send",
        (("tools/orders_tools/settlement/reconciliation.py", _OVERDUE, _RESEND + _OVERDUE),),
    ),
    Bug(
        "what is not found in time is called rejected",
        "test_not_found_after_a_crash_is_unknown_and_never_rejected",
        (
            (
                "tools/orders_tools/settlement/reconciliation.py",
                "state=PlacementState.UNKNOWN, evidence=EvidenceName.NO_ANSWER_IN_TIME",
                "state=PlacementState.REJECTED, evidence=EvidenceName.NO_ANSWER_IN_TIME",
            ),
        ),
    ),
    Bug(
        "an unclear answer is called rejected",
        "test_an_answer_that_proves_nothing_is_unknown",
        ((_EVIDENCE, "row.state if row else PlacementState.UNKNOWN", "row.state if row else PlacementState.REJECTED"),),
    ),
    Bug(
        "code 400 is called rejected",
        "test_an_answer_that_proves_nothing_is_unknown",
        ((_EVIDENCE, "        _refuses,\n", '        lambda reply: reply.code == "400" or _refuses(reply),\n'),),
    ),
    Bug(
        "system busy counts as a refusal",
        "test_system_busy_is_no_refusal",
        ((_EVIDENCE, '    "offer no exist",\n', '    "offer no exist",\n    "系统繁忙,请重试",\n'),),
    ),
    Bug(
        "each attempt gets a reference of its own",
        "test_an_order_is_found_by_the_reference_that_was_sent",
        (
            (
                "server/orders_server/xportcn/requests.py",
                '"outOrderId": part.part_ref,\n        "message": part.note,',
                '"outOrderId": part.part_ref + "-" + __import__("secrets").token_hex(4),',
            ),
        ),
    ),
    Bug(
        "the digest does not bind what is stored",
        "test_a_basket_that_was_edited_in_the_ledger_is_not_ordered",
        (("tools/orders_tools/purchase/records.py", "return self.digest == shown_digest(self)", "return True"),),
    ),
    Bug(
        "one reference can be claimed by two tokens",
        "test_one_reference_is_ordered_once_whatever_goods_it_is_given_for",
        (
            (
                "server/orders_server/ledger/schema.py",
                '        "purchase_ref",\n        unique=True,\n',
                '        "purchase_ref",\n        unique=False,\n',
            ),
            (
                "server/orders_server/ledger/repeats.py",
                'purchases.c.purchase_ref == bindparam("reference")',
                'purchases.c.purchase_ref == ""',
            ),
            (
                "server/orders_server/ledger/repeats.py",
                " or ref == purchase.basket.purchase_ref\n",
                "\n",
            ),
        ),
    ),
    Bug(
        "a token can be claimed twice",
        "test_callers_of_one_token_hear_its_outcome_or_that_it_is_on_its_way",
        (
            (
                _TOKENS,
                "        purchases.c.state.in_([source.value for source in TOKEN_SOURCES[state]]),\n",
                "",
            ),
        ),
    ),
    Bug(
        "commits are not synced",
        "test_each_commit_of_the_ledger_is_synced",
        (("server/orders_server/ledger/store.py", '"synchronous=EXTRA"', '"synchronous=OFF"'),),
    ),
    Bug(
        "a cancelled caller cuts off the call",
        "test_a_cancelled_caller_leaves_a_recorded_outcome",
        (("server/orders_server/app/shutdown_guard.py", "CancelScope(shield=True)", "CancelScope(shield=False)"),),
    ),
    Bug(
        "a no counts as a yes",
        "test_a_no_is_not_a_yes",
        (
            (
                _CREATE,
                "    closed = answer is Answer.NO and",
                "    answer = Answer.YES if answer is Answer.NO else answer\n    closed = answer is Answer.NO and",
            ),
        ),
    ),
    Bug(
        "an expired token is accepted",
        "test_an_expired_token_orders_nothing",
        (
            ("tools/orders_tools/purchase/records.py", "or now >= self.expires_at or", "or"),
            (_TOKENS, "[] if state in {TokenState.EXPIRED, TokenState.OPEN} else [in_time]", "[]"),
        ),
    ),
    Bug(
        "the agreed total is not compared",
        "test_another_total_than_the_one_shown_orders_nothing",
        ((_READINESS, "fen_from_text(expected_total) != purchase.payable", "False"),),
    ),
    Bug(
        "a purchase in doubt does not stop its repetition",
        "test_the_same_goods_are_not_ordered_while_one_order_is_in_doubt",
        (
            (
                "tools/orders_tools/purchase/states.py",
                "IN_DOUBT = frozenset({PlacementState.CLAIMED, PlacementState.DISPATCHED, PlacementState.UNKNOWN})",
                "IN_DOUBT = frozenset[PlacementState]()",
            ),
        ),
    ),
    Bug(
        "a higher price is ordered on the old yes",
        "test_a_price_that_rose_after_the_yes_orders_nothing",
        (
            ("tools/orders_tools/rules/price_drift.py", "after is None or after > before:", "after is None:"),
            ("tools/orders_tools/rules/price_drift.py", "or after is None or after > before)", "or after is None)"),
        ),
    ),
    Bug(
        "a new warning is no difference",
        "test_terms_that_got_worse_after_the_yes_order_nothing",
        (
            (
                "tools/orders_tools/rules/price_drift.py",
                "        if finding.code in _NO_DIFFERENCE:\n",
                '        if finding.code in _NO_DIFFERENCE or finding.severity != "blocks":\n',
            ),
        ),
    ),
    Bug(
        "a consignee written otherwise is another one",
        "test_a_consignee_written_otherwise_is_the_same_while_one_order_is_in_doubt",
        (
            (
                "tools/orders_tools/purchase/likeness.py",
                "    return bool(name) and name == _name(other.full_name) and _same_place(one, other)\n",
                "    return False\n",
            ),
        ),
    ),
    Bug(
        "a yes counts from when it was given, not from when its text was shown",
        "test_a_yes_to_a_text_that_has_gone_stale_orders_nothing",
        (
            (
                _PLACEMENTS,
                "(purchase.approval and purchase.approval.shown_at) or purchase.created_at",
                "(purchase.approval and purchase.approval.at) or now",
            ),
        ),
    ),
    Bug(
        "a no is read only while nobody has said yes",
        "test_a_no_takes_back_a_yes_that_was_given_elsewhere",
        (
            (
                _CREATE,
                "purchase is None or purchase.state not in {TokenState.OPEN, TokenState.APPROVED}",
                "purchase is None or purchase.state is not TokenState.OPEN",
            ),
        ),
    ),
    Bug(
        "nobody looks whether the reference was ordered already",
        "test_a_ledger_that_was_put_back_orders_nothing_again",
        ((_CREATE, "    if existing:\n", "    if False:\n"),),
    ),
    Bug(
        "a row is believed without its seal",
        "test_a_yes_that_was_written_into_the_ledger_by_hand_orders_nothing",
        (
            (
                "tools/orders_tools/purchase/records.py",
                "return self.intact and self.sealed and (",
                "return self.intact and (",
            ),
            (_TOKENS, "    if purchase.approval is None:\n        return False\n", ""),
            (_TOKENS, "_update(TokenState.CLAIMED, _THIS_YES), row", "_update(TokenState.CLAIMED, None), row"),
            (_TOKENS, ' | {"given": seals.of_approval(purchase, purchase.approval)}', ""),
            (
                "tools/orders_tools/purchase/records.py",
                "(self.state is not TokenState.APPROVED or self.approval is not None)",
                "True",
            ),
        ),
    ),
    Bug(
        "our own reference is believed as an order id",
        "test_our_own_reference_is_no_order_id",
        ((_ANSWERS, "placed.items() if fold(order_id) not in ours", "placed.items()"),),
    ),
    Bug(
        "an older order is believed",
        "test_an_order_of_before_the_send_is_none_of_this_purchase",
        ((_CONCLUSION, "return order.created_at >= placement.dispatched_at - CLOCK_SLACK", "return True"),),
    ),
    Bug(
        "the beginning of a refusal is enough",
        "test_the_beginning_of_a_refusal_is_none",
        ((_EVIDENCE, "_PHRASE.fullmatch(clause)", "_PHRASE.match(clause)"),),
    ),
    Bug(
        "a refusal is believed beside a sign of an order",
        "test_a_refusal_beside_a_sign_of_an_order_is_none",
        ((_EVIDENCE, "and not reply.signs and not reply.unnamed_orders", ""),),
    ),
    Bug(
        "a yes counts however weak its channel is",
        "test_a_weaker_yes_than_is_demanded_orders_nothing",
        (
            (
                "tools/orders_tools/consent/channels.py",
                "_STRENGTH[known] >= _STRENGTH[demanded]",
                "_STRENGTH[known] >= 0",
            ),
        ),
    ),
    Bug(
        "a passkey's yes is believed without its signature",
        "test_a_passkeys_yes_without_its_signature_orders_nothing",
        (
            (
                "tools/orders_tools/consent/demand.py",
                "purchasing.proofs is not None and await purchasing.proofs.is_signed(purchase)",
                "True",
            ),
        ),
    ),
)


@contextmanager
def copy_of_the_tree() -> Generator[Path]:
    """The sources and tests of this checkout in a folder of their own."""
    unwanted = shutil.ignore_patterns("__pycache__", "node_modules", "typescript", "snapshots")
    with fast_folder() as folder:
        for name in (*SOURCES, "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
        shutil.copy(ROOT / "pyproject.toml", folder)
        yield folder


def seed(bug: Bug, tree: Path) -> None:
    """Put `bug` into `tree`.

    Raises:
        PatchLost: a text that it replaces does not occur exactly once.
    """
    for file, before, after in bug.replacements:
        text = (tree / file).read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise PatchLost(f"{bug.name}: {file} has {text.count(before)} times {before!r}")
        (tree / file).write_text(text.replace(before, after), encoding="utf-8")


def lost_patches() -> list[str]:
    """Every seeded bug whose text this checkout no longer has."""
    lost: list[str] = []
    for bug in BUGS:
        for file, before, _ in bug.replacements:
            if (count := (ROOT / file).read_text(encoding="utf-8").count(before)) != 1:
                lost.append(f"{bug.name}: {file} has {count} times {before!r}")
    return lost


def goes_red(bug: Bug) -> bool:
    """Whether the test named for `bug` fails with it, for a reason that is its own."""
    with copy_of_the_tree() as tree:
        seed(bug, tree)
        status, output = _tested(tree, bug.test)
    if status not in {0, 1, _HUNG} or not output or "error" in output.splitlines()[-1]:
        raise RuntimeError(f"{bug.name}: {bug.test} did not run:\n{output[-2000:]}")
    return status == 1 or (status == _HUNG and output.startswith((".", "F")) and "F" in output.splitlines()[0])


def stays_green() -> bool:
    """Whether all those tests pass in a copy without a bug, so that a red one means something."""
    with copy_of_the_tree() as tree:
        status, _ = _tested(tree, "")
        sources = _where(tree)
    return status == 0 and all(source.startswith(str(tree)) for source in sources)


def killed(bugs: Sequence[Bug], processes: int) -> Iterator[tuple[Bug, bool]]:
    """Each bug with whether its test saw it."""
    with ThreadPoolExecutor(processes) as pool:
        yield from zip(bugs, pool.map(goes_red, bugs), strict=True)


def _tested(tree: Path, test: str) -> tuple[int, str]:
    """The status of pytest and what it printed; a bug may leave threads behind that keep it from ending."""
    command = [sys.executable, "-m", "pytest", "-x", "--tb=line", "-p", "no:xdist", _TESTS, "-k", test]
    with subprocess.Popen(
        command, cwd=tree, env=environment(tree), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            return _HUNG, output
    return process.returncode, output


def _where(tree: Path) -> list[str]:
    code = "import orders_server, orders_tools, orders_prompts, torture; print(orders_server.__file__, "
    code += "orders_tools.__file__, orders_prompts.__file__, torture.__file__, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tree, env=environment(tree), capture_output=True, text=True, check=True
    )
    return [os.path.realpath(line) for line in done.stdout.split()]
