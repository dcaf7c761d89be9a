"""Whether the ledger holds what a passkey signed for a yes, so that no row alone can say that one did."""

from sqlalchemy import Connection

from orders_server.ledger import passkeys as rows
from orders_server.ledger.people import find_person
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store
from orders_tools.purchase.records import Purchase


class StoredProofs:
    """The signatures in `store`. Every method may raise StoreUnavailable."""

    def __init__(self, store: Store, seals: Seals) -> None:
        self._store = store
        self._seals = seals

    async def is_signed(self, purchase: Purchase) -> bool:
        """Whether a passkey of the person who said yes signed exactly this purchase, and still counts."""
        return await self._store.reading(_is_signed, self._seals, purchase)


def _is_signed(connection: Connection, seals: Seals, purchase: Purchase) -> bool:
    from orders_server.consent.assertions import PasskeyFault  # only a passkey's yes needs the library
    from orders_server.consent.signatures import read_document, verify_document

    text = rows.find_signature(connection, purchase.token)
    if text is None or purchase.approval is None:
        return False
    try:
        document = read_document(text)
    except PasskeyFault:
        return False
    person = find_person(connection, seals, document.person)
    said = (document.digest, document.token, document.name)
    if person is None or said != (purchase.digest, purchase.token, purchase.approval.by):
        return False
    keys = {key.public_key for key in rows.passkeys_of(connection, seals, document.person)}
    return document.public_key in keys and verify_document(text) is None
