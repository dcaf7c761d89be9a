"""What a message about a purchase says: a short text, and the same as data. The consignee is in neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from orders_prompts.inert import quoted
from orders_prompts.renderer import Texts
from orders_tools.consent.demand import Way
from orders_tools.purchase.model import Address
from orders_tools.purchase.records import Purchase
from orders_tools.results.builders import preview_facts, preview_for_reader
from orders_tools.results.redaction import Redactions, redactions_for
from orders_tools.vocabulary import Channel

Kind = Literal["waits", "approved", "declined", "expired"]
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Notice:
    """One message: a title and a text for people, and `facts` for another system."""

    kind: Kind
    title: str
    body: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class About:
    """What a message says beside the purchase: the ways to answer and who asked, or who answered and where."""

    ways: Sequence[Way] = ()
    client: str = ""
    channel: str = ""
    by: str = ""


@dataclass(frozen=True)
class Writer:
    """Writes messages in the operator's language. `account` is the one that buys."""

    texts: Texts
    account: str = ""
    consignees: Mapping[str, Address] = field(default_factory=dict[str, Address])

    def notice(self, kind: Kind, purchase: Purchase, about: About) -> Notice:
        """The message that a purchase waits, or what became of its question."""
        redactions = redactions_for(self.consignees, purchase.address, purchase.basket)
        shown = self._preview(purchase, redactions)
        asked = {"client": quoted(about.client, _LONGEST_NAME), "account": quoted(self.account, _LONGEST_NAME)}
        url = next((way.url for way in about.ways if way.url), None)
        command = next((way.command for way in about.ways if way.command), None)
        by = quoted(about.by, _LONGEST_NAME)
        text = self.texts.render(
            "notice", kind=kind, preview=shown, asked=asked, url=url, command=command, channel=about.channel, by=by
        )
        title, _, body = text.partition("\n")
        facts: dict[str, Any] = {
            "event": kind,
            "purchase_ref": purchase.basket.purchase_ref,
            "digest": purchase.digest,
            "text": text,
            "preview": {name: value for name, value in shown.items() if name not in {"preview_token", "summary"}},
        }
        if kind == "waits":
            facts |= {"asked_by": asked, "page_url": url, "decision_url": decision_url(about.ways)}
        else:
            facts |= {"channel": about.channel or None, "by": about.by or None}
        return Notice(kind, title, body.strip() or title, facts)

    def _preview(self, purchase: Purchase, redactions: Redactions) -> dict[str, Any]:
        """The preview as it was shown, without what may be the consignee's in the words of others."""
        shown = preview_for_reader(preview_facts(purchase, self.texts, redactions), purchase, self.texts, redactions)
        for line in (line for order in shown["orders"] for line in order["lines"]):
            line["label"] = redactions.redact_text(line["label"]) if line["label"] else line["label"]
        return shown


def decision_url(ways: Sequence[Way]) -> str | None:
    """Where another system can answer; None where there is no page, or where only a passkey is enough."""
    return next((f"{way.url}/decision" for way in ways if way.url and way.channel is Channel.PAGE), None)
