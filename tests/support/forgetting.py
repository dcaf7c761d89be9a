"""What functions of the packages remember from one call to the next."""

import sys


def forget() -> None:
    """Empty it, so that a process that was forked from one which ran tests begins as a new one does."""
    for name, module in list(sys.modules.items()):
        if name.startswith("orders_"):
            for value in list(vars(module).values()):
                clear = getattr(value, "cache_clear", None)
                if clear is not None:
                    clear()
