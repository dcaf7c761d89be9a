"""A server that FastMCP generates from the sandbox's description. It runs in a scratch environment that has FastMCP.

python generated.py DESCRIPTION BASE_URL [PORT]     over stdio, or over HTTP on PORT
"""

# pyright: basic, reportMissingImports=false
# The environment of the project has no FastMCP, so there are no types to check against.

import json
import sys
from pathlib import Path

import httpx2
from fastmcp import FastMCP

if __name__ == "__main__":
    description = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    server = FastMCP.from_openapi(description, httpx2.AsyncClient(base_url=sys.argv[2], trust_env=False), "generated")
    if len(sys.argv) > 3:
        server.run("http", show_banner=False, host="127.0.0.1", port=int(sys.argv[3]), log_level="WARNING")
    else:
        server.run("stdio", show_banner=False, log_level="WARNING")
