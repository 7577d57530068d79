"""Cache keys that carry the tenant, so that no two tenants ever share an entry."""

from rustok.kernel.tenancy import current_schema

__all__ = ["make_key"]


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Prefix a cache key with the current schema (Django's `KEY_FUNCTION`)."""
    return f"{current_schema()}:{key_prefix}:{version}:{key}"
