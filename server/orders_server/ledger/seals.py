"""Keyed digests (HMAC) of previews and approvals, which nobody else can write into the ledger."""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from orders_server.ledger.stamps import stamp
from orders_server.ownership import is_trusted, others_write
from orders_tools.errors import StoreUnavailable
from orders_tools.purchase.records import Approval, Purchase

_BYTES = 32


class Seals:
    """Seals made with `key`, which is stored outside the ledger: the ledger alone is not enough to make one."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of_preview(self, purchase: Purchase) -> str:
        """The seal of a preview as it was shown: its token and the digest over everything else."""
        return self._seal("preview", purchase.token, purchase.digest)

    def of_approval(self, purchase: Purchase, approval: Approval) -> str:
        """The seal of a yes: its preview, its channel, its time, and the time at which its text was rendered."""
        shown = stamp(approval.shown_at) if approval.shown_at else ""
        given = (approval.channel, stamp(approval.at), shown)
        # A yes without a name is sealed as it always was. A name is digested, because it may hold a line break.
        who = (hashlib.sha256(approval.by.encode()).hexdigest(),) if approval.by else ()
        return self._seal("approval", purchase.token, purchase.digest, *given, *who)

    def of_row(self, kind: str, *fields: str | int | None) -> str:
        """The seal of another row, or a keyed digest of a secret: its kind and its fields, which may hold anything."""
        return self._seal("row", kind, json.dumps(fields))

    def _seal(self, *content: str) -> str:
        # No field holds a line break: each is an id, a digest, a time or a word of ours.
        return hmac.new(self._key, "\n".join(content).encode(), hashlib.sha256).hexdigest()


def is_same_seal(seal: str | None, expected: str) -> bool:
    """Whether a stored seal is the expected one, compared in constant time; a missing one is not."""
    return seal is not None and hmac.compare_digest(seal.encode(), expected.encode())


def read_key(path: Path) -> bytes:
    """The key in `path`; if missing, it is created for this user alone.

    Raises:
        StoreUnavailable: the file can be neither read nor created, contains something else, or others can write it.
    """
    try:
        if not path.exists():
            _make_key(path)
        _check_place(path)
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds no key"
        raise StoreUnavailable(f"the key {path}: {why}; XPORTCN_KEY_FILE names another place") from error
    if len(key) != _BYTES:
        raise StoreUnavailable(f"the key {path}: it holds no key; XPORTCN_KEY_FILE names another place")
    return key


def _check_place(path: Path) -> None:
    """Check that nobody else can replace the key, because that would allow making seals."""
    for place in (path, path.parent):
        info = place.stat()
        if not is_trusted(info) or others_write(info):
            raise StoreUnavailable(
                f"the key {path}: {place} can be written by other users; it has to be yours, with chmod go-w, "
                "or XPORTCN_KEY_FILE names another place"
            )


def _make_key(path: Path) -> None:
    """Create the key atomically: if two processes start at once, the first key is kept."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, written = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES))
        with suppress(FileExistsError):
            os.link(written, path)
    finally:
        os.unlink(written)
