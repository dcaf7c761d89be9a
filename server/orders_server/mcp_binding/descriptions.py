"""What a model reads about each tool. As data, because docstrings are not there under PYTHONOPTIMIZE=2."""

DESCRIPTIONS = {
    "preview_order": (
        "Price a basket of 1688 offers for one consignee, without ordering anything.\n\n"
        "Gives the payable total, carriage and whether it is final, what blocks the order and how to mend it, and a\n"
        "preview_token that stands for exactly this. Show the person the summary before create_order."
    ),
    "create_order": (
        "Order exactly what a preview_token stands for, once, after a person's yes.\n\n"
        "The person is asked in this client, or in a terminal where it cannot ask. Calling again with the same token\n"
        "is safe: it never orders twice and gives the stored outcome, freshly looked up while it is unknown."
    ),
    "list_orders": "List orders on 1688, newest first, a page at a time; it says whether there are more.",
    "get_order": (
        "Show one order whole: status, money, lines, parcels, until when to pay. By order_id or by purchase_ref."
    ),
}
