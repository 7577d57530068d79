"""Roles of one tenant and who has them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rustok.kernel.models import Entity

__all__ = ["Role", "RoleAssignment", "RolePermission"]


class Role(Entity):
    """A named set of permissions."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_built_in = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name


class RolePermission(Entity):
    """One permission of a role, for all objects or for the holder's own."""

    class Scope(models.TextChoices):
        ALL = "all", _("all")
        OWN = "own", _("own")

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


class RoleAssignment(Entity):
    """A user has a role."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("role"))

    class Meta:
        verbose_name = _("role of a user")
        verbose_name_plural = _("roles of a user")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="rbac_assignment_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"
