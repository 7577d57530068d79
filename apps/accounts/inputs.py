"""What the accounts module accepts."""

from rest_framework import serializers

from rustok.kernel.inputs import Input, LocaleField, TextField

__all__ = ["ChangePasswordInput", "LoginInput", "RegisterInput", "TokenInput"]

#: Long enough for any passphrase, short enough for Argon2.
MAX_PASSWORD = 256


class RegisterInput(Input):
    """A new account."""

    email = serializers.EmailField(max_length=254)
    password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)
    name = TextField(max_length=150, required=False, allow_blank=True)
    locale = LocaleField(required=False)


class LoginInput(Input):
    """An address and a password."""

    email = TextField(max_length=254)
    password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)


class TokenInput(Input):
    """A refresh token."""

    refresh = TextField(max_length=4_000)


class ChangePasswordInput(Input):
    """The current password and a new one."""

    current_password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)
    new_password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)
