"""Which entries: the choices beside the list. They are only shown; `entries_wanted` reads what is chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, MultipleDropdownFilter

from apps.audit.admin.words import ACTIONS, kind_name
from apps.audit.models import AuditEntry
from apps.audit.selectors import EntryFilter
from rustok.kernel.audit import audited_models
from rustok.kernel.ids import parse_id

__all__ = ["ActionFilter", "PeriodFilter", "TypeFilter", "ViaFilter", "WhoFilter", "entries_wanted"]

#: Names that a filter takes, and their length.
MOST, LONGEST = 50, 200
_PERIODS = {
    "hour": (_("the last hour"), timedelta(hours=1)), "day": (_("the last day"), timedelta(days=1)),
    "week": (_("the last week"), timedelta(days=7)), "month": (_("the last 30 days"), timedelta(days=30)),
    "quarter": (_("the last 90 days"), timedelta(days=90)),
}  # fmt: skip
_WHO = {"user": _("people"), "anonymous": _("not logged in"), "system": _("the platform")}


def entries_wanted(chosen: QueryDict) -> tuple[EntryFilter, str]:
    """Read which entries a list's address asks for, and of which kind of actor."""
    period = _PERIODS.get(chosen.get("period", ""))
    number = chosen.get("together", "")
    return EntryFilter(
        object_types=_names(chosen, "object_type"), actions=_names(chosen, "action"), via=_names(chosen, "via"),
        actor_id=parse_id(chosen.get("person", "")), key_id=parse_id(chosen.get("key", "")),
        history_of=_clean(chosen.get("object", ""))[:64], search=_clean(chosen.get("q", "")),
        transaction=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None,
        since=timezone.now() - period[1] if period else None,
    ), chosen.get("who", "")  # fmt: skip


def _names(chosen: QueryDict, parameter: str) -> list[str]:
    return [_clean(name) for name in chosen.getlist(parameter) if name][:MOST]


def _clean(text: str) -> str:
    """Cut what no column holds: NULs, and more than any name has."""
    return text.replace("\0", "")[:LONGEST]


class _Shown:
    """A choice that is only shown."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Answer the rows as they are."""
        return queryset


class TypeFilter(_Shown, MultipleDropdownFilter):  # type: ignore[misc]
    """By kind of object."""

    title = _("kind of object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List what the log keeps, without asking the database."""
        names = [(model._meta.label_lower, kind_name(model._meta.label_lower)) for model, _audited in audited_models()]
        return sorted(names, key=lambda one: one[1].lower())


class ActionFilter(_Shown, MultipleDropdownFilter):  # type: ignore[misc]
    """By action."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List them."""
        return list(ACTIONS.items())


class ViaFilter(_Shown, MultipleDropdownFilter):  # type: ignore[misc]
    """By the way that it came."""

    title = _("came by")
    parameter_name = "via"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List them."""
        return list(AuditEntry.Via.choices)


class WhoFilter(_Shown, DropdownFilter):  # type: ignore[misc]
    """By the kind of actor."""

    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List them."""
        return list(_WHO.items())


class PeriodFilter(_Shown, DropdownFilter):  # type: ignore[misc]
    """By time."""

    title = _("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the spans."""
        return [(key, label) for key, (label, _span) in _PERIODS.items()]


class _Linked(_Shown, DropdownFilter):  # type: ignore[misc]
    """A choice that links make; it is shown only while it is chosen."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List what is chosen."""
        chosen = request.GET.get(self.parameter_name)
        return [(chosen, chosen)] if chosen else []


class PersonFilter(_Linked):
    """By person."""

    title = _("person")
    parameter_name = "person"


class KeyFilter(_Linked):
    """By API key."""

    title = _("API key")
    parameter_name = "key"


class ObjectFilter(_Linked):
    """By object, with all that is a part of it."""

    title = _("object")
    parameter_name = "object"


class TogetherFilter(_Linked):
    """By what was written together."""

    title = _("written together")
    parameter_name = "together"
