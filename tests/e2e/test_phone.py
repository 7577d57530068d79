"""The shop on a phone, in the dark."""

import pytest


@pytest.mark.parametrize("tenant", ["acme", "globex"])
def test_a_product_fits_a_phone_in_the_dark(visit, shot, tenant):
    page = visit(tenant, "/", width=390, height=844, dark=True)
    page.locator("main a[href*='/products/']").first.click()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Add to cart").scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, 0)")
    if tenant == "acme":
        shot(page, "product-phone-dark")
