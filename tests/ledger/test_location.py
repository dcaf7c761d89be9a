"""Where the ledger lies: what others could read or write is closed to them, what they could have put there refused."""

import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from orders_server.ledger.store import Store
from orders_tools.errors import StoreUnavailable
from support.commands import told
from support.house import ADDRESS, House, Person, basket, text_of

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")]
NAMES = ("ledger.sqlite3", *(f"ledger.sqlite3{ending}" for ending in ("-journal", "-wal", "-shm", ".seen")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that this user alone can write; no group is taken for this user's private one."""
    monkeypatch.setattr("orders_server.ownership._is_private", lambda _: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o700)
    return folder


async def refusal(path: Path) -> str:
    """Why a store cannot be opened at `path`."""
    store = Store(path)
    try:
        with pytest.raises(StoreUnavailable) as refused:
            await store.open()
    finally:
        await store.close()
    return str(refused.value)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


async def test_a_refused_place_is_told_by_the_tools_and_nothing_is_sent(house: House) -> None:
    real = house.folder / "real.sqlite3"
    real.touch(mode=0o600)
    (house.folder / "ledger.sqlite3").symlink_to(real)
    async with house.buyer(person=Person()) as buyer:
        result = await buyer.call("preview_order", lines=basket(("plain", 1)), address=ADDRESS)

    assert result.is_error
    assert "store cannot be used" in text_of(result)
    assert "is a symbolic link: name the file itself in XPORTCN_STORE" in text_of(result)
    assert real.read_bytes() == b""


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o644, 0o660, 0o666, 0o602, 0o777])
@pytest.mark.parametrize("name", NAMES)
async def test_files_that_others_could_use_are_closed_to_them_and_it_is_said(
    folder: Path, caplog: pytest.LogCaptureFixture, name: str, open_to: int
) -> None:
    path = folder / "ledger.sqlite3"
    store = Store(path)
    await store.open()
    await store.close()
    file = folder / name
    file.touch()
    file.chmod(open_to)
    await store.open()
    await store.close()

    [line] = caplog.messages
    could = "write" if open_to & 0o022 else "read"
    assert line == f"{file}: other users could {could} it until now (mode {open_to:04o})"
    assert not file.exists() or mode(file) == open_to & 0o700


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe"])
async def test_what_is_no_file_of_its_own_is_refused(folder: Path, name: str, kind: str) -> None:
    there = folder / name
    {
        "link": lambda: ((folder / "other").touch(), there.symlink_to(folder / "other")),
        "dangling": lambda: there.symlink_to(folder / "nowhere"),
        "folder": there.mkdir,
        "pipe": lambda: os.mkfifo(there),
    }[kind]()
    why = await refusal(folder / "ledger.sqlite3")

    assert str(there) in why
    assert ("symbolic link" in why) == (kind in {"link", "dangling"})
    assert ("is no file" in why) == (kind in {"folder", "pipe"})
    assert "\n" not in why
    assert not (folder / "nowhere").exists()


