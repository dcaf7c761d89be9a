"""What one purchase demands of its approval, and which ways of giving it are open."""

from dataclasses import dataclass

from orders_tools.consent.channels import Demands, is_enough, is_stronger, strongest
from orders_tools.ports import Purchasing
from orders_tools.purchase.records import Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.vocabulary import Channel


@dataclass(frozen=True)
class Way:
    """A way to say yes: a command for a terminal or a link to the approval page."""

    channel: Channel
    command: str | None = None
    url: str | None = None


def demand_to_store(demands: Demands, payable: int | None) -> Channel | None:
    """What a preview keeps of the demand, so that no other process can lower it; None for a dialog or less."""
    demanded = demands.of(payable)
    return demanded if is_stronger(demanded, Channel.DIALOG) else None


def demanded(purchasing: Purchasing, purchase: Purchase) -> Channel:
    """The least channel that counts for the purchase: by the settings now and when it was previewed."""
    return strongest((purchasing.policy.approval.of(purchase.payable), purchase.demand or Channel.HOST))


def is_approved(purchasing: Purchasing, purchase: Purchase) -> bool:
    """Whether the purchase carries a yes that is enough."""
    given = purchase.approval if purchase.state is TokenState.APPROVED else None
    return given is not None and is_enough(given.channel, demanded(purchasing, purchase))


async def is_proved(purchasing: Purchasing, purchase: Purchase) -> bool:
    """Whether the yes is what it says: one of a passkey has to have been signed by it."""
    if purchase.approval is None or purchase.approval.channel != Channel.PASSKEY:
        return True
    return purchasing.proofs is not None and await purchasing.proofs.is_signed(purchase)


async def ways_to_approve(purchasing: Purchasing, purchase: Purchase) -> list[Way]:
    """The open ways that are enough for the purchase, the strongest last; the client's dialog is not among them."""
    needed = demanded(purchasing, purchase)
    ways: list[Way] = []
    if is_enough(Channel.TERMINAL, needed):
        command = f"{purchasing.program} approve {purchase.basket.purchase_ref}"
        # The person's terminal does not know the server's language.
        language = "" if purchasing.texts.language == "en" else f" --language {purchasing.texts.language}"
        ways.append(Way(Channel.TERMINAL, command=command + language))
    address = await purchasing.page.address(purchase) if purchasing.page else None
    if address:
        ways.append(Way(Channel.PAGE if is_enough(Channel.PAGE, needed) else Channel.PASSKEY, url=address))
    return ways


async def ways_for_preview(purchasing: Purchasing, purchase: Purchase) -> list[Way]:
    """The ways that the text of a preview names: none where it cannot be ordered, or where the client asks."""
    needed = demanded(purchasing, purchase)
    asks = needed is Channel.HOST or (needed is Channel.DIALOG and purchasing.shows_dialogs)
    return [] if asks or not purchase.orderable else await ways_to_approve(purchasing, purchase)
