"""Django's login (admin, storefront) by the same check as the API's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.services import WrongCredentials, verify_credentials
from apps.accounts.services.known_devices import COOKIE
from rustok.kernel.edges.limits import limit

__all__ = ["EmailBackend"]


class EmailBackend(ModelBackend):
    """Logs in by e-mail address and password; who has a second factor cannot be logged in with that alone."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **extra: Any
    ) -> User | None:
        """Answer the user, or None.

        :raises TooManyRequests: if a form tried too often, as at the API
        :raises TooManyAttempts: if it is too early for another try
        """
        email = username or extra.get("email")
        if not email or not password:
            return None
        seen = ""
        if request is not None:
            limit(request, "login", who=email)
            seen = request.COOKIES.get(COOKIE, "")
        try:
            return verify_credentials(email=email, password=password, seen=seen)
        except WrongCredentials:
            return None

    def get_user(self, user_id: Any) -> User | None:
        """Answer whose session it is, if they may still log in."""
        user = User.objects.because("whose session it is").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