async def test_files_of_another_user_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        (folder / name).touch(mode=0o600)
    own = os.geteuid()
    # Another user meets a folder that is root's, and files of whoever runs this test.
    monkeypatch.setattr("orders_server.ledger.location._check_folder", lambda _: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    for name in NAMES:
        why = await refusal(folder / "ledger.sqlite3")
        assert why.startswith(f"{folder / name} belongs to another user ({own})")
        (folder / name).unlink()


async def test_a_folder_of_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.geteuid()
    if real == 0:
        os.chown(folder, 4242, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    why = await refusal(folder / "ledger.sqlite3")

    assert f"{folder} belongs to another user" in why
    assert f"such as sqlite:///{folder}/xportcn-orders/ledger.sqlite3" in why


@pytest.mark.parametrize("open_to", [0o770, 0o1777, 0o2775, 0o3770])
async def test_a_folder_that_others_can_write_is_refused_and_one_below_it_is_taken(folder: Path, open_to: int) -> None:
    folder.chmod(open_to)
    why = await refusal(folder / "ledger.sqlite3")
    below = Store(folder / "xportcn-orders" / "ledger.sqlite3")
    await below.open()
    await below.close()

    assert "can be written by other users" in why
    assert f"sqlite:///{folder}/xportcn-orders/ledger.sqlite3" in why
    assert not (folder / "ledger.sqlite3").exists()
    assert mode(folder / "xportcn-orders") & 0o777 == 0o700
    assert mode(folder / "xportcn-orders/ledger.sqlite3") == 0o600


async def test_a_folder_above_that_everybody_can_write_is_refused(folder: Path) -> None:
    (folder / "below" / "more").mkdir(mode=0o700, parents=True)
    folder.chmod(0o777)
    for path in (folder, folder / "below", folder / "below" / "more"):
        why = await refusal(path / "ledger.sqlite3")
        assert why.startswith(f"{folder}, on the way to the ledger, can be written by every user")
    folder.chmod(0o1777)
    assert await Store(folder / "below" / "more" / "ledger.sqlite3").open()


async def test_a_link_on_the_way_is_taken_where_it_is_our_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "real").mkdir(mode=0o700)
    (folder / "linked").symlink_to(folder / "real")
    store = Store(folder / "linked" / "ledger.sqlite3")
    await store.open()
    await store.close()

    assert mode(folder / "real" / "ledger.sqlite3") == 0o600
    if os.geteuid() == 0:
        os.lchown(folder / "linked", 4242, -1)
        assert "linked, on the way to the ledger, is a link of another user (4242)" in await refusal(
            folder / "linked" / "ledger.sqlite3"
        )
    (folder / "real").chmod(0o1777)
    assert "can be written by other users" in await refusal(folder / "real" / "ledger.sqlite3")


@pytest.mark.parametrize(("members", "name", "private"), [([], "me", True), (["you"], "me", False), ([], "all", False)])
async def test_the_group_that_a_user_has_for_himself_counts_as_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: list[str], name: str, private: bool
) -> None:
    import grp
    import pwd

    group = os.getegid()
    monkeypatch.setattr(pwd, "getpwuid", lambda _: pwd.struct_passwd(("me", "x", os.geteuid(), group, "", "/", "/")))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr(grp, "getgrgid", lambda _: grp.struct_group((name, "x", group, members)))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    folder = tmp_path / "kept"
    folder.mkdir()
    folder.chmod(0o775)
    if private:
        assert await Store(folder / "ledger.sqlite3").open()
    else:
        assert "can be written by other users" in await refusal(folder / "ledger.sqlite3")


async def test_the_file_that_is_looked_at_is_the_file_that_is_opened(folder: Path) -> None:
    path = folder / "ledger.sqlite3?mode=memory&uri=true"
    store = Store(path)
    await store.open()
    await store.close()

    assert sorted(file.name for file in folder.iterdir()) == [path.name, f"{path.name}.seen"]
    assert path.stat().st_size > 0


async def test_what_is_deleted_is_overwritten_wherever_sqlite_would_not_by_itself(folder: Path) -> None:
    def careless(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA secure_delete=OFF")

    from sqlalchemy import Engine, event

    event.listen(Engine, "connect", careless)
    try:
        store = Store(folder / "ledger.sqlite3")
        engine = await store.open()
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        await store.close()
    finally:
        event.remove(Engine, "connect", careless)


def doctor(path: Path) -> tuple[int, str]:
    """The exit status of `doctor` and what it said, with the ledger at `path`."""
    ended = told(path.parent, "doctor", HOME=str(path.parent), XPORTCN_STORE=f"sqlite:///{path}", COLUMNS="400")
    return ended.returncode, ended.stdout


def test_doctor_says_what_it_found_at_the_ledgers_place(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.touch()
    path.chmod(0o666)
    mended, again = doctor(path), doctor(path)
    path.rename(tmp_path / "moved.sqlite3")
    path.symlink_to(tmp_path / "moved.sqlite3")
    refused = doctor(path)

    assert (mended[0], again[0], refused[0]) == (0, 0, 1)
    assert f"  mended {path}: other users could write it until now (mode 0666)" in mended[1]
    assert "mended" not in again[1]
    assert "  ok ledger's place: this user alone can read and change its files" in again[1]
    assert f"  failed store: {path} is a symbolic link" in refused[1]
    assert "ok ledger's place" not in refused[1]
