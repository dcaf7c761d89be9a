"""The least that a preview over this SDK can be: one tool, one signed httpx call, the body handed back as it came.

python echo.py BASE_URL [PORT]      over stdio, or over HTTP on PORT
"""

import secrets
import sys
import time
from typing import Any

import httpx
from mcp.server.mcpserver import MCPServer

from orders_sandbox import SandboxOptions
from orders_server.xportcn.signature import signature


def server(base_url: str) -> MCPServer:
    """The server with its one tool."""
    given = SandboxOptions()
    http = httpx.AsyncClient(base_url=base_url, trust_env=False)
    echo = MCPServer("echo", log_level="WARNING")

    @echo.tool(structured_output=False)
    async def preview_order(body: dict[str, Any]) -> str:  # pyright: ignore[reportUnusedFunction]
        timestamp, nonce = str(int(time.time() * 1000)), secrets.token_hex(16)
        headers = {
            "access-key": given.access_key,
            "timestamp": timestamp,
            "nonce-str": nonce,
            "user-id": given.user_id,
            "signature": signature(given.access_key, timestamp, nonce, given.access_secret),
        }
        return (await http.post("/alibaba/ka/order/create/preview", json=body, headers=headers)).text

    return echo


if __name__ == "__main__":
    if len(sys.argv) > 2:
        server(sys.argv[1]).run("streamable-http", port=int(sys.argv[2]))
    else:
        server(sys.argv[1]).run("stdio")
