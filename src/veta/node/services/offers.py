"""What an offer's seller stated and only the hub tells: kept, so that the books of who confirms it have it."""

from uuid import UUID

from veta.node.domain.lots import LONGEST
from veta.node.models import OfferPrice


def keep_price(sale: UUID, price: str | None) -> None:
    """Keep the price of a sale that was offered, once; none where its seller stated none."""
    if price and len(price) <= LONGEST:
        OfferPrice.objects.get_or_create(pk=sale, defaults={"price_cop": price})
