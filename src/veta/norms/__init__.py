"""What the law says on a date, as data: `norms().value(id, on)` and the `catalogue()` of minerals."""

from veta.norms.dated import Dated
from veta.norms.lookup import NormNotInForce, Norms, norms

__all__ = ["Dated", "NormNotInForce", "Norms", "norms"]
