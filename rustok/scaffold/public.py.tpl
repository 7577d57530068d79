"""What other modules may use of the $module module."""

from apps.$module.services import create_$word

__all__ = ["create_$word"]
