"""mcp-fuzzer against `xportcn-orders serve` over stdio: exits 1 on a crash, a hang or an INTERNAL.

The fuzzer comes into an environment of its own, which is gone afterwards, as is the store that the server writes.
Answers that it calls "accepted malformed" are none of these: reading what models mangle is meant.

    python tests/fuzz/run.py [RUNS]     RUNS for each tool, realistic ones and as many aggressive ones; 25 if absent
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FUZZER = "mcp-fuzzer==0.7.0"
SERVER = Path(sys.executable).with_name("xportcn-orders")
TOOLS = {"preview_order", "create_order", "list_orders", "get_order"}
SECONDS = 300
SEED = 7
_BAD = ("crashed", "exceptions", "anomaly", "safety_blocked")


def main(runs: int) -> int:
    """Fuzz, judge, say what was found; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
        subprocess.run([home / "venv/bin/pip", "install", "--quiet", FUZZER], check=True)
        serve = _server(home)
        try:
            fuzzed = subprocess.run(_command(home, serve, runs), cwd=home, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            print(f"it hung: no end within {SECONDS} s", file=sys.stderr)
            return 1
        found = _found(home)
        if fuzzed.returncode != 0:
            found.append(f"mcp-fuzzer ended with {fuzzed.returncode}")
        for each in found:
            print(each, file=sys.stderr)
        return 1 if found else 0


def _server(home: Path) -> Path:
    """A command that serves and keeps what goes out on both streams."""
    serve = home / "serve"
    command = f"XPORTCN_STORE=sqlite:///{home}/ledger.sqlite3 {shlex.quote(str(SERVER))} serve"
    serve.write_text(
        f"#!/bin/sh\n{command} 2>>{home}/stderr | tee -a {home}/stdout\n",
        encoding="utf-8",
    )
    serve.chmod(0o700)
    return serve


def _command(home: Path, serve: Path, runs: int) -> list[str | os.PathLike[str]]:
    return [
        home / "venv/bin/mcp-fuzzer",
        *("--mode", "tools", "--phase", "both", "--runs", str(runs), "--seed", str(SEED)),
        *("--protocol", "stdio", "--endpoint", str(serve), "--tool-timeout", "20", "--no-network"),
        *("--output-dir", home / "report", "--fs-root", home / "files", "--log-level", "ERROR"),
    ]


def _found(home: Path) -> list[str]:
    """What is wrong: in the fuzzer's report, in the answers, in what the server logged."""
    summary: dict[str, Any] = json.loads((home / "report/run_summary.json").read_text("utf-8"))
    by_name: dict[str, Any] = summary["tools"]["by_name"]
    found = [f"not fuzzed: {name}" for name in sorted(TOOLS - by_name.keys())]
    for name, told in by_name.items():
        found += [f"{name}: {told['outcomes'][bad]} {bad}" for bad in _BAD if told["outcomes"][bad]]
    answers = [json.loads(line) for line in (home / "stdout").read_text("utf-8").splitlines()]
    found += [f"answered INTERNAL: {json.dumps(each)[:300]}" for each in answers if '"INTERNAL' in json.dumps(each)]
    found += [f"logged: {line}" for line in (home / "stderr").read_text("utf-8").splitlines()[:20]]
    refused = sum('"INVALID_ARGUMENT' in json.dumps(each) for each in answers)
    print(f"seed {SEED}: {len(answers)} messages from the server, {refused} of them INVALID_ARGUMENT")
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 25))
