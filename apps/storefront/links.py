"""Addresses of storefront pages: the default locale has no prefix, every other one stands first in the path."""

from functools import lru_cache
from typing import Any

from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from rustok.kernel.tenancy import Tenant, current_tenant


class LocalePrefix:
    """Path converter of a locale that the tenant offers beside its default one; anything else is a page's path."""

    regex = "[a-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2}"

    def to_python(self, value: str) -> str:
        """Return the locale.

        :raises ValueError: if the tenant has no such one, so that the next pattern is tried
        """
        if locale_of(value, current_tenant()) is None:
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        """Return the locale as it stands in a path."""
        return value


class SlugPath:
    """Path converter of slugs between slashes; a file's name is none, so that no page is looked for under it."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*"

    def to_python(self, value: str) -> str:
        """Return the path."""
        return value

    def to_url(self, value: str) -> str:
        """Return the path as it stands in an address."""
        return value


def locale_of(path: str, tenant: Tenant) -> str | None:
    """Return the locale that a path begins with; None for the tenant's default one."""
    first = path.lstrip("/").partition("/")[0]
    return first if first in tenant.locales and first != tenant.default_locale else None


def link(name: str, *, locale: str | None, **kwargs: Any) -> str:
    """Return the path of a page; `locale` is None for the tenant's default one."""
    if locale:
        kwargs["locale"] = locale
    return _link(name, tuple(kwargs.items()))


@lru_cache(maxsize=8192)
def _link(name: str, kwargs: tuple[tuple[str, Any], ...]) -> str:
    """Look a path up once: it is the same in every tenant and for ever."""
    return reverse(f"storefront:{name}", kwargs=dict(kwargs))


def localize(url: str, *, locale: str | None) -> str:
    """Return an address as editors write it, "/blog/", in a locale: "/de/blog/"; others' addresses stay as they are."""
    if not locale or not url.startswith("/") or url.startswith(("//", f"/{locale}/")):
        return url
    return f"/{locale}{url}"


def in_locale(path: str, locale: str | None, **changes: Any) -> str:
    """Return the path of the same page in another locale, with what is called otherwise there.

    What is no storefront page leads to that locale's home.
    """
    try:
        match = resolve(path)
        if match.app_name != "storefront":
            return link("home", locale=locale)
        kwargs = {key: value for key, value in match.kwargs.items() if key != "locale"} | changes
        return link(match.url_name or "home", locale=locale, **kwargs)
    except (Resolver404, NoReverseMatch):
        return link("home", locale=locale)


def modules_behind(url: str) -> tuple[str, ...]:
    """Name the modules that a page of ours has nothing to show without; none for other addresses."""
    return _modules_behind(url.partition("#")[0].partition("?")[0], tuple(current_tenant().locales))


@lru_cache(maxsize=4_096)
def _modules_behind(path: str, locales: tuple[str, ...]) -> tuple[str, ...]:
    """Resolve an address; the tenant's locales tell which first words of a path are one."""
    try:
        return getattr(resolve(path).func, "needs", ()) if path.startswith("/") else ()
    except Resolver404:
        return ()
