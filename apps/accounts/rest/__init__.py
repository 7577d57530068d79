"""REST: `/api/v1/auth/`, one file per subject."""

from apps.accounts.rest.addresses import (
    ChangeEmailView,
    ConfirmEmailChangeView,
    ResendView,
    RevertEmailChangeView,
    VerifyEmailView,
)
from apps.accounts.rest.passwords import ChangePasswordView, ResetConfirmView, ResetView
from apps.accounts.rest.people import MeView, RegisterView
from apps.accounts.rest.second_factor import (
    ConfirmSecondFactorView,
    DisableSecondFactorView,
    RecoveryCodesView,
    SecondFactorView,
)
from apps.accounts.rest.sessions import (
    LoginCodeView,
    LoginView,
    LogoutView,
    RefreshView,
    SessionsView,
    SessionView,
)

__all__ = [
    "ChangeEmailView", "ChangePasswordView", "ConfirmEmailChangeView", "ConfirmSecondFactorView",
    "DisableSecondFactorView", "LoginCodeView", "LoginView", "LogoutView", "MeView", "RecoveryCodesView",
    "RefreshView", "RegisterView", "ResendView", "ResetConfirmView", "ResetView", "RevertEmailChangeView",
    "SecondFactorView", "SessionView", "SessionsView", "VerifyEmailView",
]  # fmt: skip
