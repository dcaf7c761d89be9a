"""The paths of the approval page for a purchase's reference."""

ROOT = "/approvals"
RESERVED = frozenset({"pair", "passkey", "picture", "sign-out", "static", "whoami"})
"""Names below it that are no references."""
_MARK = "~"


def is_page(path: str) -> bool:
    """Whether a path is one of the approval page."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def path_of(purchase_ref: str) -> str:
    """The path of the page for a reference."""
    return f"{ROOT}/{_part(purchase_ref)}"


def picture_path(purchase_ref: str, number: int) -> str:
    """The path of the picture of a purchase's product card."""
    return f"{ROOT}/picture/{_part(purchase_ref)}/{number}"


def reference_in(path_part: str) -> str:
    """The reference that is meant by the part of such a path."""
    return path_part.removeprefix(_MARK)


def _part(purchase_ref: str) -> str:
    return f"{_MARK if purchase_ref in RESERVED else ''}{purchase_ref}"
