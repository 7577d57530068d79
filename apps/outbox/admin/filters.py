"""Which dead letters: the choices beside the list. Together they are one `LetterFilter`, for reading and acting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, MultipleDropdownFilter

from apps.outbox.admin.words import LETTER_STATES, is_platform
from apps.outbox.models import DeadLetter
from apps.tenant.public import names_of

__all__ = ["AgeFilter", "ErrorFilter", "HandlerFilter", "StateFilter", "TenantFilter", "TypeFilter"]

#: Names that a filter offers.
CHOICES = 200
_AGES = {
    "hour": (_("the last hour"), timedelta(hours=1)), "day": (_("the last day"), timedelta(days=1)),
    "week": (_("the last week"), timedelta(days=7)),
}  # fmt: skip


class StateFilter(DropdownFilter):  # type: ignore[misc]
    """By state; dead letters unless something else is chosen."""

    title = _("state")
    parameter_name = "state"
    all_option = ("", LETTER_STATES["dead"])

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the other states."""
        return [*((state, name) for state, name in LETTER_STATES.items() if state != "dead"), ("any", _("any"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
        """Keep those of the state."""
        state = self.value() or DeadLetter.State.DEAD
        return queryset if state == "any" else queryset.filter(state=state)


class NameFilter(MultipleDropdownFilter):  # type: ignore[misc]
    """By a name that letters have."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List the names that there are."""
        rows = model_admin.get_queryset(request).order_by(self.parameter_name)
        names = rows.values_list(self.parameter_name, flat=True).distinct()[:CHOICES]
        return [(name, name) for name in names if name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
        """Keep those of the names."""
        wanted = [name for name in request.GET.getlist(self.parameter_name) if name]
        return queryset.filter(**{f"{self.parameter_name}__in": wanted}) if wanted else queryset


class HandlerFilter(NameFilter):
    """By handler."""

    title = _("handler")
    parameter_name = "handler"


class ErrorFilter(NameFilter):
    """By the class of the error."""

    title = _("error")
    parameter_name = "error_class"


class TypeFilter(NameFilter):
    """By the name of the event."""

    title = _("event")
    parameter_name = "event_type"


class AgeFilter(DropdownFilter):  # type: ignore[misc]
    """By the time since it was given up."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the spans."""
        return [*((key, label) for key, (label, _span) in _AGES.items()), ("older", _("older than a week"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
        """Keep those of the span."""
        from django.utils import timezone

        now: datetime = timezone.now()
        if self.value() == "older":
            return queryset.filter(died_at__lt=now - timedelta(days=7))
        span = _AGES.get(self.value() or "")
        return queryset.filter(died_at__gte=now - span[1]) if span else queryset


class TenantFilter(DropdownFilter):  # type: ignore[misc]
    """By tenant; for the platform."""

    title = _("tenant")
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List tenants that have dead letters."""
        if not is_platform():
            return []
        ids = model_admin.get_queryset(request).order_by().values_list("tenant_id", flat=True).distinct()[:CHOICES]
        return [(str(tenant_id), name) for tenant_id, name in names_of(list(ids)).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
        """Keep those of the tenant."""
        try:
            return queryset.filter(tenant_id=UUID(self.value())) if self.value() else queryset
        except ValueError:
            return queryset.none()
