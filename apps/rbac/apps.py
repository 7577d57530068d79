from typing import Any

from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from rustok.kernel import access
from rustok.kernel.modules import ModuleConfig
from rustok.kernel.schemas import add_step
from rustok.kernel.tenancy import PUBLIC, current_schema


class RbacConfig(ModuleConfig):
    """Roles, and the answer to "may this actor?"."""

    name = "apps.rbac"
    slug = "rbac"
    verbose_name = _("Roles")
    description = _("Who may do what.")
    requires = ("tenant", "accounts")

    def ready(self) -> None:
        """Become the guard; a schema that was migrated gets the built-in roles as the code defines them."""
        from apps.rbac.guard import RoleGuard
        from apps.rbac.orphans import GrantsGoWithObjects

        access.install(RoleGuard())
        add_step(GrantsGoWithObjects())
        post_migrate.connect(_write_roles, sender=self)
        super().ready()


def _write_roles(**signal: Any) -> None:
    from apps.rbac.services import ensure_built_in_roles

    if current_schema() != PUBLIC:
        ensure_built_in_roles()
