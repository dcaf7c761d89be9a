"""How long a client waits for the first reply over stdio: ours against a bare server of the same SDK, as a ratio.

    .venv/bin/python benchmarks/first_reply.py [rounds]

Both are started in turn, warm, from the same interpreter; the medians of all rounds are compared.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

BARE = "from mcp.server.mcpserver import MCPServer\nMCPServer('bare').run('stdio')"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "benchmark", "version": "1"},
    },
}


def first_reply(command: list[str], folder: str) -> float:
    """Seconds from starting `command` to its reply to `initialize`."""
    environment = {**os.environ, "XPORTCN_STORE": f"sqlite:///{folder}/benchmark.sqlite3"}
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        process.stdin.flush()
        reply = json.loads(process.stdout.readline())
        took = time.perf_counter() - started
        process.kill()
    if "result" not in reply:
        raise SystemExit(f"no reply to initialize: {reply}")
    return took


def main() -> None:
    """Print both medians and their ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    commands = {
        "bare": [sys.executable, "-c", BARE],
        "ours": [sys.executable, "-m", "orders_server", "serve"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for name, command in commands.items():
                seconds = first_reply(command, folder)
                if number:  # the first round fills the file cache
                    took[name].append(seconds)
            print(f"\rround {number}/{rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    medians = {name: statistics.median(seconds) for name, seconds in took.items()}
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {rounds} rounds")
    for name, median in medians.items():
        print(f"{name}: {median * 1000:.0f} ms")
    print(f"ratio: {medians['ours'] / medians['bare']:.2f}")


if __name__ == "__main__":
    main()
