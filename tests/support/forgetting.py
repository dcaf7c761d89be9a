"""The statements that the ledger makes once and remembers."""

import sys


def forget_statements() -> None:
    """Let each test make them anew: a change of what makes them has to meet every test that uses them."""
    for name, module in list(sys.modules.items()):
        if name.startswith("orders_server.ledger"):
            for value in list(vars(module).values()):
                clear = getattr(value, "cache_clear", None)
                if clear is not None:
                    clear()
