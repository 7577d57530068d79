"""What other modules may use of tax."""

from apps.tax.selectors import Tax, tax_for
from apps.tax.services import set_tax_rate, set_tax_settings

__all__ = ["Tax", "set_tax_rate", "set_tax_settings", "tax_for"]
