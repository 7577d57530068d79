"""Modules: what each one says of itself, and the registry of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps

from rustok.kernel.errors import NotFound
from rustok.kernel.tenancy import current_tenant

__all__ = ["Health", "ModuleConfig", "ModuleDisabled", "all_modules", "is_enabled", "module_of", "require_enabled"]


class ModuleDisabled(NotFound):
    """This shop does not use that."""

    code = "module_disabled"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of one module."""

    ok: bool
    reason: str = ""


class ModuleConfig(AppConfig):
    """A domain module; `ready` registers its event handlers."""

    default = False
    slug: str
    version: str = "0.1.0"
    requires: tuple[str, ...] = ()
    toggleable: bool = False
    critical: bool = True
    default_auto_field = "django.db.models.BigAutoField"

    def __init_subclass__(cls) -> None:
        """Let Django pick the subclass, and not this base, from a module's `apps.py`."""
        cls.default = True

    def ready(self) -> None:
        """Load what registers itself: events and handlers."""
        for part in ("events", "handlers"):
            if find_spec(f"{self.name}.{part}"):
                import_module(f"{self.name}.{part}")

    def health(self) -> Health:
        """Tell how the module is; it is well unless it knows better."""
        return Health(ok=True)


def all_modules() -> Iterator[ModuleConfig]:
    """Walk every installed module, in floor order."""
    for config in apps.get_app_configs():
        if isinstance(config, ModuleConfig):
            yield config


def module_of(dotted: str) -> str:
    """Answer the slug of the module that a dotted name is in (`apps.blog.rest` → blog); empty for none."""
    top, _, rest = dotted.partition(".")
    return rest.partition(".")[0] if top == "apps" else ""


def is_enabled(slug: str) -> bool:
    """Tell whether the current tenant uses a module; what is no module, nobody can switch off."""
    return slug not in current_tenant().disabled_modules


def require_enabled(slug: str) -> None:
    """Let pass what the current tenant uses.

    :raises ModuleDisabled: if the module is switched off
    """
    if not is_enabled(slug):
        raise ModuleDisabled(slug)
