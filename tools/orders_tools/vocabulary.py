"""Words that stored records and published results share. The value of a member is what is stored and published."""

from enum import StrEnum
from typing import Literal

from typing_extensions import TypeAliasType


class Channel(StrEnum):
    """Where a yes can come from, the weakest first; see `consent.channels` for which one is enough."""

    HOST = "host"
    DIALOG = "dialog"
    TERMINAL = "terminal"
    PAGE = "page"
    PASSKEY = "passkey"


Severity = Literal["blocks", "warns", "notes"]
OrderStatus = Literal[
    "awaiting_payment", "awaiting_shipment", "shipped", "received", "completed", "cancelled", "refunding", "other"
]
ParcelStatus = Literal[
    "awaiting_pickup",
    "picked_up",
    "pickup_failed",
    "shipped",
    "in_transit",
    "delivered",
    "delivery_failed",
    "cancelled",
    "other",
]
Shipment = Literal["unshipped", "partly_shipped", "shipped", "received", "returned"]
CloseCode = Literal[
    "cancelled_by_buyer",
    "not_paid_in_time",
    "seller_lacks_goods",
    "closed_by_seller",
    "closed_by_system",
    "closed_by_platform",
    "closed_by_credit",
    "other",
]
CutShort = Literal["history_unread", "pages_repeat", "not_newest_first", "page_too_large"]
UnreadPart = TypeAliasType(
    "UnreadPart",
    Literal[
        "status",
        "payable",
        "amounts",
        "reference",
        "times",
        "closing",
        "refund",
        "consignee",
        "lines",
        "line_details",
        "parcels",
        "details",
    ],
)
OutcomeName = Literal[
    "placed", "partly_placed", "rejected", "unknown", "price_changed", "awaiting_approval", "declined"
]


class IssueCode(StrEnum):
    """What a finding is about. Each code has its sentence in `issue.j2` and its remedy in `remedy.j2`.

    A code stored by another version is kept as text without a name here, so that every record stays readable.
    """

    # What stands against an order, or is worth knowing of it.
    NO_CROSS_BORDER_PAY = "NO_CROSS_BORDER_PAY"
    CARRIAGE_BY_DESCRIPTION = "CARRIAGE_BY_DESCRIPTION"
    CARRIAGE_NOT_QUALIFIED = "CARRIAGE_NOT_QUALIFIED"
    CONSIGNMENT = "CONSIGNMENT"
    NO_ORDER_MODE = "NO_ORDER_MODE"
    TRADE_TYPE_NOT_ALLOWED = "TRADE_TYPE_NOT_ALLOWED"
    CREDIT_MAY_BE_CHARGED = "CREDIT_MAY_BE_CHARGED"
    SUMS_DISAGREE = "SUMS_DISAGREE"
    UNASKED_LINE = "UNASKED_LINE"
    MISSING_LINE = "MISSING_LINE"
    LINE_TWICE = "LINE_TWICE"
    SPLIT = "SPLIT"
    UPSTREAM_NOTE = "UPSTREAM_NOTE"
    DISTRICT_UNKNOWN = "DISTRICT_UNKNOWN"
    DISTRICT_UNCONFIRMED = "DISTRICT_UNCONFIRMED"
    # What the catalogue says of an offer; it warns or is noted.
    PRODUCT_UNKNOWN = "PRODUCT_UNKNOWN"
    SKU_NOT_IN_OFFER = "SKU_NOT_IN_OFFER"
    OFF_SALE = "OFF_SALE"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    NOT_A_LOT = "NOT_A_LOT"
    OVER_STOCK = "OVER_STOCK"
    OTHER_SELLER = "OTHER_SELLER"
    SELLERS_DIFFER = "SELLERS_DIFFER"
    CUT_BY_SELLER = "CUT_BY_SELLER"
    # What 1688 means when it refuses.
    NOT_SELLABLE = "NOT_SELLABLE"
    MINIMUM_QUANTITY = "MINIMUM_QUANTITY"
    MAXIMUM_QUANTITY = "MAXIMUM_QUANTITY"
    SHORT_STOCK = "SHORT_STOCK"
    LOT_MULTIPLE = "LOT_MULTIPLE"
    MIXED_BATCH = "MIXED_BATCH"
    NO_MIXED_BATCHES = "NO_MIXED_BATCHES"
    REPEATED_LINE = "REPEATED_LINE"
    CREDIT_TOO_SMALL = "CREDIT_TOO_SMALL"
    TRADE_TYPE_REFUSED = "TRADE_TYPE_REFUSED"
    SPLIT_CHANGED = "SPLIT_CHANGED"
    BUSY = "BUSY"
    SKU_MISMATCH = "SKU_MISMATCH"
    NO_CONSIGNMENT_RELATION = "NO_CONSIGNMENT_RELATION"
    ZERO_PRICE = "ZERO_PRICE"
    NOT_ADMITTED = "NOT_ADMITTED"
    UPSTREAM_REFUSES = "UPSTREAM_REFUSES"
    # What the ledger knows of other purchases, and of itself.
    POSSIBLE_DUPLICATE = "POSSIBLE_DUPLICATE"
    ALIKE_IN_DOUBT = "ALIKE_IN_DOUBT"
    BOUGHT_MEANWHILE = "BOUGHT_MEANWHILE"
    BOUGHT_RECENTLY = "BOUGHT_RECENTLY"
    NO_LOOK_BEFORE_SENDING = "NO_LOOK_BEFORE_SENDING"
    LEDGER_OLDER = "LEDGER_OLDER"
    LEDGER_REPLACED = "LEDGER_REPLACED"
    # What became of a create call.
    CHARGED_DIFFERENTLY = "CHARGED_DIFFERENTLY"
    LINES_DIFFER = "LINES_DIFFER"
    MORE_ORDERS = "MORE_ORDERS"
    ORDER_NOT_FOUND_YET = "ORDER_NOT_FOUND_YET"
    ORDER_UNREAD = "ORDER_UNREAD"
    ORDER_NOT_COMPARED = "ORDER_NOT_COMPARED"
    ORDER_OLDER = "ORDER_OLDER"
    ORDER_NAMED = "ORDER_NAMED"
    RELEASED = "RELEASED"
    NOT_SENT = "NOT_SENT"
    NOT_SENT_IN_TIME = "NOT_SENT_IN_TIME"

    @classmethod
    def _missing_(cls, value: object) -> "IssueCode | None":
        if not isinstance(value, str):
            return None
        stored = str.__new__(cls, value)
        stored._name_ = stored._value_ = value
        return stored


