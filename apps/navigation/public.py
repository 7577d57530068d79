"""What other modules may use of navigation."""

from apps.navigation.selectors import menu
from apps.navigation.services import set_menu

__all__ = ["menu", "set_menu"]
