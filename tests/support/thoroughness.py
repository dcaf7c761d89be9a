"""How much is tried: of what takes long a share in every run, and all of it with THOROUGH=1 in the environment."""

import os

THOROUGH = os.environ.get("THOROUGH") == "1"


def at_least(usual: int, thorough: int) -> int:
    """How many examples of a property are tried."""
    return thorough if THOROUGH else usual
