"""The page "History" of an object."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from rustok.kernel.access import allows

__all__ = ["History"]


class History:
    """Shows what happened to an object: the audit log, to those who may read it; else what was done on this page."""

    admin_site: Any

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the log of the object and its parts."""
        try:
            log = reverse(f"{self.admin_site.name}:audit_auditentry_changelist")
        except NoReverseMatch:  # a deployment without the module
            log = ""
        obj = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if log and obj is not None and allows(request.actor, "logs.read"):  # type: ignore[attr-defined]
            return redirect(f"{log}?object={obj.pk}")
        return super().history_view(request, object_id, extra_context)  # type: ignore[misc,no-any-return]
