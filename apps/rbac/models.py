"""Roles of one tenant and who has them, its policies, and what it says of people for them."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, LocaleField, ProtectedEntity

__all__ = [
    "MAX_CONDITION",
    "Invitation",
    "Policy",
    "Role",
    "RoleAssignment",
    "RolePermission",
    "SubjectAttribute",
    "Team",
]

#: Characters of a policy's condition.
MAX_CONDITION = 1_000


class Role(ProtectedEntity):
    """A named set of permissions."""

    audited = Audited()

    decides_access = True

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_built_in = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """Answer the name; of the platform's roles, in the reader's language."""
        return gettext(self.name) if self.is_built_in else self.name


class RolePermission(ProtectedEntity):
    """One permission of a role, for all objects or for the holder's own."""

    audited = Audited(part_of="role", label="permission")

    class Scope(models.TextChoices):
        ALL = "all", _("all")
        OWN = "own", _("own")

    decides_access = True

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="permissions")
    permission = models.CharField(_("permission"), max_length=64)
    scope = models.CharField(_("scope"), max_length=3, choices=Scope, default=Scope.ALL)

    class Meta:
        verbose_name = _("permission")
        verbose_name_plural = _("permissions")
        ordering = ("permission",)
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="rbac_permission_once")]

    def __str__(self) -> str:
        return f"{self.permission} ({self.scope})"


class RoleAssignment(ProtectedEntity):
    """A user has a role."""

    audited = Audited(part_of="user", label="role")

    decides_access = True

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("role"))

    class Meta:
        verbose_name = _("role of a user")
        verbose_name_plural = _("roles of a user")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="rbac_assignment_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class Policy(Entity):
    """A rule of the tenant: allow or deny some actions on the objects that a condition picks."""

    audited = Audited()

    class Effect(models.TextChoices):
        ALLOW = "allow", _("allow")
        DENY = "deny", _("deny")

    decides_access = True

    name = models.CharField(_("name"), max_length=120, unique=True)
    effect = models.CharField(_("effect"), max_length=5, choices=Effect)
    resource = models.CharField(_("about"), max_length=32)
    actions = models.JSONField(_("actions"), default=list)
    condition = models.CharField(_("condition"), max_length=MAX_CONDITION, blank=True)
    #: The condition as it was understood; empty for "always".
    parsed = models.JSONField(default=list, blank=True, editable=False)
    enabled = models.BooleanField(_("in force"), default=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ("name",)
        constraints = [models.CheckConstraint(condition=models.Q(effect__in=["allow", "deny"]), name="rbac_effect")]

    def __str__(self) -> str:
        return self.name


class SubjectAttribute(ProtectedEntity):
    """What the tenant says of a person for its policies to use, such as the vendor that they work for."""

    audited = Audited(part_of="user")

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", pgettext_lazy("a kind of value", "number")
        BOOL = "bool", _("yes or no")

    decides_access = True

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subject_attributes")
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.TEXT)
    value = models.CharField(_("value"), max_length=200)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="rbac_attribute_once"),
            models.CheckConstraint(condition=models.Q(kind__in=["text", "number", "bool"]), name="rbac_attribute_kind"),
            models.CheckConstraint(condition=models.Q(name__regex=r"^[a-z][a-z0-9_]*$"), name="rbac_attribute_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"

    @property
    def typed(self) -> str | Decimal | bool:
        """Answer the value as what it is."""
        if self.kind == self.Kind.NUMBER:
            return Decimal(self.value)
        return self.value == "true" if self.kind == self.Kind.BOOL else self.value


class Invitation(ProtectedEntity):
    """Somebody is asked to make an account, with roles that wait for them."""

    audited = Audited(personal=("email", "name"))

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=150, blank=True)
    locale = LocaleField(_("language"), blank=True)
    #: Slugs; what is gone when the invitation is accepted is not given.
    roles = ArrayField(models.CharField(max_length=64), verbose_name=_("roles"), default=list, blank=True, size=20)
    #: Nobody: the platform did.
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("invited by"),
    )  # fmt: skip
    #: When the mail with the newest link was asked for; older links are good no more.
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("good until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=models.Q(accepted_at=None, revoked_at=None),
                name="rbac_one_open_invitation",
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="rbac_invitation_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None), name="rbac_invitation_ends_once"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        """Tell whether nobody accepted or withdrew it; it may still be too old."""
        return self.accepted_at is None and self.revoked_at is None


class Team(Group):
    """People with whom things are shared together: one of Django's groups, which guardian knows."""

    decides_access = True

    class Meta:
        proxy = True
        verbose_name = _("team")
        verbose_name_plural = _("teams")
