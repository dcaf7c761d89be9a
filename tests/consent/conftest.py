"""A ledger with people for every test of this room."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from support.approvers import Approvers, approvers


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncGenerator[Approvers]:
    """A new ledger, in which nobody is yet."""
    async with approvers(tmp_path) as found:
        yield found
