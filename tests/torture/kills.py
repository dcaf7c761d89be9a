"""Real ends of real processes: SIGKILL at an effect point, and of a serving process between send and answer.

As a command it forks warm children, one a purchase, and prints what became of each:
`python -m torture.kills SEED COUNT`.
"""

import asyncio
import gc
import itertools
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from orders_server.xportcn import client as _warm_client
from orders_tools.consent.answer import Answer
from torture.joining import violations
from torture.places import TESTS, environment, fast_folder
from torture.scripted import FAULTS, LAGS, Profile
from torture.serving import served
from torture.world import BASKETS, POINTS, Clock, Shown, World, Yes

assert _warm_client
_NAMES_OF_OTHERS = ("answer_of", "id_of")
OVER_A_SOCKET = tuple(name for name in FAULTS if not name.startswith(("never", "connect", "hung", *_NAMES_OF_OTHERS)))
"""Faults that a socket can show without waiting, and that name no order of somebody else."""
_NOT_ON_THE_WAY = {"save_preview", "decline", "close_dialog", "expire", "supersede", "dispatch"}
IN_CREATE = tuple(point for point in POINTS if point.split()[1] not in _NOT_ON_THE_WAY)
"""The points that a single purchase passes, from the yes on."""


@dataclass
class Killed:
    """One purchase whose process was killed: where, how it stood afterwards, what was broken."""

    number: int
    point: str
    fault: str
    was_killed: bool
    first: str = ""
    last: str = ""
    executed: int = 0
    sends: int = 0
    broken: list[str] = field(default_factory=list[str])


def run(seed: int, count: int, folder: Path) -> list[Killed]:
    """`count` purchases, each by a child that is killed at a point, then recovered by children that are not."""
    drawn = random.Random(seed)
    points = itertools.cycle(sorted(IN_CREATE, key=lambda point: drawn.random()))
    faults = itertools.cycle(sorted(OVER_A_SOCKET, key=lambda name: drawn.random()))
    told: list[Killed] = []
    for number, point, fault in zip(range(count), points, faults, strict=False):
        if point.split()[1] in {"order", "enrich"}:
            fault = drawn.choice([name for name in OVER_A_SOCKET if FAULTS[name].proof == "placed"])
        room = folder / str(number)
        room.mkdir()
        profile: Profile = drawn.choice(("echoed", "note"))
        lag = 0 if point.split()[1] == "enrich" else drawn.choice(LAGS[:3])
        told.append(_Kill(number, point, fault, drawn.randrange(2**32), profile, lag, room).run())
    return told


class _Kill:
    """The parent of one purchase: it keeps clock and upstream, its children do the rest."""

    def __init__(
        self, number: int, point: str, fault: str, seed: int, profile: Profile, lag: float, folder: Path
    ) -> None:
        self.told = Killed(number, point, fault, was_killed=False)
        self.world = World(folder, seed, clock=Clock())
        self.world.upstream.profile, self.world.upstream.lag = profile, lag
        self.world.upstream.faults = [fault]
        self.told_by_child = folder / "said.json"

    def run(self) -> Killed:
        with served(self.world.upstream) as base_url:
            self.world.base_url, self.world.transport = base_url, None
            token = self._child("preview", [])
            if token is None:
                raise RuntimeError("a preview that nothing disturbs was not answered")
            self.world.yeses[token] = Yes(self.world.shown[token].total, self.world.clock())
            said = self._child(token, [self.told.point])
            self.told.was_killed = said is None
            for seconds in (1, 45, 200):
                self.world.clock.forward(seconds)
                self.told.last = self._child(token, []) or "killed"
                self.told.first = self.told.first or said or self.told.last
        self._judge(token)
        return self.told

    def _child(self, token: str, plan: list[str]) -> str | None:
        """What a child heard; None where it was killed."""
        self.world.clock.forward(1)
        self.told_by_child.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            self._be_the_child(token, plan)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return None
        if status != 0:
            raise RuntimeError(f"a child ended with status {status}")
        what, total, lines, *rest = json.loads(self.told_by_child.read_text())
        if token == "preview":
            self.world.shown[what] = Shown(total, tuple((offer, spec, many) for offer, spec, many in lines), *rest)
        return what

    def _be_the_child(self, token: str, plan: list[str]) -> None:
        status = 1
        try:
            self.world.points.plan = plan
            self.world.points.strike = lambda point: os.kill(os.getpid(), signal.SIGKILL)
            asyncio.run(self._in_the_child(token))
            status = 0
        finally:
            os._exit(status)

    async def _in_the_child(self, token: str) -> None:
        self.world.clock.forward(-1)  # each call takes a second here that the parent has counted already
        # What the parent drew from must not be drawn again: a new process has new random bytes.
        self.world.seed_anew(f"{self.told.number} {token} {self.world.clock()}")
        if token == "preview":
            said = await self.world.preview(BASKETS["one"])
            shown = self.world.shown[said.what]
            words: list[object] = [said.what, shown.total, shown.lines, shown.purchase_ref, shown.digest]
        else:
            said = await self.world.create(token, answer=Answer.YES)
            words = [said.what, "", (), "", ""]
        await self.world.close()
        self.told_by_child.write_text(json.dumps(words))

    def _judge(self, token: str) -> None:
        told, upstream = self.told, self.world.upstream
        told.executed, told.sends = len(upstream.executed), sum(upstream.sends.values())
        told.broken = [str(each) for each in violations(self.world)]
        reference = self.world.shown[token].purchase_ref
        state = self.world.state_of(reference)
        if upstream.executed and state != "placed":
            told.broken.append(f"O3: {reference} was executed and is {state} at the end")
        if upstream.executed and told.last != "placed":
            told.broken.append(f"O3: {reference} was executed and is answered {told.last} at the end")
        if not upstream.executed and told.last == "placed":
            told.broken.append(f"O3: {reference} was not executed and is called placed")


def main(arguments: Sequence[str]) -> None:
    """Print what became of each purchase as JSON."""
    import logging

    logging.disable(logging.CRITICAL)
    gc.freeze()
    seed, count = map(int, arguments)
    with fast_folder() as folder:
        print(json.dumps([asdict(each) for each in run(seed, count, folder)]))


def in_a_process_of_its_own(seed: int, count: int) -> list[Killed]:
    """`run` where nothing but it has threads, as forking wants it."""
    command = [sys.executable, "-m", "torture.kills", str(seed), str(count)]
    done = subprocess.run(command, cwd=TESTS, env=environment(), stdout=subprocess.PIPE, check=True)
    return [Killed(**each) for each in json.loads(done.stdout)]


if __name__ == "__main__":
    main(sys.argv[1:])
