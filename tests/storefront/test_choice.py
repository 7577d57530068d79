"""From the options in an address to a variant."""

from django.http import QueryDict

from apps.storefront.choice import choose_variant, option_choices, wanted_options

PRICE = {"amount": "19.00", "currency": "EUR"}


def variant(colour, size, *, available=True, price=PRICE):
    options = {"Colour": colour, "Size": size}
    return {"id": f"{colour}-{size}", "options": options, "available": available, "price": price}


SHIRT = {
    "options": [{"name": "Colour", "values": ["Red", "Blue"]}, {"name": "Size", "values": ["S", "M"]}],
    "variants": [
        variant("Red", "S", available=False),
        variant("Red", "M"),
        variant("Blue", "S"),
        variant("Blue", "M", available=False),
    ],
}


def test_options_are_read_from_their_own_keys_only():
    assert wanted_options(QueryDict("option.Colour=Red&q=x&option.Size=M")) == {"Colour": "Red", "Size": "M"}


def test_the_variant_of_all_wanted_options_wins_even_when_it_is_sold_out():
    assert choose_variant(SHIRT, {"Colour": "Red", "Size": "S"})["id"] == "Red-S"


def test_without_a_wish_the_first_available_variant_is_shown():
    assert choose_variant(SHIRT, {})["id"] == "Red-M"


def test_half_a_wish_leads_to_an_available_variant():
    assert choose_variant(SHIRT, {"Colour": "Blue"})["id"] == "Blue-S"


def test_an_unknown_option_changes_nothing():
    assert choose_variant(SHIRT, {"Colour": "Green", "Weight": "1 kg"})["id"] == "Red-M"


def test_a_product_without_variants_has_none_to_choose():
    assert choose_variant({"options": [], "variants": []}, {}) is None
    assert option_choices({"options": [], "variants": []}, None) == []


def test_values_that_lead_nowhere_are_marked():
    colour, size = option_choices(SHIRT, choose_variant(SHIRT, {"Colour": "Red", "Size": "M"}))
    assert [(one["value"], one["checked"], one["gone"]) for one in colour["values"]] == [
        ("Red", True, False),
        ("Blue", False, True),
    ]
    assert [(one["value"], one["checked"], one["gone"]) for one in size["values"]] == [
        ("S", False, True),
        ("M", True, False),
    ]
    assert (colour["chosen"], size["chosen"]) == ("Red", "M")
