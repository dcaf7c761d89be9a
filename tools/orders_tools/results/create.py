"""What `create_order` answers. Ids are text; money is CNY text with two digits."""

from datetime import datetime

from pydantic import BaseModel, Field

from orders_tools.results.preview import PreviewResult
from orders_tools.results.shared import Issue, MaybeYuan, Words
from orders_tools.vocabulary import OrderStatus, OutcomeName


class OrderMade(BaseModel):
    order_id: str
    payable: MaybeYuan
    carriage: MaybeYuan
    status: OrderStatus | None
    pay_by: datetime | None


class LineRefused(BaseModel):
    offer_id: str | None
    spec_id: str | None
    code: str | None
    reason: Words
    remedy: Words | None


class ApprovalGiven(BaseModel):
    channel: str
    at: datetime
    by: str | None


class WayToApprove(BaseModel):
    channel: str
    command: str | None
    url: str | None


class CreateResult(BaseModel):
    outcome: OutcomeName
    orders: list[OrderMade]
    failed_lines: list[LineRefused]
    purchase_ref: str
    replayed: bool
    approval: ApprovalGiven | None = None
    fresh_preview: PreviewResult | None = None
    ways_to_approve: list[WayToApprove] = Field(
        description="for awaiting_approval and a no in a dialog: where a person can say yes, the strongest way last"
    )
    issues: list[Issue] = Field(description="how what was made differs from what was approved")
    next_step: str
    sandbox: bool
    summary: str
