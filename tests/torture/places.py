"""Where things are: the checkout, a folder for ledgers, and what a process started here may inherit."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SOURCES = ("server", "tools", "prompts")


@contextmanager
def fast_folder() -> Generator[Path]:
    """A folder that goes away again, in memory where there is one: no power is cut in these runs."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


def environment(root: Path = ROOT) -> dict[str, str]:
    """The environment of a process that runs the sources under `root`, whatever is installed."""
    paths = [*(str(root / name) for name in SOURCES), str(root / "tests")]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
