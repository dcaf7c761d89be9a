"""Fixtures for every test: the event loop, and a house to buy in."""

import gc
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from torture.places import fast_folder
from torture.served import ServedWorld
from torture.world import World

from support.forgetting import forget_statements
from support.house import House, opened_house
from support.sparing import each_schema_once

if Path("/dev/shm").is_dir():
    # Ledgers of tests lie in memory: a test waits for its commits longer than it works.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _schemas_are_made_and_checked_once() -> Generator[None]:  # pyright: ignore[reportUnusedFunction]
    with each_schema_once():
        gc.collect()
        gc.freeze()
        # Tests leave little behind, and looking for it took a tenth of their time.
        gc.set_threshold(50_000, 50, 100)
        yield


@pytest.fixture(autouse=True)
def _statements_are_made_anew() -> None:  # pyright: ignore[reportUnusedFunction]
    forget_statements()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    for name in [name for name in os.environ if name.startswith("XPORTCN_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    """A house whose sandbox answers as in 2025."""
    async with opened_house(tmp_path, generation="2025") as house:
        yield house


@pytest.fixture(params=["2025", "2026"])
async def either_house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House]:
    """A house for each form of the upstream's previews."""
    async with opened_house(tmp_path, generation=request.param) as house:
        yield house


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """A world whose tools are called as plain functions."""
    with fast_folder() as folder:
        world = World(folder, seed=1688)
        yield world
        await world.close()


@pytest.fixture(params=["legacy", "2026-07-28"])
async def served_world(request: pytest.FixtureRequest) -> AsyncGenerator[ServedWorld]:
    """A world whose tools are called through a real client, in both generations of the protocol."""
    with fast_folder() as folder:
        world = ServedWorld(folder, seed=1688)
        world.mode = request.param
        yield world
        await world.close()
