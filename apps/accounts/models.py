"""Users and sessions of one tenant."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Bool, Date, Text
from rustok.kernel.audit import Audited
from rustok.kernel.ids import new_id
from rustok.kernel.models import LocaleField, ProtectedEntity, ProtectedQuerySet
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "ApiKey", "BrowserSession", "EmailChange", "RecoveryCode", "ResetRequest", "SecondFactor", "Session", "User",
    "normalize_email",
]  # fmt: skip


def normalize_email(email: str) -> str:
    """Answer the address as it is compared: trimmed, lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager.from_queryset(ProtectedQuerySet)):  # type: ignore[misc]
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


class User(AbstractBaseUser, PermissionsMixin, ProtectedEntity):
    """Somebody who can log in to one tenant."""

    policy_resources = (
        "users",
        "customers",
    )
    policy_attributes = {
        "email": Text("email"),
        "locale": Text("locale"),
        "is_staff": Bool("is_staff"),
        "is_active": Bool("is_active"),
        "since": Date("created_at"),
    }

    audited = Audited(hidden=("password",), ignored=("last_login",), personal=("email", "name"))

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    locale = LocaleField(_("language"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    #: Whether a code is asked for after the password; `SecondFactor` has the rest. Written with it, in one place.
    has_second_factor = models.BooleanField(_("second step"), default=False, editable=False)
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

    @property
    def second_factor_missing(self) -> bool:
        """Tell whether the tenant wants its staff to have a second factor, and this one has none."""
        return self.is_staff and not self.has_second_factor and current_tenant().staff_second_factor

    def get_full_name(self) -> str:
        """Answer what to call the user."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Answer the first word of the name."""
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class Session(ProtectedEntity):
    """One login over the API: a chain of refresh tokens of which only the newest is good."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_sessions")
    token_id = models.UUIDField(unique=True)
    device = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True, default="")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-used_at",)
        indexes = [models.Index(fields=["user", "-used_at"], name="accounts_session_list")]


class EmailChange(ProtectedEntity):
    """A user wants another address: good once the new one is confirmed, and taken back by a link to the old one."""

    audited = Audited(personal=("old_email", "new_email"), part_of="user")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    #: Whether the old address was the user's: only then may a link to it take the change back.
    old_is_verified = models.BooleanField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    #: When it was taken back.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = [models.Index(fields=["user", "-created_at"], name="accounts_email_change_list")]


class ResetRequest(ProtectedEntity):
    """Somebody wants a new password for an address, which may be nobody's; kept for a day, to count them."""

    email = models.EmailField(max_length=254)

    class Meta:
        ordering = ("created_at",)
        indexes = [models.Index(fields=["email", "created_at"], name="accounts_reset_request_list")]


class BrowserSession(AbstractBaseSession):
    """One browser's session; while nobody is logged in it has no user, and no list shows it."""

    session_key = models.CharField(max_length=64, primary_key=True)
    #: What lists and addresses call it; the key itself is never shown.
    id = models.UUIDField(default=new_id, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="browser_sessions")
    #: Whether it ends as sessions of staff do.
    is_staff = models.BooleanField(default=False)
    device = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    #: When somebody logged in, or the browser first came; a new key does not make it younger.
    started_at = models.DateTimeField()
    used_at = models.DateTimeField()

    class Meta:
        ordering = ("-used_at",)
        indexes = [models.Index(fields=["user", "-used_at"], name="accounts_browser_sessions")]


class SecondFactor(ProtectedEntity):
    """What makes a user's codes: an authenticator app has the same secret."""

    audited = Audited(hidden=("secret",), ignored=("last_step",), part_of="user")

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    #: Encrypted.
    secret = models.CharField(max_length=400)
    #: When a first code showed that the app has it; until then it is not asked for.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    #: The time step of the newest code that was used: neither it nor an older one is good again.
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(ProtectedEntity):
    """A code on paper, for when the app is lost; good once."""

    audited = Audited(hidden=("digest",), part_of="user", inserts="none")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_recovery_code_once")]


class ApiKey(ProtectedEntity):
    """A key with which a program acts as a user, within the key's own permissions."""

    audited = Audited(hidden=("digest",), ignored=("last_used_at", "last_used_from"), part_of="user")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("acts as"))
    name = models.CharField(_("name"), max_length=120)
    #: The part of the key that is no secret: it finds the row, and people know the key by it.
    prefix = models.CharField(_("begins with"), max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    permissions = ArrayField(models.CharField(max_length=64), verbose_name=_("may"), size=400)
    #: Empty: never.
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_from = models.CharField(max_length=45, blank=True, default="")
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} (rk_{self.prefix}…)"
