"""The upstream of all competitors: the sandbox on a free port of this machine, with one difference from the product's.

Generated servers cannot sign, so every request is signed here, in front of the sandbox, whoever sent it: all pay the
same. It also sells an offer of fifty variants, so that one purchase can have fifty lines. Prints its base URL.
"""

import asyncio
import secrets

from starlette.types import ASGIApp, Receive, Scope, Send

from orders_sandbox import Offer, SandboxOptions, catalogue
from orders_server.xportcn.signature import signature

VARIANTS = Offer(
    "variants",
    610000000900,
    "基准测试杯",
    "Fifty variants, for purchases of many lines.",
    unit_price=2900,
    colours=tuple(f"色{number}" for number in range(1, 51)),
)
_sold_besides = catalogue.offer_of


def _offer_of(offer_id: int) -> Offer | None:
    return VARIANTS if offer_id == VARIANTS.offer_id else _sold_besides(offer_id)


class Signed:
    """Gives each request the headers that the sandbox asks for, in place of those that came."""

    def __init__(self, app: ASGIApp, options: SandboxOptions) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the signed request on."""
        headers = self._headers()
        kept = [(name, value) for name, value in scope["headers"] if name not in headers]
        await self._app({**scope, "headers": [*kept, *headers.items()]}, receive, send)

    def _headers(self) -> dict[bytes, bytes]:
        options, nonce = self._options, secrets.token_hex(16)
        timestamp = str(int(options.clock().timestamp() * 1000))
        named = {
            "access-key": options.access_key,
            "timestamp": timestamp,
            "nonce-str": nonce,
            "user-id": options.user_id,
            "signature": signature(options.access_key, timestamp, nonce, options.access_secret),
        }
        return {name.encode(): value.encode() for name, value in named.items()}


async def main() -> None:
    """Serve until the process is stopped."""
    # The rooms of the sandbox take `offer_of` when they are loaded, so the wider one has to stand there before.
    catalogue.offer_of = _offer_of
    from orders_sandbox import create_app, served

    options = SandboxOptions()
    app = create_app(options)
    app.add_middleware(Signed, options=options)
    async with served(app) as base_url:
        print(base_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
