"""What the tests of the edges share."""

from tests.admin.conftest import browser, operator

__all__ = ["browser", "operator"]
