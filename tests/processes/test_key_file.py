"""The file of the key that seals: whoever else can write it, or its folder, could make seals of his own."""

from pathlib import Path

import pytest

from orders_server.ledger.seals import read_key
from orders_tools.faults import StoreUnavailable


@pytest.fixture(autouse=True)
def _no_group_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr("orders_server.ownership._is_private", lambda group: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]


@pytest.mark.parametrize("mode", [0o602, 0o620, 0o666])
def test_a_key_that_others_can_write_is_not_used(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key" / "ledger.key"
    read_key(path)
    path.chmod(mode)
    with pytest.raises(StoreUnavailable, match="can be written by other users"):
        read_key(path)


def test_a_key_in_a_folder_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "key" / "ledger.key"
    first = read_key(path)
    path.parent.chmod(0o777)
    with pytest.raises(StoreUnavailable, match="can be written by other users"):
        read_key(path)
    path.parent.chmod(0o755)
    path.chmod(0o644)

    assert read_key(path) == first
