"""Switching modules on and off for one tenant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.tenant.events import ModuleDisabledEvent, ModuleEnabledEvent
from apps.tenant.models import Tenant
from apps.tenant.operators import operate
from apps.tenant.resolver import announce
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, NotFound
from rustok.kernel.events import publish
from rustok.kernel.modules import (
    ModuleConfig,
    all_modules,
    dependents_of,
    find_module,
    names_of,
    off_by,
    off_in,
    requirements_of,
)
from rustok.kernel.tenancy import current_tenant, use_tenant

__all__ = ["Switched", "disable_module", "enable_module", "goes_along"]


class NoSuchModule(NotFound):
    """There is no such module."""

    code = "no_such_module"


class ModuleNotToggleable(Conflict):
    """No shop can do without this."""

    code = "module_not_toggleable"


class ModuleRequires(Conflict):
    """It cannot work without others that are off."""

    code = "module_requires"


class ModuleRequiredBy(Conflict):
    """Others that are on cannot work without it."""

    code = "module_required_by"


@dataclass(frozen=True, slots=True)
class Switched:
    """What a switch did: the tenant as it is now, and what changed, in the order of the floors."""

    tenant: Tenant
    slugs: tuple[str, ...]


def enable_module(
    *, actor: Actor, slug: str, with_dependencies: bool = False, tenant_slug: str | None = None
) -> Switched:
    """Switch a module on; with its dependencies, also what it requires.

    What it had is as it was, and what was off only because of it is on again. Other processes follow within the
    resolver's `STALE` seconds.

    :param tenant_slug: another tenant than the current one; for operators of the platform
    :raises NoSuchModule: if there is none of that slug
    :raises ModuleRequires: if something that it requires is off
    """
    return _switch(actor, slug, tenant_slug, on=True, along=with_dependencies)


def disable_module(
    *, actor: Actor, slug: str, with_dependencies: bool = False, tenant_slug: str | None = None
) -> Switched:
    """Switch a module off; with its dependencies, also what requires it. Nothing of its data is touched.

    :param tenant_slug: another tenant than the current one; for operators of the platform
    :raises NoSuchModule: if there is none of that slug
    :raises ModuleNotToggleable: if no shop can do without it
    :raises ModuleRequiredBy: if something that is on requires it
    """
    return _switch(actor, slug, tenant_slug, on=False, along=with_dependencies)


def goes_along(tenant: Any, slug: str, *, on: bool) -> tuple[str, ...]:
    """Name what else changes with the switch of a module, in the order of the floors.

    On the way off, what requires it; on the way on, what it requires, and what was off only because of these.
    """
    before = off_in(tenant)
    after = off_by(_disabled_after(tenant, slug, on=on))
    return _in_order((before ^ after) - {slug})


def _disabled_after(tenant: Any, slug: str, *, on: bool) -> list[str]:
    """Answer what is to be stored: only what somebody switched off, so that all of it comes back with one switch.

    Slugs of code that is gone are left where they stand.
    """
    before = set(tenant.disabled_modules)
    return sorted(before - {slug} - requirements_of(slug) if on else before | {slug})


def _switch(actor: Actor, slug: str, tenant_slug: str | None, *, on: bool, along: bool) -> Switched:
    module = _named(slug)
    with transaction.atomic():
        tenant = _locked(actor, tenant_slug)
        if not module.toggleable:
            return _always_on(tenant, module, on=on)
        before = off_in(tenant)
        in_the_way = _in_order(requirements_of(slug) & before if on else dependents_of(slug) - before)
        if in_the_way and not along:
            raise _refusal(module, in_the_way, on=on)
        disabled = _disabled_after(tenant, slug, on=on)
        if disabled != sorted(tenant.disabled_modules):
            tenant.disabled_modules = disabled
            tenant.save(update_fields=["disabled_modules", "updated_at"])
        changed = _in_order(before ^ off_in(tenant))
        _tell(tenant, changed, on=on)
        announce(tenant)
    return Switched(tenant, changed)


def _named(slug: str) -> ModuleConfig:
    module = find_module(slug)
    if module is None:
        raise NoSuchModule(_("There is no module %s.") % repr(slug[:64]), field="slug")
    return module


def _locked(actor: Actor, tenant_slug: str | None) -> Tenant:
    """Check the right to the current tenant, or an operator's right to another, and keep others from switching there.

    :raises Forbidden: if the actor has no such right
    :raises NotFound: if there is no such tenant
    """
    here = current_tenant() if tenant_slug is None or actor.kind != "system" else None
    if tenant_slug is None or (here is not None and here.slug == tenant_slug):
        authorize(actor, "modules.update")
        tenant_slug = current_tenant().slug
    else:
        operate(actor, "tenants.update")
    tenant = Tenant.objects.select_for_update().filter(slug=tenant_slug).first()
    if tenant is None:
        raise NotFound()
    return tenant


def _always_on(tenant: Tenant, module: ModuleConfig, *, on: bool) -> Switched:
    if on:
        return Switched(tenant, ())
    raise ModuleNotToggleable(_("No shop can do without %s.") % module.verbose_name)


def _refusal(module: ModuleConfig, others: Sequence[str], *, on: bool) -> Conflict:
    names = {"module": module.verbose_name, "others": names_of(others)}
    if on:
        return ModuleRequires(_("%(module)s cannot work without: %(others)s.") % names)
    return ModuleRequiredBy(_("These cannot work without %(module)s: %(others)s.") % names)


def _tell(tenant: Tenant, changed: Sequence[str], *, on: bool) -> None:
    """Run the hooks and announce each module: what is required comes before what requires it, on the way off after."""
    with use_tenant(tenant):
        for slug in changed if on else reversed(changed):
            module = _named(slug)
            (module.on_enable if on else module.on_disable)(tenant)
            fact = ModuleEnabledEvent(slug=slug) if on else ModuleDisabledEvent(slug=slug)
            publish(fact, aggregate=tenant)


def _in_order(slugs: Iterable[str]) -> tuple[str, ...]:
    wanted = set(slugs)
    return tuple(module.slug for module in all_modules() if module.slug in wanted)
