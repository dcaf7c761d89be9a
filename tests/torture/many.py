"""Many callers of one ledger: tokens times processes, every process creating every token in an order of its own."""

import asyncio
import json
import logging
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orders_tools.consent.answer import Answer
from torture.joining import violations
from torture.places import TESTS, environment, fast_folder
from torture.scripted import ScriptedUpstream
from torture.serving import served
from torture.world import Clock, World

_AT_A_TIME = 4
ALLOWED = frozenset({"placed", "IN_PROGRESS"})
"""What a caller may hear of a token that somebody orders at the same moment."""


@dataclass(frozen=True)
class Crowd:
    """What a crowd of callers came to."""

    tokens: int
    processes: int
    orders: int
    sends: int
    heard: dict[str, int]
    broken: tuple[str, ...]


def crowd(seed: int, tokens: int, processes: int) -> Crowd:
    """`tokens` purchases of distinct goods, each created by `processes` processes at about the same time."""
    with fast_folder() as folder:
        world = World(folder, seed, clock=Clock(datetime.now(UTC)), approval="host")
        world.upstream.lag = 600  # whoever comes second cannot find the order, only that it is on its way
        with served(world.upstream) as base_url:
            world.base_url, world.transport = base_url, None
            asyncio.run(_preview(world, tokens))
            totals = {token: shown.total for token, shown in world.shown.items()}
            given = json.dumps(
                {
                    "folder": str(folder),
                    "base_url": base_url,
                    "seed": seed,
                    "totals": totals,
                    "now": world.clock().isoformat(),
                }
            )
            callers = [_caller(number) for number in range(processes)]
            heard = [_heard(caller) for caller in _all_at_once(callers, given)]
    return _judged(world, tokens, processes, heard)


def _judged(world: World, tokens: int, processes: int, told: Sequence[dict[str, int]]) -> Crowd:
    upstream: ScriptedUpstream = world.upstream
    heard = sum((Counter(each) for each in told), Counter[str]())
    broken = [f"O8: a caller heard {what}" for what in heard if what not in ALLOWED]
    if len(upstream.executed) != tokens or sum(upstream.sends.values()) != tokens:
        broken.append(f"O8: {len(upstream.executed)} orders of {tokens} tokens")
    references = Counter(each.reference for each in upstream.executed)
    broken += [f"O1: {reference} {count} times" for reference, count in references.items() if count > 1]
    return Crowd(tokens, processes, len(upstream.executed), sum(upstream.sends.values()), dict(heard), tuple(broken))


async def _preview(world: World, tokens: int) -> None:
    for number in range(tokens):
        said = await world.preview([{"offer_id": str(620_000_000_001 + 10 * number), "quantity": 1 + number % 7}])
        assert said.what in world.shown, said
    assert not violations(world)
    await world.close()


def _caller(number: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "torture.many", str(number)]
    return subprocess.Popen(
        command, cwd=TESTS, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _all_at_once(callers: "Sequence[subprocess.Popen[str]]", given: str) -> "list[subprocess.Popen[str]]":
    """Every caller, once all of them are warm and were told to begin."""
    for caller in callers:
        assert caller.stdout
        assert caller.stdout.readline() == "warm\n"
    for caller in callers:
        assert caller.stdin
        caller.stdin.write(given + "\n")
        caller.stdin.flush()
    return list(callers)


def _heard(caller: "subprocess.Popen[str]") -> dict[str, int]:
    output, _ = caller.communicate()
    if caller.returncode:
        raise RuntimeError(f"a caller ended with status {caller.returncode}")
    return json.loads(output)


async def _call_all(number: int, given: dict[str, str], totals: dict[str, str]) -> Counter[str]:
    clock = Clock(datetime.fromisoformat(given["now"]))  # no caller is behind what was previewed
    world = World(Path(given["folder"]), int(given["seed"]), clock=clock, approval="host")
    world.base_url, world.transport = given["base_url"], None
    world.seed_anew(f"caller {number}")
    tokens = list(totals)
    random.Random(number % _AT_A_TIME).shuffle(tokens)
    heard: Counter[str] = Counter()
    for start in range(0, len(tokens), _AT_A_TIME):
        batch = tokens[start : start + _AT_A_TIME]
        calls = [world.create(token, totals[token], Answer.NOT_ASKED) for token in batch]
        heard.update(said.what for said in await asyncio.gather(*calls))
    await world.close()
    return heard


def main(arguments: Sequence[str]) -> None:
    """One process of the crowd: warm up, wait for the word, create every token, tell what was heard."""
    logging.disable(logging.CRITICAL)
    print("warm", flush=True)
    given = json.loads(sys.stdin.readline())
    print(json.dumps(asyncio.run(_call_all(int(arguments[0]), given, given["totals"]))))


if __name__ == "__main__":
    main(sys.argv[1:])
