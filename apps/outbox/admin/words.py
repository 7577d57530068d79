"""What the pages of events share: whose they are, and how their parts are written."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from rustok.kernel.tenancy import current_tenant

__all__ = ["LETTER_STATES", "TONES", "as_json", "code", "is_platform", "last_line"]

LETTER_STATES = {"dead": _("dead"), "retried": _("retried"), "discarded": _("discarded")}
#: How a state looks, for letters and deliveries.
TONES = {"dead": "danger", "retried": "info", "discarded": "default"}


def is_platform() -> bool:
    """Tell whether everybody's events are shown."""
    return current_tenant().slug == "platform"


def code(text: str) -> SafeString:
    """Show text as it is."""
    return format_html('<pre class="rt-trace">{}</pre>', text)


def as_json(value: Any) -> SafeString:
    """Show a value as indented JSON."""
    return code(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def last_line(error: str) -> str:
    """Answer what a traceback ends with: the error itself."""
    lines = error.strip().splitlines()
    return lines[-1][:120] if lines else "—"
