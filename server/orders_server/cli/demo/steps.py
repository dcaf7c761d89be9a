"""The steps of the demo: each calls the real server through a real client and checks the result."""

import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from orders_sandbox import CATALOGUE
from orders_server.cli.demo.person import Person
from orders_server.cli.demo.visitor import Visitor
from orders_server.cli.screen import Screen

CONSIGNEE = {
    "full_name": "李明",
    "mobile": "13800001234",
    "province": "浙江省",
    "city": "杭州市",
    "area": "滨江区",
    "street": "江南大道100号3号仓",
    "post_code": "310051",
}
BLOCKED = (
    ("no-cross-border-pay", 1, "餐垫"),
    ("minimum-quantity", 2, "晾衣夹"),
    ("short-stock", 9, "收纳篮"),
    ("lot-multiple", 7, "木筷"),
    ("not-sellable", 1, "花瓶"),
)
"""Offers that cannot be bought so, each for a reason of its own: name, quantity, label."""
_ERROR = "xportcn-orders/error"


class StepFailed(Exception):
    """A step of the demo did not do what it said."""


async def run_demo(*, yes: bool, on_page: bool, generation: str, language: str) -> int:
    """Walk through three purchases, approved in dialogs or on the page; 0 only if every step did what it said."""
    console = Screen(highlight=False)
    person = Person(console, always_yes=yes)
    with tempfile.TemporaryDirectory(prefix="xportcn-orders-demo-") as folder:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "orders_server", "serve"],
            cwd=folder,
            env={
                "XPORTCN_STORE": f"sqlite:///{folder}/demo.sqlite3",
                "XPORTCN_KEY_FILE": f"{folder}/key/demo.key",
                "XPORTCN_SANDBOX_GENERATION": generation,
                "XPORTCN_LANGUAGE": language,
                "XPORTCN_APPROVAL": "page" if on_page else "ask",
            },
        )
        async with AsyncExitStack() as stack:
            with console.status("Starting the server …"):
                client = await stack.enter_async_context(Client(server, elicitation_callback=person))
            visitor = Visitor(console, Path(folder, "demo.sqlite3"), Path(folder, "key", "demo.key"), always_yes=yes)
            stack.push_async_callback(visitor.close)
            demo = Demo(console, client, person, visitor)
            try:
                await demo.all()
            except StepFailed as fault:
                console.print(f"\n[bold red]Stopped:[/] {fault}")
                return 1
    console.print("\n[bold green]Every step did what it said.[/] Nothing real was bought.")
    return 0


