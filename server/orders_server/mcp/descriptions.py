"""What a model reads about each tool. As data, because docstrings are not there under PYTHONOPTIMIZE=2."""

DESCRIPTIONS = {
    "preview_order": (
        "Price a basket of 1688 offers for one consignee, without ordering anything.\n\n"
        "Gives the payable total, carriage and whether it is final, what blocks the order and how to mend it, and a\n"
        "preview_token that stands for exactly this. Show the person the summary before create_order. Do not preview\n"
        "the same goods again while the outcome of a create_order is unknown: call create_order again with its token."
    ),
    "create_order": (
        "Order exactly what a preview_token stands for, once, for the total that the person agreed to.\n\n"
        "First show the person the preview's summary. Then this server asks for the yes: in this client's dialog, or\n"
        "in a terminal where it shows none; the result says which. Calling again with the same token is safe:\n"
        "it never orders twice and gives the stored outcome, freshly looked up while it is unknown. Meanwhile, do not\n"
        "preview or order the same goods in another way."
    ),
    "find_offers": (
        "Search 1688's catalogue by keywords, best in Chinese. Read only. Its prices are the catalogue's: the preview\n"
        "decides what is paid."
    ),
    "get_offer": (
        "Look at one 1688 offer: seller, minimum, stock, and its SKUs, each with the spec_id that preview_order\n"
        "needs. Read only. With `matching`, the SKUs that hold these words come first."
    ),
    "list_orders": "List orders on 1688, newest first, a page at a time; it says whether there are more.",
    "get_order": (
        "Show one order whole: status, money, lines, parcels, until when to pay. By order_id or by purchase_ref."
    ),
}
