"""Identifiers: time-ordered UUIDs (UUIDv7, RFC 9562)."""

from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["new_id", "parse_id"]


def new_id() -> UUID:
    """Make a UUIDv7: unique, and ordered by the millisecond it was made in."""
    return uuid7()


def parse_id(text: str) -> UUID | None:
    """Read a UUID from client text; None when it is not one."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
