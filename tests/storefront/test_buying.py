"""From a product to an order, as plain forms send it."""

import pytest
from django.conf import settings
from django.test import Client

from apps.order.models import Order
from tests.cart.factories import make_variant
from tests.storefront.factories import ADDRESS


def text(answer):
    return answer.content.decode()


def add(reader, **said):
    return reader.post("/cart/", {"action": "add", "handle": "jacket", "quantity": "1", **said})


def check_out(reader, method, **said):
    add(reader)
    reader.post("/checkout/", {"action": "details", **ADDRESS, **said})
    return reader.post("/checkout/", {"action": "delivery", "shipping_method_id": str(method)})


def pay(reader, payment="test:tok_ok", key="key-1"):
    return reader.post("/checkout/", {"action": "pay", "payment": payment, "key": key})


def test_the_chosen_options_lie_in_the_cart(reader, jacket):
    answer = add(reader, **{"option.Colour": "Red"})
    assert answer.url == "/cart/"
    html = text(reader.get("/cart/"))
    assert "Red" in html
    assert "$100.00" in html


def test_the_cart_is_kept_where_no_script_reads_it(reader, jacket):
    add(reader)
    cookie = reader.cookies["cart"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) is settings.HTTPS
    assert len(cookie.value) >= 32


def test_the_drawer_answers_htmx_with_the_cart_and_its_count(reader, jacket):
    answer = reader.post("/cart/", {"action": "add", "handle": "jacket", "quantity": "2"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200
    assert "<html" not in text(answer)
    assert 'hx-swap-oob="true"' in text(answer)
    assert '<span class="bubble">2</span>' in text(answer)


def test_quantities_change_and_lines_go(reader, jacket):
    add(reader)
    line = reader.get("/cart/").context["cart"]["lines"][0]["id"]
    reader.post("/cart/", {"action": "update", "line_id": line, "quantity": "3"})
    assert reader.get("/cart/").context["cart"]["lines"][0]["quantity"] == 3
    reader.post("/cart/", {"action": "remove", "line_id": line})
    assert "Your cart is empty" in text(reader.get("/cart/"))


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1000000000", "many", ""])
def test_a_nonsense_quantity_is_refused_in_words(reader, jacket, quantity):
    add(reader, quantity=quantity)
    html = text(reader.get("/cart/"))
    assert 'class="note error"' in html
    assert "Your cart is empty" in html


def test_what_is_not_for_sale_is_refused_in_words(reader, jacket):
    reader.post("/cart/", {"action": "add", "variant_id": "0190b6a0-0000-7000-8000-000000000000"})
    assert "This is no longer for sale." in text(reader.get("/cart/"))


@pytest.mark.parametrize("line", ["", "x", "0190b6a0-0000-7000-8000-000000000000"])
def test_a_line_that_is_not_there_is_no_defect(reader, jacket, line):
    add(reader)
    answer = reader.post("/cart/", {"action": "remove", "line_id": line}, follow=True)
    assert answer.status_code == 200
    assert len(reader.get("/cart/").context["cart"]["lines"]) == 1


def test_another_readers_token_opens_nothing_without_being_known(reader, jacket):
    reader.cookies["cart"] = "guessed"
    assert "Your cart is empty" in text(reader.get("/cart/"))
    add(reader)
    assert reader.cookies["cart"].value != "guessed"


def test_a_choice_without_javascript_leads_back_to_the_product(reader, jacket):
    answer = reader.post("/cart/", {"action": "choose", "handle": "jacket", "option.Colour": "Red"})
    assert answer.url == "/products/jacket/?option.Colour=Red#buy"


def test_another_currency_takes_the_cart_along(reader, jacket):
    add(reader)
    reader.post("/preferences/", {"currency": "EUR"})
    assert "€80.00" in text(reader.get("/cart/"))


def test_a_cart_stays_when_something_has_no_price_in_the_other_currency(reader, jacket):
    add(reader, **{"option.Colour": "Red"})
    reader.post("/preferences/", {"currency": "EUR"})
    html = text(reader.get("/cart/"))
    assert "Something in your cart has no price in EUR." in html
    assert "$100.00" in html


def test_checkout_goes_step_by_step_to_an_order(reader, jacket, method):
    add(reader)
    assert 'name="last_name"' in text(reader.get("/checkout/"))
    reader.post("/checkout/", {"action": "details", **ADDRESS})
    assert "Standard" in text(reader.get("/checkout/"))
    reader.post("/checkout/", {"action": "delivery", "shipping_method_id": str(method)})
    assert "tok_ok" in text(reader.get("/checkout/"))
    answer = pay(reader)
    order = Order.objects.get()
    assert answer.url == f"/orders/{order.token}/?thanks"
    assert order.total == 9500
    html = text(reader.get(answer.url))
    assert "Thank you!" in html
    assert "$95.00" in html
    assert "Your cart is empty" in text(reader.get("/cart/"))


def test_the_second_press_of_the_button_finds_the_same_order(reader, jacket, method):
    check_out(reader, method)
    token = reader.cookies["cart"].value
    first = pay(reader)
    reader.cookies["cart"] = token
    assert pay(reader).url == first.url
    assert Order.objects.count() == 1


def test_a_declined_card_keeps_the_cart(reader, jacket, method):
    check_out(reader, method)
    answer = pay(reader, "test:tok_declined")
    assert answer.status_code == 409
    assert "The payment was declined." in text(answer)
    assert pay(reader, key="key-2").status_code == 302


@pytest.mark.parametrize("payment", ["", "stripe:tok_x", "test:nonsense", "paypal"])
def test_a_way_to_pay_that_is_not_offered_is_refused_in_words(reader, jacket, method, payment):
    check_out(reader, method)
    answer = pay(reader, payment)
    assert answer.status_code == 400
    assert 'role="alert"' in text(answer)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("email", "nonsense"), ("email", ""), ("last_name", ""), ("city", " "), ("country", "XX")]
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(reader, jacket, method, field, value):
    add(reader)
    answer = reader.post("/checkout/", {"action": "details", **ADDRESS, field: value})
    assert answer.status_code == 400
    html = text(answer)
    assert f'id="field-{field}-error"' in html
    assert 'value="1 Main St"' in html


def test_an_address_without_delivery_says_so(reader, jacket, method):
    add(reader)
    reader.post("/checkout/", {"action": "details", **ADDRESS, "country": "JP"})
    assert "We do not deliver to this address." in text(reader.get("/checkout/"))


def test_a_step_cannot_be_skipped(reader, jacket, method):
    add(reader)
    assert 'name="last_name"' in text(reader.get("/checkout/?step=payment"))
    answer = pay(reader)
    assert answer.status_code == 400
    assert not Order.objects.exists()


def test_what_is_not_sent_needs_no_delivery(reader, acme):
    variant = make_variant("guide", shipped=False)
    reader.post("/cart/", {"action": "add", "variant_id": str(variant), "quantity": "1"})
    reader.post("/checkout/", {"action": "details", **ADDRESS})
    html = text(reader.get("/checkout/"))
    assert "tok_ok" in html
    assert "step-delivery" not in html
    assert pay(reader).status_code == 302


def test_checkout_of_nothing_leads_to_the_cart(reader, acme):
    assert reader.get("/checkout/").url == "/cart/"
    assert pay(reader).url == "/cart/"


@pytest.mark.parametrize("token", ["x", "0" * 40, "a/b"])
def test_an_order_is_for_whoever_holds_its_address(reader, acme, token):
    assert reader.get(f"/orders/{token}/").status_code == 404


def test_forms_of_other_sites_change_nothing(acme, jacket):
    strict = Client(HTTP_HOST="acme.localhost", enforce_csrf_checks=True)
    assert strict.post("/cart/", {"action": "add", "handle": "jacket"}).status_code == 403
    assert "cart" not in strict.cookies


def test_a_cart_of_one_tenant_is_nothing_in_another(reader, jacket, globex):
    add(reader)
    stranger = Client(HTTP_HOST="globex.localhost")
    stranger.cookies["cart"] = reader.cookies["cart"].value
    assert "Your cart is empty" in text(stranger.get("/cart/"))
