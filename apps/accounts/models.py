"""Users and sessions of one tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rustok.kernel.models import Entity, EntityQuerySet, LocaleField

__all__ = ["EmailChange", "ResetRequest", "Session", "User", "normalize_email"]


def normalize_email(email: str) -> str:
    """Answer the address as it is compared: trimmed, lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager.from_queryset(EntityQuerySet)):  # type: ignore[misc]
    """Finds users by address."""

    def get_by_natural_key(self, email: str | None) -> User:
        """Find the user of an address, however it is written."""
        return self.get(email=normalize_email(email or ""))  # type: ignore[no-any-return]

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        """Create a user who may do everything in this tenant (`manage.py createsuperuser`)."""
        extra.setdefault("email_verified_at", timezone.now())
        user: User = self.model(email=normalize_email(email), is_staff=True, is_superuser=True, **extra)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin, Entity):
    """Somebody who can log in to one tenant."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    locale = LocaleField(_("language"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    #: When whoever has the account showed that the address is theirs.
    email_verified_at = models.DateTimeField(_("e-mail confirmed"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("email",)
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_email_is_lower_case"),
        ]

    def clean(self) -> None:
        """Normalise the address."""
        self.email = normalize_email(self.email)

    def get_full_name(self) -> str:
        """Answer what to call the user."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Answer the first word of the name."""
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class Session(Entity):
    """One login over the API: a chain of refresh tokens of which only the newest is good."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_sessions")
    token_id = models.UUIDField(unique=True)
    device = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-used_at",)
        indexes = [models.Index(fields=["user", "-used_at"], name="accounts_session_list")]


class EmailChange(Entity):
    """A user wants another address: good once the new one is confirmed, and taken back by a link to the old one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    #: Whether the old address was the user's: only then may a link to it take the change back.
    old_is_verified = models.BooleanField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    #: When it was taken back, or another took its place.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = [models.Index(fields=["user", "-created_at"], name="accounts_email_change_list")]


class ResetRequest(Entity):
    """Somebody wants a new password for an address, which may be nobody's; kept for a day, to count them."""

    email = models.EmailField(max_length=254)

    class Meta:
        ordering = ("created_at",)
        indexes = [models.Index(fields=["email", "created_at"], name="accounts_reset_request_list")]
