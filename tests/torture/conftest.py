"""Worlds for tests that play one purchase."""

from collections.abc import AsyncGenerator

import pytest

from torture.places import fast_folder
from torture.served import ServedWorld
from torture.world import World


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
