"""What the pricing module contributes to product documents, and when; what a product needs to go on sale."""

from apps.index.public import register_part
from apps.pricing.selectors import index_part
from apps.pricing.services import check_has_price
from apps.product.public import register_publish_check

register_part("pricing", index_part, events=["price.updated"])
register_publish_check(check_has_price)
