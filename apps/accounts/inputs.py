"""What the accounts module accepts."""

from typing import Any

from rest_framework import serializers

from rustok.kernel.inputs import Input, LocaleField, TextField

__all__ = [
    "ChangeEmailInput", "ChangePasswordInput", "CodeInput", "ConfirmSecondFactorInput", "EmailInput", "LinkInput",
    "LoginCodeInput", "LoginInput", "MAX_PASSWORD", "OwnCodeInput", "RegisterInput", "ResetPasswordInput",
    "TokenInput",
]  # fmt: skip

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


class EmailInput(Input):
    """An address."""

    email = serializers.EmailField(max_length=254)


class LinkInput(Input):
    """The secret of a link that was mailed."""

    token = TextField(max_length=1_000)


class ResetPasswordInput(LinkInput):
    """The secret of a link that was mailed, and a new password."""

    new_password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)


class ChangeEmailInput(EmailInput):
    """The current password and a new address."""

    current_password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)


#: Longest code that anybody types, with spaces and hyphens.
MAX_CODE = 40


class CodeInput(Input):
    """A code of the authenticator app, or one of the recovery codes."""

    code = TextField(max_length=MAX_CODE, required=False)
    recovery_code = TextField(max_length=MAX_CODE, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of the two."""
        if len(attrs.keys() & {"code", "recovery_code"}) != 1:
            raise serializers.ValidationError({"code": "send code or recovery_code"}, code="required")
        return attrs


class LoginCodeInput(CodeInput):
    """The ticket that a password gave, and a code."""

    ticket = TextField(max_length=2_000)


class OwnCodeInput(CodeInput):
    """The current password and a code."""

    password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)


class ConfirmSecondFactorInput(Input):
    """The current password and a first code of the app."""

    password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)
    code = TextField(max_length=MAX_CODE)
