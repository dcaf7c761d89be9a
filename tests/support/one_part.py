"""One part of a purchase, for tests of how it travels."""

from orders_tools.purchase.model import Address, Line, Part, PreviewAnswer

ADDRESS = Address(full_name="张三", mobile="15251667788", province="浙江省", city="杭州市", street="网商路699号")
LINES = (Line(offer_id="889512351602", quantity=2),)
PART = Part(
    part_ref="PO1",
    seller_open_id=None,
    lines=LINES,
    answer=PreviewAnswer(generation="2025", orders=()),
    flow=None,
    trade_type=None,
    note="note",
)
