"""Persisted queries: a client sends the hash of a document it sent before (Apollo's automatic persisted queries)."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any

from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted

from rustok.kernel.errors import Invalid

__all__ = ["PersistedQueryNotFound", "document_text"]

log = logging.getLogger(__name__)
_HASH = re.compile(r"^[0-9a-f]{64}$")
#: Seconds that a document is remembered, and the longest one.
KEPT, LONGEST = 24 * 3600, 20_000


class PersistedQueryNotFound(Invalid):
    """PersistedQueryNotFound."""

    code = "persisted_query_not_found"

    @classmethod
    def title(cls) -> str:
        """Answer the word that clients look for."""
        return "PersistedQueryNotFound"


class PersistedQueryMismatch(Invalid):
    """The hash is not that of the query."""

    code = "persisted_query_mismatch"


def document_text(query: str | None, extensions: Any) -> str | None:
    """Answer the document of a request: as sent, or as remembered under its hash; None if it has neither.

    :raises PersistedQueryNotFound: if the hash is not known; the client sends the document along once
    :raises PersistedQueryMismatch: if hash and document do not belong together
    """
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if digest is None:
        return query
    if not isinstance(digest, str) or not _HASH.match(digest):
        raise PersistedQueryMismatch("sha256Hash is 64 hexadecimal digits")
    if query is None:
        return _recall(digest)
    if hashlib.sha256(query.encode()).hexdigest() != digest:
        raise PersistedQueryMismatch()
    _remember(digest, query)
    return query


def _recall(digest: str) -> str:
    try:
        known = cache.get(f"graphql:{digest}")
    except (ConnectionInterrupted, OSError):
        known = None
    if not isinstance(known, str):
        raise PersistedQueryNotFound()
    return known


def _remember(digest: str, query: str) -> None:
    """Keep a document; with Valkey away the client simply sends it again."""
    if len(query) > LONGEST:
        return
    try:
        cache.set(f"graphql:{digest}", query, KEPT)
    except (ConnectionInterrupted, OSError) as error:
        log.warning("persisted_query_not_kept", extra={"reason": type(error).__name__})
