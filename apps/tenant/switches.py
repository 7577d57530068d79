"""Reading what a tenant uses; the registry is code, so there is no query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rustok.kernel.modules import Health, ModuleConfig, all_modules, health_of, off_in

__all__ = ["ModuleRow", "module_row", "module_rows"]


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module as one tenant has it."""

    slug: str
    name: str
    description: str
    version: str
    enabled: bool
    toggleable: bool
    requires: tuple[str, ...]
    required_by: tuple[str, ...]
    #: What it requires that is off: why it is off, unless somebody switched it off itself.
    missing: tuple[str, ...]
    health: Health


def module_rows(tenant: Any) -> list[ModuleRow]:
    """List every module, in the order of the floors; as many as the code has."""
    off = off_in(tenant)
    modules = list(all_modules())
    return [_row(module, modules, off) for module in modules]


def module_row(tenant: Any, slug: str) -> ModuleRow | None:
    """Answer one module; None if there is none of that slug."""
    off, modules = off_in(tenant), list(all_modules())
    return next((_row(module, modules, off) for module in modules if module.slug == slug), None)


def _row(module: ModuleConfig, modules: list[ModuleConfig], off: frozenset[str]) -> ModuleRow:
    return ModuleRow(
        slug=module.slug, name=str(module.verbose_name), description=str(module.description), version=module.version,
        enabled=module.slug not in off, toggleable=module.toggleable, requires=module.requires,
        required_by=tuple(other.slug for other in modules if module.slug in other.requires),
        missing=tuple(slug for slug in module.requires if slug in off), health=health_of(module),
    )  # fmt: skip
