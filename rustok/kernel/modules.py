"""Modules: what each one says of itself, the registry of all, and which of them the current tenant uses.

A module is off for a tenant if it is named in `disabled_modules`, or if a module that it requires is off. What belongs
to a module that is off does not answer: REST and GraphQL say `module_disabled`, the admin and the storefront leave it
out, its handlers and tasks pass the tenant by. Its tables stay as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

from rustok.kernel.errors import NotFound
from rustok.kernel.tenancy import Tenant, current_tenant

__all__ = [
    "Health", "ModuleConfig", "ModuleDisabled", "all_modules", "dependents_of", "find_module", "health_of",
    "is_enabled",
    "module_of", "modules_off", "names_of", "off_by", "off_in", "owner_of", "require_enabled", "requirements_of",
]  # fmt: skip


log = logging.getLogger(__name__)

#: Seconds that a query of a module's health may take.
PATIENCE = 2


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
    #: One sentence for people: what a shop has of it.
    description: Any = ""
    #: Modules without which this one cannot work: while one of them is off, so is this.
    requires: tuple[str, ...] = ()
    #: Modules that this one works with, and does without while they are off.
    uses: tuple[str, ...] = ()
    #: Whether a shop can live without it.
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

    @property
    def asks(self) -> bool:
        """Tell whether it asks anybody how it is."""
        return type(self).health is not ModuleConfig.health

    @classmethod
    def on_enable(cls, tenant: Tenant) -> None:
        """Do what must be done in the transaction that switches it on, in the tenant's schema; be quick.

        What takes long belongs in a handler of `module.enabled`.
        """

    @classmethod
    def on_disable(cls, tenant: Tenant) -> None:
        """Do what must be done in the transaction that switches it off, in the tenant's schema; be quick."""


def health_of(module: ModuleConfig) -> Health:
    """Answer how a module is; one that cannot tell is not well, and says by which error.

    Its queries end after `PATIENCE` seconds, so that whoever asks for the health of all gets an answer.
    """
    if not module.asks:
        return module.health()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}s'")
            health = module.health()
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
        return health
    except Exception as error:  # whatever it is: the others are still to be asked
        log.warning("module_health_unknown", exc_info=True, extra={"slug": module.slug})
        return Health(ok=False, reason=type(error).__name__)


# --- the registry -------------------------------------------------------------------------------------------------


def all_modules() -> Iterator[ModuleConfig]:
    """Walk every installed module, in floor order."""
    for config in apps.get_app_configs():
        if isinstance(config, ModuleConfig):
            yield config


def find_module(slug: str) -> ModuleConfig | None:
    """Answer the module of that slug; None if there is none."""
    return next((module for module in all_modules() if module.slug == slug), None)


def module_of(dotted: str) -> str:
    """Answer the slug of the module that a dotted name is in (`apps.blog.rest` → blog); empty for none."""
    top, _, rest = dotted.partition(".")
    return rest.partition(".")[0] if top == "apps" else ""


def owner_of(thing: Callable[..., Any] | type) -> str:
    """Answer the slug of the module that a function or a class is written in; empty for none."""
    return module_of(getattr(thing, "__module__", None) or "")


def requirements_of(slug: str) -> frozenset[str]:
    """Name everything that a module cannot work without, directly or not."""
    return _reached(slug, {module.slug: module.requires for module in all_modules()})


def dependents_of(slug: str) -> frozenset[str]:
    """Name everything that cannot work without a module, directly or not."""
    above: dict[str, tuple[str, ...]] = {}
    for module in all_modules():
        for required in module.requires:
            above[required] = (*above.get(required, ()), module.slug)
    return _reached(slug, above)


def _reached(start: str, ways: dict[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        news = set(ways.get(ahead.pop(), ())) - found
        found |= news
        ahead += news
    return frozenset(found)


# --- what a tenant uses -------------------------------------------------------------------------------------------


def off_in(tenant: Tenant) -> frozenset[str]:
    """Name the modules that a tenant does not use: those switched off, and those that cannot work without them."""
    return off_by(tenant.disabled_modules)


def off_by(disabled: Iterable[str]) -> frozenset[str]:
    """Name the modules that are off when some are switched off."""
    return _off(tuple(disabled))


@lru_cache(maxsize=1_024)
def _off(disabled: tuple[str, ...]) -> frozenset[str]:
    """Ignore slugs of code that is gone, and of what nobody can switch off."""
    named = {module.slug for module in all_modules() if module.toggleable} & set(disabled)
    return frozenset(named.union(*map(dependents_of, named)))


def modules_off() -> frozenset[str]:
    """Name the modules that the current tenant does not use; no query."""
    return off_in(current_tenant())


def is_enabled(*slugs: str) -> bool:
    """Tell whether the current tenant uses all these modules; what is no module, nobody can switch off."""
    return modules_off().isdisjoint(slugs)


def require_enabled(*slugs: str) -> None:
    """Let pass what the current tenant uses.

    :raises ModuleDisabled: if one of the modules is off
    """
    if missing := modules_off().intersection(slugs):
        raise ModuleDisabled(_("Not used here: %s") % names_of(missing))


def names_of(slugs: Iterable[str]) -> str:
    """Answer what people call modules, in alphabetical order."""
    return ", ".join(sorted(str(module.verbose_name) for module in all_modules() if module.slug in set(slugs)))
