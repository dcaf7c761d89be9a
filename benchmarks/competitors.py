"""Who is compared: ours, the least that the same SDK can do, and generators of servers from an OpenAPI description.

The generators live in scratch environments of their own, installed on first use at the versions named here. One that
cannot be installed is left out, by name and with the reason.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dialects import Dialect, Generated, Ours

HERE = Path(__file__).parent
FASTMCP = "4.2.3"
OPENAPI_SERVER = "1.16.1"
_DESCRIPTION = HERE / "sandbox_openapi.json"
_PEERS = HERE / ".peers"
_INSTALL_SECONDS = 600


class NotAvailable(Exception):
    """A competitor cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a competitor runs: its upstream's base URL, a folder of its own, and a port, or None over stdio."""

    upstream: str
    folder: Path
    port: int | None = None


@dataclass(frozen=True)
class Competitor:
    """One server. `dialect` is None for a server without tools; `ready` raises NotAvailable."""

    name: str
    command: Callable[[Place], list[str]]
    dialect: Dialect | None
    ready: Callable[[], None] = lambda: None
    ready_over_http: Callable[[], None] = lambda: None


def environment_of(place: Place) -> dict[str, str]:
    """The environment of every competitor; the settings of ours say nothing to the others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XPORTCN_")}
    return kept | {
        "XPORTCN_BASE_URL": place.upstream,
        "XPORTCN_ACCESS_KEY": "sandbox-access-key",
        "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
        "XPORTCN_USER_ID": "sandbox-user",
        "XPORTCN_STORE": f"sqlite:///{place.folder}/ledger.sqlite3",
        "XPORTCN_KEY_FILE": f"{place.folder}/key/ledger.key",
        "XPORTCN_APPROVAL": "host",
    }


def upstream_command() -> list[str]:
    """What starts the upstream."""
    return [sys.executable, str(HERE / "processes" / "upstream.py")]


def _ours(place: Place) -> list[str]:
    over_http = [] if place.port is None else ["--http", "--port", str(place.port)]
    return [sys.executable, "-m", "orders_server", "serve", *over_http]


def _echo(place: Place) -> list[str]:
    return [sys.executable, str(HERE / "processes" / "echo.py"), place.upstream, *_port(place)]


def _fastmcp(place: Place) -> list[str]:
    script = HERE / "processes" / "generated.py"
    return [str(_python()), str(script), str(_DESCRIPTION), place.upstream, *_port(place)]


def _openapi_server(place: Place) -> list[str]:
    over_http = [] if place.port is None else ["--transport", "http", "--host", "127.0.0.1", "--port", str(place.port)]
    named = ["--api-base-url", place.upstream, "--openapi-spec", str(_DESCRIPTION), "--verbose", "false"]
    return ["node", str(_node_script()), *named, *over_http]


def _port(place: Place) -> list[str]:
    return [] if place.port is None else [str(place.port)]


def _serves_http() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "orders_server", "serve", "--help"], capture_output=True, text=True, check=True
    )
    if "--http" not in shown.stdout:
        raise NotAvailable("serve has no --http")


def _answers_elsewhere() -> None:
    raise NotAvailable("it answers a call on a different stream than the request's, which clients need not read")


def _python() -> Path:
    folder = "Scripts" if os.name == "nt" else "bin"
    return _PEERS / f"fastmcp-{FASTMCP}" / folder / "python"


def _node_script() -> Path:
    package = Path("node_modules", "@ivotoby", "openapi-mcp-server", "bin", "mcp-server.js")
    return _PEERS / f"openapi-mcp-server-{OPENAPI_SERVER}" / package


def _install_fastmcp() -> None:
    folder = _PEERS / f"fastmcp-{FASTMCP}"
    if (folder / "complete").exists():
        return
    _run([sys.executable, "-m", "venv", "--clear", str(folder)], "no virtual environment could be made")
    _run([str(_python()), "-m", "pip", "install", "--quiet", f"fastmcp=={FASTMCP}"], "pip could not install it")
    (folder / "complete").touch()


def _install_openapi_server() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotAvailable("node and npm are not installed")
    folder = _PEERS / f"openapi-mcp-server-{OPENAPI_SERVER}"
    if (folder / "complete").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    package = f"@ivotoby/openapi-mcp-server@{OPENAPI_SERVER}"
    quietly = ["--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    _run(["npm", "install", "--prefix", str(folder), *quietly, package], "npm could not install it")
    (folder / "complete").touch()


def _run(command: list[str], failure: str) -> None:
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=_INSTALL_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotAvailable(f"{failure} ({type(error).__name__})") from None


BARE = Competitor("bare server", lambda _: [sys.executable, str(HERE / "processes" / "bare.py")], None)
OURS = Competitor("ours", _ours, Ours(), ready_over_http=_serves_http)
ECHO = Competitor("echo and raw call", _echo, Generated(("preview_order", "", ""), wrapped=True))
FASTMCP_GENERATED = Competitor(
    "FastMCP.from_openapi", _fastmcp, Generated(("previewOrder", "createOrder", "getOrder")), _install_fastmcp
)
OPENAPI_MCP_SERVER = Competitor(
    "openapi-mcp-server",
    _openapi_server,
    Generated(("preview-order", "crt-order", "get-order")),
    _install_openapi_server,
    _answers_elsewhere,
)
VERSIONS = (
    f"FastMCP.from_openapi is fastmcp {FASTMCP}; openapi-mcp-server is @ivotoby/openapi-mcp-server {OPENAPI_SERVER}"
)


def available(wanted: list[Competitor], *, http: bool = False) -> tuple[list[Competitor], list[str]]:
    """Those of `wanted` that can be measured here, and a line for each of the others."""
    found: list[Competitor] = []
    left_out: list[str] = []
    for competitor in wanted:
        try:
            competitor.ready()
            if http:
                competitor.ready_over_http()
        except NotAvailable as reason:
            left_out.append(f"{competitor.name}{' over HTTP' if http else ''}: {reason}")
        else:
            found.append(competitor)
    return found, left_out
