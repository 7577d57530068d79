"""Modules: what each one says of itself, and the registry of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps

__all__ = ["Health", "ModuleConfig", "all_modules"]


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
