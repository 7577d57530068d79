"""Identifiers that come from outside: normalised, then matched against an allow-list, before any lookup."""

from __future__ import annotations

import re

from rustok.kernel.errors import Invalid

__all__ = ["RESERVED", "BadHost", "BadSlug", "normalize_host", "normalize_slug"]

RESERVED = frozenset(
    [
        "public",
        "template",
        "_template",
        "information_schema",
        "pg",
        "admin",
        "api",
        "www",
        "static",
        "media",
        "health",
        "metrics",
        "root",
        "system",
        "postgres",
        "default",
        "null",
        "none",
        "true",
        "false",
        "localhost",
        "shared",
        "rustok",
    ]
)
_SLUG = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")
_HOST = re.compile(r"^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$")
_PORT = re.compile(r"[0-9]{0,5}")


class BadSlug(Invalid):
    """A tenant's slug is 1 to 63 lower case letters, digits, hyphens or underscores, and no reserved word."""

    code = "invalid_slug"


class BadHost(Invalid):
    """This is not a host name."""

    code = "invalid_host"


def normalize_slug(text: str) -> str:
    """Answer the slug: trimmed, lower case.

    :raises BadSlug: if it is not one, or reserved
    """
    slug = text.strip().lower()
    if not _SLUG.fullmatch(slug) or slug in RESERVED or slug.startswith("pg_"):
        raise BadSlug(field="slug")
    return slug


def normalize_host(text: str) -> str:
    """Answer the host: no port, no trailing dot, lower case, IDNA.

    :raises BadHost: if it is not one
    """
    host, colon, port = text.strip(" \t").lower().partition(":")
    if colon and not _PORT.fullmatch(port):  # two colons are an IPv6 address or a trick: neither is a tenant's
        raise BadHost(field="domain")
    host = host.removesuffix(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise BadHost(field="domain") from None
    if not _HOST.fullmatch(host):
        raise BadHost(field="domain")
    return host
