"""Runs the approval page in a real Chromium. Needs the extra `browser`, Debian's chromium, and npm.

.venv/bin/python tests/browser/run.py [--pictures FOLDER] [what pytest takes]
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """The status of the run; pictures of every page go to the folder that is named."""
    if arguments[:1] == ["--pictures"]:
        os.environ["BROWSER_PICTURES"] = arguments[1]
        arguments = arguments[2:]
    if not (HERE / "node_modules").is_dir():
        subprocess.run(["npm", "install", "--no-fund", "--no-audit", "--silent"], cwd=HERE, check=True)
    return int(pytest.main(["-p", "no:cacheprovider", str(HERE / "scenes.py"), str(HERE / "looks.py"), *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