class EvidenceName(StrEnum):
    """What proves an outcome. For an answer that proves nothing, what was wrong with it is recorded instead."""

    ORDER_ID = "order_id"
    ORDER_ID_AND_FAILED_LINES = "order_id_and_failed_lines"
    ORDER_IDS_IN_DOUBT = "order_ids_in_doubt"
    ORDER_OF_BEFORE_THE_SEND = "order_of_before_the_send"
    ORDER_OF_ANOTHER_PURCHASE = "order_of_another_purchase"
    REFUSED_AND_FOUND = "refused_and_found"
    DOCUMENTED_REFUSAL = "documented_refusal"
    OPERATORS_REFUSAL = "operators_refusal"
    NEVER_CONNECTED = "never_connected"
    NEVER_DISPATCHED = "never_dispatched"
    FOUND_BY_READING = "found_by_reading"
    NO_ANSWER_IN_TIME = "no_answer_in_time"
    NO_PROOF = "no_proof"
    OWN_FAULT = "own_fault"
    ACCEPTED_BY_A_PERSON = "accepted_by_a_person"
    RELEASED_BY_A_PERSON = "released_by_a_person"


class Unavailability(StrEnum):
    """Why the ordering API gave no usable answer. English texts add detail, Chinese texts use this alone."""

    BUSY = "busy"
    CLOCK = "clock"
    NO_ANSWER = "no_answer"
    NO_CONNECTION = "no_connection"
    NO_RESULT = "no_result"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


class WhyUnknown(StrEnum):
    """Why the catalogue told nothing of an offer. A purchase goes on without it."""

    OFF = "off"
    """The look-up is turned off."""
    LATE = "late"
    """No whole answer came in time."""
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    OTHER_OFFER = "other_offer"
    """The answer was about another offer."""
    UNREADABLE = "unreadable"
