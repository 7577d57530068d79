"""What the pricing module contributes to product documents, and when."""

from apps.index.public import register_part
from apps.pricing.selectors import index_part

register_part("pricing", index_part, events=["price.updated"])
