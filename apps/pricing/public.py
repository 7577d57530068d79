"""What other modules may use of prices."""

from apps.pricing.selectors import PriceInfo, has_price, prices_for
from apps.pricing.services import NewPrice, ProductHasNoPrice, replace_prices, set_prices

__all__ = ["NewPrice", "PriceInfo", "ProductHasNoPrice", "has_price", "prices_for", "replace_prices", "set_prices"]
