"""What the sandbox's catalogue says of an offer, changed by a test while it runs."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from orders_sandbox import products
from orders_sandbox.fields import Fields
from orders_sandbox.replies import Data, Reply
from orders_sandbox.switches import Switches
from support.house import offer_id

Changes = dict[str, Any]
"""By an offer's name: fields in place of its own, or anything else in place of the whole answer."""


@contextmanager
def telling(**changes: Any) -> Generator[Changes]:
    """The catalogue with `changes`, which may go on changing while the block runs."""
    told: Changes = {name.replace("_", "-"): change for name, change in changes.items()}

    def answered(body: Fields, pictures: str, switches: Switches) -> Reply:
        reply = products.offer_detail(body, pictures, switches)
        asked = body.identifier("offerId")
        for name, change in told.items():
            if asked != offer_id(name):
                continue
            if isinstance(change, dict) and isinstance(reply, Data) and isinstance(reply.value, dict):
                return Data({**cast("dict[str, Any]", reply.value), **cast("dict[str, Any]", change)})
            return Data(cast("Any", change))
        return reply

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orders_sandbox.app.offer_detail", answered)
        yield told
