"""What a shop says of itself, and what the platform lets it use at most."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.tenant.events import TenantUpdated
from apps.tenant.models import Tenant
from apps.tenant.operators import operate
from apps.tenant.resolver import announce
from apps.tenant.services.tenants import BadTenantSettings, checked_settings, take_over
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import FieldError, NotFound
from rustok.kernel.events import publish
from rustok.kernel.modules import all_modules
from rustok.kernel.origins import check_origin
from rustok.kernel.tenancy import current_tenant, use_tenant

__all__ = ["LIMITS", "MAX_ORIGINS", "THEME", "change_settings", "checked_more", "set_limits"]

#: Origins whose scripts may call a tenant's API.
MAX_ORIGINS = 20
#: What a tenant may use at most, and between which numbers the platform may set it.
LIMITS: dict[str, tuple[int, int]] = {
    "requests_per_minute": (60, 100_000_000),
    "graphql_points_per_minute": (1_000, 1_000_000_000),
    "upload_bytes": (10_000, 20_000_000),
    "media_bytes": (1_000_000, 10_000_000_000_000),
}
#: What a theme may choose among; the storefront draws them.
THEME: dict[str, tuple[str, ...]] = {
    "typeface": ("plain", "signage", "bookish"),
    "corners": ("sharp", "soft", "round"),
    "pattern": ("contours", "shelf"),
}

#: What stays as it is when a change does not name it.
_OWN = ("name", "locales", "currencies", "timezone", "theme", "cors_origins", "staff_second_factor")


class BadLimit(BadTenantSettings):
    """A limit has a name that the platform knows, and a whole number within bounds; none takes it away."""

    code = "invalid_limit"


@transaction.atomic
def change_settings(*, actor: Actor, changes: Mapping[str, Any]) -> Tenant:
    """Change what the current shop says of itself: the first locale and the first currency are its defaults.

    What `changes` does not name stays. Other processes see it within the resolver's `STALE` seconds.

    :raises BadTenantSettings: if the settings do not fit together
    :raises BadOrigin: if one of `cors_origins` is no origin
    """
    authorize(actor, "settings.update")
    tenant = Tenant.objects.select_for_update().get(pk=current_tenant().id)
    now = {field: getattr(tenant, field) for field in _OWN} | {k: v for k, v in changes.items() if k in _OWN}
    values = checked_settings(now["name"], now["locales"], now["currencies"], now["timezone"], now["theme"])
    values["cors_origins"] = _origins(now["cors_origins"])
    values["staff_second_factor"] = bool(now["staff_second_factor"])
    take_over(tenant, values)
    return tenant


def _origins(origins: Sequence[str]) -> list[str]:
    if len(origins) > MAX_ORIGINS:
        raise BadTenantSettings(f"at most {MAX_ORIGINS} origins", field="cors_origins")
    return list(dict.fromkeys(check_origin(origin) for origin in origins))


def set_limits(*, actor: Actor, slug: str, limits: Mapping[str, int | None]) -> Tenant:
    """Set what a tenant may use at most; None takes a limit away, what is not named stays.

    :raises BadLimit: if a limit is not known or out of bounds
    :raises NotFound: if there is no such tenant
    """
    operate(actor, "tenants.update")
    problems = tuple(_bad_limits(limits))
    if problems:
        raise BadLimit("; ".join(f"{one.field}: {one.message}" for one in problems), errors=problems)
    with use_tenant(None), transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(slug=slug).first()
        if tenant is None:
            raise NotFound(f"there is no tenant {slug[:63]}")
        merged = {**tenant.limits, **limits}
        tenant.limits = {name: value for name, value in merged.items() if value is not None}
        tenant.save(update_fields=["limits", "updated_at"])
        announce(tenant)
        with use_tenant(tenant):
            publish(TenantUpdated(tenant_id=tenant.pk, fields=["limits"]), aggregate=tenant)
    return tenant


def checked_more(told: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the fields of a tenant that come from elsewhere and that `checked_settings` does not check, checked.

    :raises BadTenantSettings, BadOrigin: if one is not as this platform writes it
    :raises TypeError: if one is of another kind altogether
    """
    off, limits = told["disabled_modules"], told["limits"]
    known = {module.slug for module in all_modules() if module.toggleable}
    if not (isinstance(off, list) and isinstance(limits, dict) and type(told["staff_second_factor"]) is bool):
        raise TypeError
    if any(_bad_limits(limits)) or None in limits.values():
        raise BadTenantSettings("limits are those of this platform", field="limits")
    if any(not _fits(name, value) for name, value in told["theme"].items()):
        raise BadTenantSettings("a theme is what the settings offer", field="theme")
    return {
        "disabled_modules": sorted(known.intersection(off)), "limits": limits,
        "cors_origins": _origins(told["cors_origins"]), "staff_second_factor": told["staff_second_factor"],
    }  # fmt: skip


def _fits(name: str, value: object) -> bool:
    """Tell whether a value of a theme can go into a page as it is."""
    if not isinstance(value, str) or len(value) > 200 or not (value == "" or value.isprintable()):
        return False
    if name in THEME:
        return value in ("", *THEME[name])
    if name in ("accent", "ground"):
        return bool(re.fullmatch(r"(#[0-9a-fA-F]{6})?", value))
    return name in ("name", "tagline", "announcement")


def _bad_limits(limits: Mapping[str, int | None]) -> list[FieldError]:
    found = []
    for name, value in limits.items():
        low, high = LIMITS.get(name, (0, -1))
        if high < 0:
            found.append(FieldError(f"limits.{name[:64]}", "unknown_field", "there is no such limit"))
        elif value is not None and (type(value) is not int or not low <= value <= high):
            found.append(FieldError(f"limits.{name}", "out_of_bounds", f"a whole number from {low} to {high}"))
    return found
