"""The approval page beside MCP at one address: its own guards, and none of those that are for clients."""

import pytest
from pydantic import SecretStr

from support.house import House
from support.web import HEADERS, INITIALIZE, TOKEN, plain_http, web

pytestmark = pytest.mark.anyio
PAGE = "https://chat.example.com"
FROM_ITSELF = {"Sec-Fetch-Site": "same-origin"}


async def test_people_need_no_token_and_clients_still_do(house: House) -> None:
    async with web(house, http_token=SecretStr(TOKEN)) as base_url, plain_http(base_url) as http:
        assert (await http.get("/approvals/pair")).status_code == 200
        assert (await http.get("/approvals")).status_code == 401
        assert "www-authenticate" not in (await http.get("/approvals")).headers
        for path in ("/mcp", "/approvalsx", "/approvals/../mcp", "/%61pprovals/../mcp"):
            assert (await http.post(path, json=INITIALIZE, headers=HEADERS)).status_code == 401


async def test_another_host_name_is_refused_at_the_page_too(house: House) -> None:
    async with web(house) as base_url, plain_http(base_url) as http:
        for host in ("evil.example", "localhost.evil.example", "orders.example.com"):
            assert (await http.get("/approvals/pair", headers={"Host": host})).status_code == 421
    async with web(house, page_url="https://orders.example.com") as base_url, plain_http(base_url) as http:
        assert (await http.get("/approvals/pair", headers={"Host": "orders.example.com"})).status_code == 200


async def test_a_web_page_that_may_call_the_tools_may_not_read_the_approval_page(house: House) -> None:
    async with web(house, http_origins=(PAGE,)) as base_url, plain_http(base_url) as http:
        answer = await http.get("/approvals/pair", headers={"Origin": PAGE})
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        asking = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
        asked = await http.options("/approvals/pair", headers=asking)
        assert asked.status_code == 405
        assert "access-control-allow-origin" not in asked.headers


async def test_a_cookie_goes_over_tls_alone_where_the_public_address_is_https(house: House) -> None:
    public = "https://orders.example.com"
    async with house.server(page_url=public) as server:
        code = await (await server.page_parts(public)).people.add("Li Wei")
    async with web(house, page_url=public) as base_url, plain_http(base_url) as http:
        headers = {"Host": "orders.example.com", "Origin": public}
        answer = await http.post("/approvals/pair", data={"code": code.code}, headers=headers)
        assert answer.status_code == 303
        (cookie,) = answer.headers.get_list("set-cookie")
        for word in ("Secure", "HttpOnly", "Path=/approvals", "SameSite=lax"):
            assert word in cookie


async def test_a_body_that_no_form_has_is_refused(house: House) -> None:
    async with web(house) as base_url, plain_http(base_url) as http:
        answer = await http.post("/approvals/pair", content=b"x" * 70_000, headers=FROM_ITSELF)
        assert answer.status_code == 413
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        odd = await http.post("/approvals/pair", content=b"\xff=%", headers={"Sec-Fetch-Site": "cross-site"})
        assert odd.status_code == 403
