"""Secures the ledger's folder and files: only this user can write them, and only this user can read the files.

SQLite plays back any journal that it finds beside a file, whoever put it there. So the folder matters as much as the
file, and a sticky folder that others can write, such as /tmp, is no exception.
"""

import os
import stat
from pathlib import Path

from orders_server.ownership import KEEPS_MODES, is_own, is_trusted, others_write
from orders_tools.errors import StoreUnavailable

_BESIDE = ("", "-journal", "-wal", "-shm", ".seen")
"""Suffixes of the ledger's files."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def secure(path: Path) -> list[str]:
    """Create the ledger's folder and file if missing, and remove other users' access.

    Returns a line for each file that others could read or write until now.

    Raises:
        StoreUnavailable: others can change the files, or could have put them there; the text says what to do.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mended: list[str] = []
        if KEEPS_MODES:
            _check_folder(path)
            mended = [line for ending in _BESIDE if (line := _restrict(Path(f"{path}{ending}")))]
        # Do not open an existing file here: closing it would release the locks that this process holds on it.
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error
    return mended


def _check_folder(path: Path) -> None:
    folder = path.parent
    for above in (*folder.parents, *folder.resolve().parents, folder):
        _check_above(above)
    info = folder.stat()
    if not is_trusted(info) or others_write(info):
        whose = "can be written by other users" if is_trusted(info) else f"belongs to another user ({info.st_uid})"
        raise StoreUnavailable(
            f"the folder {folder} {whose}, who could put another ledger there: name one of its own in XPORTCN_STORE, "
            f"such as sqlite:///{folder}/xportcn-orders/{path.name}, or take their right away (chmod go-w {folder})"
        )


def _check_above(folder: Path) -> None:
    """Check a folder on the path: other users must not be able to replace what is below it."""
    info = folder.lstat()
    if stat.S_ISLNK(info.st_mode):
        if not is_trusted(info):
            raise StoreUnavailable(f"{folder}, on the way to the ledger, is a link of another user ({info.st_uid})")
    elif info.st_mode & stat.S_IWOTH and not info.st_mode & stat.S_ISVTX:
        raise StoreUnavailable(
            f"{folder}, on the way to the ledger, can be written by every user: "
            f"name another place in XPORTCN_STORE, or take that right away (chmod o-w {folder})"
        )


def _restrict(file: Path) -> str | None:
    """Remove other users' access to `file`; a line about it, or None. Nobody else can swap the file meanwhile."""
    try:
        info = file.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(info.st_mode):
        raise StoreUnavailable(f"{file} is a symbolic link: name the file itself in XPORTCN_STORE, or remove the link")
    if not stat.S_ISREG(info.st_mode):
        raise StoreUnavailable(f"{file} is no file: name another place in XPORTCN_STORE")
    if not is_own(info):
        raise StoreUnavailable(
            f"{file} belongs to another user ({info.st_uid}), who can change it: "
            "run as that user, or name another place in XPORTCN_STORE"
        )
    if not info.st_mode & _OTHERS:
        return None
    file.chmod(stat.S_IMODE(info.st_mode) & ~_OTHERS)
    if file.lstat().st_mode & _OTHERS:
        raise StoreUnavailable(f"{file} stays open to other users, because this file system keeps no modes: move it")
    could = "write" if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else "read"
    return f"{file}: other users could {could} it until now (mode {stat.S_IMODE(info.st_mode):04o})"
