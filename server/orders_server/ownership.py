"""Who owns a file or folder, and who else can write it. On Windows, without modes, everything counts as one's own."""

import os
import stat
import sys

KEEPS_MODES = sys.platform != "win32"


def is_own(info: os.stat_result) -> bool:
    """Whether the user of this process owns it."""
    return not KEEPS_MODES or info.st_uid == os.geteuid()


def is_trusted(info: os.stat_result) -> bool:
    """Whether the user of this process or root owns it; root can do everything anyway."""
    return not KEEPS_MODES or info.st_uid in (0, os.geteuid())


def others_write(info: os.stat_result) -> bool:
    """Whether other users can write it; a user's private group does not count as another user."""
    if not KEEPS_MODES:
        return False
    mode = stat.S_IMODE(info.st_mode)
    return bool(mode & stat.S_IWOTH) or (bool(mode & stat.S_IWGRP) and not _is_private(info.st_gid))


def _is_private(group_id: int) -> bool:
    import grp
    import pwd

    try:
        user = pwd.getpwuid(os.geteuid())
        group = grp.getgrgid(group_id)
    except KeyError:
        return False
    return user.pw_gid == group_id and group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}
