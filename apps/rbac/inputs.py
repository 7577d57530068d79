"""What the roles module accepts."""

from rest_framework import serializers

from apps.accounts.public import MAX_PASSWORD
from rustok.kernel.inputs import Input, LocaleField, TextField

__all__ = ["AcceptInvitationInput", "InvitationInput"]


class InvitationInput(Input):
    """Whom to invite, and as what."""

    email = serializers.EmailField(max_length=254)
    name = TextField(max_length=150, required=False, allow_blank=True)
    locale = LocaleField(required=False)
    roles = serializers.ListField(child=TextField(max_length=64), max_length=20, required=False)


class AcceptInvitationInput(Input):
    """The secret of the link, and what the invited person chooses."""

    token = TextField(max_length=1_000)
    name = TextField(max_length=150, required=False, allow_blank=True)
    password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)
