"""The approval page beside MCP at one address: its own guards, and none of those that are for clients."""

import pytest
from pydantic import SecretStr

from support.house import House
from support.web import TOKEN, plain_http, web

pytestmark = pytest.mark.anyio
PAGE = "https://chat.example.com"


async def test_people_need_no_token_and_clients_still_do(house: House) -> None:
    async with web(house, http_token=SecretStr(TOKEN)) as base_url, plain_http(base_url) as http:
        assert (await http.get("/approvals/pair")).status_code == 200
        assert (await http.get("/approvals")).status_code == 401
        assert "www-authenticate" not in (await http.get("/approvals")).headers
        for path in ("/mcp", "/approvalsx", "/approvals/../mcp", "/%61pprovals/../mcp"):
            from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert (await http.post("/approvals/pair", content=b"\xff=%", headers=from_elsewhere)).status_code == 403
