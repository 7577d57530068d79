"""The demo's tenants, who works there, and what a shop charges for sending and taxes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.accounts import public as accounts
from apps.rbac import public as rbac
from apps.shipping import public as shipping
from apps.tax import public as tax
from apps.tenant import public as tenants
from apps.tenant.services import suspend_tenant
from rustok.demo.records import Site
from rustok.demo.sites import PASSWORD
from rustok.kernel.access import Actor
from rustok.kernel.money import Money
from rustok.kernel.tenancy import Tenant, use_tenant

DEMO = Actor.system("demo")

#: A theme has one text for all languages, so it says what needs no translation.
_THEMES: dict[str, dict[str, Any]] = {
    "acme": {
        "tagline": "Portland · München",
        "accent": "#e8590c", "ground": "#12372f", "typeface": "signage", "corners": "sharp", "pattern": "contours",
    },
    "globex": {
        "name": "Globex", "tagline": "Rīga · 2014",
        "accent": "#2a43b8", "ground": "#f6c94d", "typeface": "bookish", "corners": "soft", "pattern": "shelf",
    },
}  # fmt: skip

#: Country → rate in basis points, as of 2026.
_TAXES = {
    "acme": {"DE": 1900, "AT": 2000, "FR": 2000, "NL": 2100},
    "globex": {
        "LV": 2100,
        "LT": 2100,
        "EE": 2400,
        "DE": 1900,
        "PL": 2300,
        "CZ": 2100,
        "AT": 2000,
        "FR": 2000,
        "ES": 2100,
    },
}

_EUROPE = ("AT", "BE", "CZ", "DE", "EE", "ES", "FI", "FR", "IT", "LT", "LV", "NL", "PL", "SE")

#: Handle → names, descriptions, countries, and currency → price and free from.
_METHODS: dict[
    str, dict[str, tuple[dict[str, str], dict[str, str], tuple[str, ...], dict[str, tuple[int, int | None]]]]
]
_METHODS = {
    "acme": {
        "standard": (
            {"en": "Standard", "de": "Standard"}, {"en": "2 to 5 days", "de": "2 bis 5 Tage"}, (),
            {"USD": (790, 10_000), "EUR": (690, 9_000)},
        ),
        "express": (
            {"en": "Express", "de": "Express"}, {"en": "Next working day", "de": "Nächster Werktag"},
            ("US", "DE", "AT"), {"USD": (1990, None), "EUR": (1590, None)},
        ),
    },
    "globex": {
        "post": (
            {"en": "By post", "ru": "Почтой"}, {"en": "3 to 6 days", "ru": "От 3 до 6 дней"}, _EUROPE,
            {"EUR": (590, 5_000)},
        ),
        "courier": (
            {"en": "Courier", "ru": "Курьером"}, {"en": "1 to 2 days", "ru": "За 1–2 дня"}, ("LV", "LT", "EE"),
            {"EUR": (890, None)},
        ),
        "pickup": (
            {"en": "Collect in the café", "ru": "Забрать в кафе"},
            {"en": "Tomorrow from eight", "ru": "Завтра с восьми"}, ("LV",), {"EUR": (0, None)},
        ),
    },
}  # fmt: skip


def ensure_platform() -> None:
    """Make the platform's own tenant, if `manage.py setup` has not, and its operator."""
    tenant = tenants.find("platform") or tenants.create_tenant(
        actor=DEMO, slug="platform", name="RusToK", domains=["localhost", "127.0.0.1"]
    )
    with use_tenant(tenant):
        _ensure_user("operator@rustok.test", "Olivia Operator", rbac.SUPERADMIN)


def ensure_tenant(site: Site) -> Tenant:
    """Make a demo tenant, or answer the one that stands."""
    return tenants.find(site.slug) or tenants.create_tenant(
        actor=DEMO,
        slug=site.slug,
        name=site.name,
        domains=[f"{site.slug}.localhost"],
        locales=site.locales,
        currencies=site.currencies,
        timezone="Europe/Berlin" if site.slug == "acme" else "Europe/Riga",
        theme=_THEMES[site.slug],
    )


def ensure_suspended() -> None:
    """Make a third shop that was refused: what a suspended tenant looks like, from outside and to the operator."""
    tenants.find("initech") or tenants.create_tenant(
        actor=DEMO, slug="initech", name="Initech Office Supplies", domains=["initech.localhost"]
    )
    suspend_tenant(actor=DEMO, slug="initech", reason="The invoice of October is not paid.")


def ensure_people(site: Site) -> None:
    """Give a shop an admin, a manager and a customer."""
    _ensure_user(f"admin@{site.slug}.test", "Ada Admin", rbac.ADMIN)
    _ensure_user(f"manager@{site.slug}.test", "Max Manager", rbac.MANAGER)
    _ensure_user(f"customer@{site.slug}.test", "Carla Customer", rbac.CUSTOMER)


def _ensure_user(email: str, name: str, role: str) -> None:
    user = accounts.find_user_by_email(email) or accounts.create_user(
        actor=DEMO,
        email=email,
        password=PASSWORD,
        name=name,
        is_staff=role != rbac.CUSTOMER,
        verified_at=timezone.now(),
    )
    rbac.assign_role(actor=DEMO, user_id=user.pk, role=role)


def ensure_conditions(site: Site) -> None:
    """Say how a shop sends and what it adds for taxes; prices include them."""
    tax.set_tax_settings(actor=DEMO, prices_include_tax=True)
    for country, rate in _TAXES[site.slug].items():
        tax.set_tax_rate(actor=DEMO, country=country, rate_bp=rate, name="VAT")
    for position, (handle, method) in enumerate(_METHODS[site.slug].items()):
        names, descriptions, countries, rates = method
        shipping.save_shipping_method(
            actor=DEMO,
            handle=handle,
            names=names,
            descriptions=descriptions,
            countries=countries,
            position=position,
            rates=[
                (Money(price, currency), Money(free, currency) if free is not None else None)
                for currency, (price, free) in rates.items()
            ],
        )
