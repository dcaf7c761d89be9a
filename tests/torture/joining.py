"""Both ledgers side by side: what the upstream executed against what ours has, was shown and was agreed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from torture.scripted import Executed
from torture.world import ADDRESS, World


@dataclass(frozen=True)
class Violation:
    """A broken promise: which one, and the particulars."""

    promise: str
    what: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


def violations(world: World) -> list[Violation]:
    """Every promise that the two ledgers show to be broken, whatever has happened so far."""
    return [*twice_executed(world), *_without_approval(world), *_sent_too_often(world), *_on_the_wire(world)]


def references_of(world: World, token: str) -> set[str]:
    """The references of the create calls that a token stands for."""
    return {row["part_ref"] for row in world.rows("SELECT part_ref FROM placements WHERE token = ?", token)}


def refusals_not_said(world: World, last: Mapping[str, str]) -> Iterator[Violation]:
    """What the upstream proved not to be ordered where our ledger, or the `last` word on its token, is another."""
    proven = world.upstream.proven_not_executed
    for reference in proven:
        if (state := world.state_of(reference)) != "rejected":
            yield Violation("O13", f"{reference} was proven not executed and is {state}")
    for token, said in last.items():
        references = references_of(world, token)
        if references and references <= proven.keys() and said != "rejected":
            yield Violation("O13", f"{token} was proven not executed and is called {said}")


def twice_executed(world: World) -> Iterator[Violation]:
    """Each reference for which more than one create call was executed."""
    for reference, count in Counter(each.reference for each in world.upstream.executed).items():
        if count > 1:
            yield Violation("O1", f"{count} create calls for {reference} were executed")


def _without_approval(world: World) -> Iterator[Violation]:
    for executed in world.upstream.executed:
        rows = world.rows(
            "SELECT purchases.* FROM purchases JOIN placements USING (token) WHERE part_ref = ?", executed.reference
        )
        if len(rows) != 1:
            yield Violation("O2", f"{executed.reference} was executed and our ledger has {len(rows)} rows of it")
            continue
        yield from (Violation("O2", f"{executed.reference}: {why}") for why in _unapproved(world, executed, rows[0]))
    for token in {row["token"] for row in world.rows("SELECT token FROM placements")}:
        yield from _dearer_or_other(world, token)


def _unapproved(world: World, executed: Executed, row: dict[str, Any]) -> Iterator[str]:
    token = row["token"]
    yes, shown = world.yeses.get(token), world.shown.get(token)
    events = world.rows("SELECT at FROM events WHERE token = ? AND to_state = 'approved'", token)
    if len(events) != 1:
        yield f"{len(events)} approvals are recorded"
    elif events[0]["at"] > executed.at.isoformat(timespec="microseconds"):
        yield "it was approved after it was executed"
    claims = world.rows("SELECT at FROM events WHERE token = ? AND to_state = 'claimed' AND part_ref IS NULL", token)
    if any(claim["at"] >= row["expires_at"] for claim in claims) or len(claims) != 1:
        yield f"it was claimed at {claims} and ran until {row['expires_at']}"
    if row["state"] != "claimed" or token in world.declined:
        yield f"its token is {row['state']} and was declined"
    if yes is None or yes.at > executed.at:
        yield "nobody had said yes"
    if shown is None or shown.digest != row["digest"]:
        yield "what is stored is not what was shown"
    for field, name in (("fullName", "full_name"), ("mobile", "mobile"), ("address", "street")):
        if not executed.consignee[field].startswith(ADDRESS[name]):
            yield f"it was sent with another {name}"


def _dearer_or_other(world: World, token: str) -> Iterator[Violation]:
    references = references_of(world, token)
    executed = [each for each in world.upstream.executed if each.reference in references]
    shown = world.shown.get(token)
    if not executed or shown is None:
        return
    if world.upstream.twist_inside_create is None and sum(each.total for each in executed) > Decimal(shown.total) * 100:
        yield Violation("O2", f"{token} was agreed at {shown.total} and executed for more")
    lines = sorted(line for each in executed for line in each.lines)
    wanted = [line for line in shown.lines if len(executed) == len(references) or line in lines]
    if lines != wanted:
        yield Violation("O2", f"{token} was shown with {shown.lines} and executed with {lines}")


def _sent_too_often(world: World) -> Iterator[Violation]:
    for reference, sends in world.upstream.sends.items():
        allowed = 1 + world.upstream.proven_not_executed[reference]
        if sends > allowed:
            yield Violation("O6", f"{reference} was sent {sends} times, {allowed} allowed")


def _on_the_wire(world: World) -> Iterator[Violation]:
    yield from (Violation("O4", f"{reference} left before its row was on the disk") for reference in world.undurable)
    if world.upstream.unsigned:
        yield Violation("B3", f"{world.upstream.unsigned} calls with a wrong signature")
    if repeated := [nonce for nonce, count in world.upstream.nonces.items() if count > 1]:
        yield Violation("B3", f"{len(repeated)} nonces were used again")