class Demo:
    """The steps, in their order, over one connection."""

    def __init__(self, console: Console, client: Client, person: Person, visitor: Visitor) -> None:
        self._console = console
        self._client = client
        self._person = person
        self._visitor = visitor

    async def all(self) -> None:
        """A purchase, a basket that is refused, and one whose answer is lost."""
        info = self._client.server_info
        server = f"{info.name} {info.version}" if info else "the server"
        self._console.print(f"Connected over stdio to {server}, protocol {self._client.protocol_version}.")
        await self._purchase()
        await self._refused_basket()
        await self._lost_answer()

    async def _purchase(self) -> None:
        self._console.print(Rule("1. A purchase, from words to an order, with a person's yes"))
        found = await self._call("find_offers", {"keywords": "马克杯"})
        _require(bool(found["offers"]), "the search should find a mug")
        mug = await self._call("get_offer", {"offer_id": found["offers"][0]["offer_id"]})
        _require(mug["known"] and bool(mug["skus"]), "get_offer should tell the mug's SKUs")
        preview = await self._priced(
            {
                "offer_id": mug["offer_id"],
                "spec_id": mug["skus"][0]["spec_id"],
                "seller_open_id": mug["seller"]["open_id"],
                "quantity": 2,
                "label": "马克杯",
            },
            {"offer_id": str(CATALOGUE["promotion"].offer_id), "quantity": 1},
        )
        _require(preview["orderable"], "the basket should be orderable")
        named = [line["title"] for order in preview["orders"] for line in order["lines"]]
        _require(all(named) and named[0] == mug["title"], "each line should have the product's own name")
        made = await self._create(preview)
        if made["outcome"] == "declined" or False in self._person.answers[-1:]:
            _require(made["outcome"] == "declined", "a no should decline the purchase")
            _require(await self._count(preview) == 0, "a declined purchase should order nothing")
            raise StepFailed("you said no, so nothing was ordered and the rest of the walk is left out")
        _require(made["outcome"] == "placed", "the purchase should be placed")
        order_id = made["orders"][0]["order_id"]
        seen = await self._call("get_order", {"purchase_ref": preview["purchase_ref"]})
        _require(seen["order_id"] == order_id, "get_order should find the order that was placed")
        listed = await self._call("list_orders", {"page_size": 5})
        _require(order_id in [row["order_id"] for row in listed["orders"]], "list_orders should show the order")

    async def _refused_basket(self) -> None:
        self._console.print(Rule("2. Five offers that cannot be bought so, explained in one answer"))
        preview = await self._preview([("plain", 1, ""), *BLOCKED])
        _require(not preview["orderable"], "the basket should not be orderable")
        refused = {offer["offer_id"] for offer in preview["unsupported_offers"]}
        expected = {str(CATALOGUE[name].offer_id) for name, _, _ in BLOCKED}
        _require(refused == expected, "exactly the five unsupported offers should be named")
        blockers = [issue for issue in preview["issues"] if issue["severity"] == "blocks"]
        _require(all(issue["remedy"] for issue in blockers), "each reason should come with its remedy")
        _require(len({issue["code"] for issue in blockers}) == len(BLOCKED), "each should have its own reason")
        code = await self._refusal("create_order", _create_arguments(preview))
        _require(code == "NOT_ORDERABLE", "create_order should refuse the basket")

    async def _lost_answer(self) -> None:
        self._console.print(Rule("3. The answer is lost after the order was made: settled, never ordered twice"))
        preview = await self._preview([("lost-answer", 1, "")])
        first = await self._create(preview)
        if first["outcome"] == "declined":
            raise StepFailed("you said no, so nothing was ordered and the rest of the walk is left out")
        # On the page the outcome is unknown; the call that waits has settled it already.
        on_page = first["approval"]["channel"] == "page"
        _require(on_page or first["outcome"] == "unknown", "a lost answer should be told as unknown")
        second = await self._create(preview)
        _require(second["outcome"] == "placed", "the same token should find the order")
        _require(await self._count(preview) == 1, "there should be exactly one order")
        self._console.print("The upstream holds exactly one order for this purchase.")

    async def _preview(self, lines: list[tuple[str, int, str]]) -> dict[str, Any]:
        basket = [
            {"offer_id": str(CATALOGUE[name].offer_id), "quantity": quantity, "label": label}
            for name, quantity, label in lines
        ]
        return await self._priced(*basket)

    async def _priced(self, *lines: dict[str, Any]) -> dict[str, Any]:
        return await self._call("preview_order", {"lines": list(lines), "address": CONSIGNEE})

    async def _create(self, preview: dict[str, Any]) -> dict[str, Any]:
        made = await self._call("create_order", _create_arguments(preview))
        while made["outcome"] == "awaiting_approval":
            links = [way["url"] for way in made["ways_to_approve"] if way["channel"] == "page"]
            _require(bool(links), "an order that waits should name the approval page")
            await self._visitor.approve(links[-1])
            made = await self._call("create_order", _create_arguments(preview))
        return made

    async def _count(self, preview: dict[str, Any]) -> int:
        listed = await self._call("list_orders", {"purchase_ref": preview["purchase_ref"]}, shown=False)
        return len(listed["orders"])

    async def _call(self, tool: str, arguments: dict[str, Any], *, shown: bool = True) -> dict[str, Any]:
        result = await self._send(tool, arguments, shown=shown)
        if result.structured_content is None:
            raise StepFailed(f"{tool} was refused")
        return result.structured_content

    async def _refusal(self, tool: str, arguments: dict[str, Any]) -> str:
        result = await self._send(tool, arguments, shown=True)
        _require(bool(result.is_error), f"{tool} should be refused")
        return (result.meta or {})[_ERROR]["code"]

    async def _send(self, tool: str, arguments: dict[str, Any], *, shown: bool) -> CallToolResult:
        started = time.perf_counter()
        with self._console.status(f"{tool} …") as working:
            self._person.working = working
            result = await self._client.call_tool(tool, arguments)
            self._person.working = None
        if shown:
            took = time.perf_counter() - started
            text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
            title = f"{tool} ({took:.2f} s): what the model sees"
            self._console.print(Panel(Text(text), title=title, border_style="red" if result.is_error else "cyan"))
        return result


def _create_arguments(preview: dict[str, Any]) -> dict[str, Any]:
    return {"preview_token": preview["preview_token"], "expected_total": preview["totals"]["payable"]}


def _require(held: bool, promise: str) -> None:
    if not held:
        raise StepFailed(promise)
