"""Origins of the web, as browsers write them: a scheme, a host, and a port if it is not the usual one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rustok.kernel.errors import Invalid

__all__ = ["BadOrigin", "check_origin"]

#: What stands for a host: letters, digits, hyphens and dots.
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_PORTS = {"http": 80, "https": 443}


class BadOrigin(Invalid):
    """An origin is a scheme and a host, such as https://app.example.com, with a port if it is not the usual one."""

    code = "invalid_origin"


def check_origin(text: str, *, field: str = "cors_origins") -> str:
    """Answer an origin as browsers send it.

    :raises BadOrigin: if it is none
    """
    raw = text.strip().lower()
    try:
        parts = urlsplit(raw)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadOrigin(field=field) from None
    bare = f"{parts.scheme}://{host}" + (f":{port}" if parts.port else "")
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or len(raw) > 300 or raw != bare:
        raise BadOrigin(field=field)
    return raw if port != _PORTS[parts.scheme] else f"{parts.scheme}://{host}"
