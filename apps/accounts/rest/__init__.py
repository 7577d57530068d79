"""REST: `/api/v1/auth/`, one file per subject."""

from apps.accounts.rest.passwords import ChangePasswordView
from apps.accounts.rest.people import MeView, RegisterView
from apps.accounts.rest.sessions import LoginView, LogoutView, RefreshView, SessionsView, SessionView

__all__ = [
    "ChangePasswordView", "LoginView", "LogoutView", "MeView", "RefreshView", "RegisterView", "SessionView",
    "SessionsView",
]  # fmt: skip
