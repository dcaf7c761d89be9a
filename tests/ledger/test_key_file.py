"""The file of the key that seals: whoever else can write it, or its folder, could make seals of his own."""

from pathlib import Path

import pytest

from orders_server.ledger.seals import read_key
from orders_tools.errors import StoreUnavailable


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


def test_a_key_is_made_once_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key" / "ledger.key"
    first = read_key(path)

    assert len(first) == 32
    assert path.read_text(encoding="ascii") == first.hex()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [each.name for each in path.parent.iterdir()] == ["ledger.key"]
    assert read_key(path) == first
    assert read_key(tmp_path / "other.key") != first


def test_of_two_processes_that_make_it_at_once_the_first_ones_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.key"
    first = read_key(path)
    monkeypatch.setattr(Path, "exists", lambda path: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    assert read_key(path) == first
    assert [each.name for each in path.parent.iterdir()] == ["ledger.key"]


@pytest.mark.parametrize("content", ["", "no key", "ab" * 31, "ab" * 33, "钥匙"])
def test_what_holds_no_key_is_told_with_its_place_and_the_setting(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ledger.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StoreUnavailable) as unavailable:
        read_key(path)

    assert str(unavailable.value) == f"the key {path}: it holds no key; XPORTCN_KEY_FILE names another place"


def test_a_key_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as unavailable:
        read_key(tmp_path)

    assert str(unavailable.value) == f"the key {tmp_path}: Is a directory; XPORTCN_KEY_FILE names another place"


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_key_that_others_can_write_names_what_they_can_write(tmp_path: Path, place: str) -> None:
    path = tmp_path / "key" / "ledger.key"
    read_key(path)
    open_one = path if place == "file" else path.parent
    open_one.chmod(0o777)
    with pytest.raises(StoreUnavailable) as unavailable:
        read_key(path)

    assert str(unavailable.value) == (
        f"the key {path}: {open_one} can be written by other users; it has to be yours, with chmod go-w, "
        "or XPORTCN_KEY_FILE names another place"
    )


def test_a_key_is_made_where_it_will_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))

    assert len(read_key(tmp_path / "key" / "ledger.key")) == 32
