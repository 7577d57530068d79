"""What the storefront's forms send; the rules are those of the modules, said once."""

from rest_framework import serializers

from apps.cart.public import AddressInput
from rustok.kernel.inputs import Input

__all__ = ["DetailsInput"]


class DetailsInput(Input):
    """Who buys and where it goes: without both there is no next step."""

    email = serializers.EmailField(max_length=254)
    shipping_address = AddressInput()
