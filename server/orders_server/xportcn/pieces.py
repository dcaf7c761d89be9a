"""Reads a page of orders that is too large in smaller pages with the same orders."""

from collections.abc import Awaitable, Callable

from orders_tools.orders.model import OrderPage, OrderQuery, UnreadRow, UpstreamOrder
from orders_tools.ports import UpstreamRefused, UpstreamUnavailable

MOST_PIECES = 16
"""The most pieces that are requested for one page."""
MOST_TOO_LARGE = 8
"""The most pieces that may be too large; after that, reading stops."""


async def read_in_pieces(
    query: OrderQuery, ask: Callable[[OrderQuery], Awaitable[OrderPage]], whole: UpstreamUnavailable
) -> OrderPage:
    """The page of `query`, requested in halves because it is too large (`whole` is that fault). A single order that is
    too large is in `unread`.

    If a first page needs too many pieces, the result has the part that was read and is marked `partial`.

    Raises:
        UpstreamUnavailable, UpstreamRefused: nothing could be read, or not exactly the orders of this page.
    """
    reading = _PieceReader(query, ask)
    try:
        await reading.read()
    except (UpstreamUnavailable, UpstreamRefused):
        if not reading.has_begun:
            raise whole from None
    if not reading.has_begun or (reading.partial and query.page > 1):
        raise whole
    return OrderPage(
        orders=tuple(reading.orders), total=reading.total, unread=tuple(reading.unread), partial=reading.partial
    )


class _PieceReader:
    """Reads one page piece by piece. A piece is a smaller page: its size is a power of two, and its offset a multiple
    of it."""

    def __init__(self, query: OrderQuery, ask: Callable[[OrderQuery], Awaitable[OrderPage]]) -> None:
        self._query, self._ask = query, ask
        self._offset = (query.page - 1) * query.page_size
        self._end = self._offset + query.page_size
        self._largest = max(1, 2 ** ((query.page_size - 1).bit_length() - 1))
        self._after = ""
        self._too_large = 0
        self.orders: list[UpstreamOrder] = []
        self.unread: list[UnreadRow] = []
        self.total: int | None = None
        self.has_begun = False
        self.partial = True

    async def read(self) -> None:
        """Read to the end of the page or of the list, up to the maximum number of pieces."""
        size = self._size = self._aligned(self._largest)
        for _ in range(MOST_PIECES):
            self._size = size
            try:
                piece = await self._piece(size)
            except UpstreamUnavailable as error:
                self._too_large += 1
                if not error.too_large or self._too_large > MOST_TOO_LARGE:
                    raise
                if size > 1:
                    size //= 2
                    continue
                piece = OrderPage(orders=(), total=None, unread=(self._unread_row(),))
            self._add(piece)
            short = piece.rows < size
            if short or self._offset + size >= self._end:
                # A short piece is the end of the list, or the API's pages are smaller.
                self.partial = short and not await self._is_end(piece)
                return
            self._offset += size
            size = self._aligned(min(size * 2, self._largest))

    async def _piece(self, size: int) -> OrderPage:
        page = self._offset // size + 1
        return await self._ask(self._query.model_copy(update={"page": page, "page_size": size}))

    async def _is_end(self, piece: OrderPage) -> bool:
        """Whether no order follows: by the total, or because the next piece is empty."""
        if piece.rows == 0 or piece.total is not None:
            return piece.rows == 0 or (piece.total or 0) <= self._offset + piece.rows
        self._offset += self._size
        return (await self._piece(self._size)).rows == 0

    def _add(self, piece: OrderPage) -> None:
        self.has_begun = self.has_begun or bool(piece.orders) or not piece.rows
        room = self._end - self._offset
        self.orders += piece.orders[:room]
        self.unread += piece.unread
        self.total = piece.total if piece.total is not None else self.total
        self._after = self.orders[-1].order_id if self.orders else ""

    def _unread_row(self) -> UnreadRow:
        """A placeholder for an order too large to read, named by the order before it."""
        number = sum(row.mark.startswith(f"after {self._after}:") for row in self.unread) + 1
        return UnreadRow(mark=f"after {self._after}:{number}")

    def _aligned(self, size: int) -> int:
        """The largest piece size up to `size` that can begin at the current offset."""
        while self._offset % size:
            size //= 2
        return size
