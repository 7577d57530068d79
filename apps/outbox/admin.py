"""Events in the admin: what failed, why, and the ways to put it right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from django import forms
from django.contrib import admin
from django.db.models import Count, Min, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, DropdownFilter
from unfold.decorators import display

from apps.outbox.models import Delivery
from apps.outbox.services import discard_dead_letter, retry_dead_letter
from apps.tenant.public import find_by_id, names_of
from rustok.kernel.edges.admin import Admin, Menu, object_action
from rustok.kernel.edges.panels import panel
from rustok.kernel.modules import all_modules
from rustok.kernel.tenancy import current_tenant

#: Dead letters that the dashboard lists.
NEWEST = 6
_AGES = {
    "hour": (_("the last hour"), timedelta(hours=1)), "day": (_("the last day"), timedelta(days=1)),
    "week": (_("the last week"), timedelta(days=7)),
}  # fmt: skip


def _is_platform() -> bool:
    return current_tenant().slug == "platform"


def _of_this_tenant() -> QuerySet[Delivery]:
    """Keep a tenant's own; the platform sees everybody's."""
    rows = Delivery.objects.all()
    return rows if _is_platform() else rows.filter(tenant_id=current_tenant().id)


class AgeFilter(DropdownFilter):  # type: ignore[misc]
    """By the age of the event."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the spans."""
        return [*((key, label) for key, (label, _span) in _AGES.items()), ("older", _("older than a week"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep those of the span."""
        if self.value() == "older":
            return queryset.filter(event__created_at__lt=timezone.now() - timedelta(days=7))
        span = _AGES.get(self.value() or "")
        return queryset.filter(event__created_at__gte=timezone.now() - span[1]) if span else queryset


class TenantFilter(DropdownFilter):  # type: ignore[misc]
    """By tenant; for the platform."""

    title = _("tenant")
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """List tenants that have dead letters."""
        if not _is_platform():
            return []
        ids = _dead(_of_this_tenant()).values_list("tenant_id", flat=True).distinct()[:100]
        return [(str(tenant_id), name) for tenant_id, name in names_of(list(ids)).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep those of the tenant."""
        return queryset.filter(tenant_id=self.value()) if self.value() else queryset


def _dead(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.filter(state=Delivery.State.DEAD)


class StateFilter(DropdownFilter):  # type: ignore[misc]
    """By state; dead letters unless something else is chosen."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the states."""
        return [("any", _("any")), *((state, name) for state, name in STATES.items() if state != "dead")]

    def choices(self, changelist: Any) -> Any:
        """Name what stands there without a choice."""
        for choice in super().choices(changelist):
            form = choice["form"]
            field = form.fields[self.parameter_name]
            field.choices = [("", STATES["dead"]), *[c for c in field.choices if c[0] != ""]]
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep those of the state."""
        state = self.value() or Delivery.State.DEAD
        return queryset if state == "any" else queryset.filter(state=state)


STATES = {
    "dead": _("dead"), "pending": _("waiting"), "leased": _("being delivered"), "parked": _("newer than this code"),
    "done": _("delivered"), "discarded": _("discarded"),
}  # fmt: skip


class DiscardForm(forms.Form):
    """Why nobody needs this any more."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


def _is_dead(delivery: Delivery) -> bool:
    return delivery.state == Delivery.State.DEAD


@admin.register(Delivery)
class DeliveryAdmin(Admin):
    """Events on their way to handlers; the list opens with those that were given up."""

    resource = "logs"
    menu = Menu("system", "unsubscribe", 30)
    nav_title = _("Dead letters")
    list_display = ("what", "handler", "failure", "attempts", "status", "when", "owner")
    list_filter = (
        StateFilter, ("handler", AllValuesCheckboxFilter), ("error_class", AllValuesCheckboxFilter), AgeFilter,
        TenantFilter,
    )  # fmt: skip
    search_fields = ("handler", "event__event_type", "error_class", "aggregate_id")
    list_select_related = ("event",)
    actions = ("retry_all", "discard_all")
    fieldsets = (
        (None, {"fields": ("what", "handler", "state_name", "attempts", "happened", "owner")}),
        (_("What went wrong"), {"fields": ("error_class", "trace")}),
        (_("Event"), {"fields": ("event_id", "aggregate", "payload", "chain")}),
    )
    readonly_fields = (
        "what", "handler", "state_name", "attempts", "happened", "owner", "error_class", "trace", "event_id",
        "aggregate", "payload", "chain",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep a tenant's own; the platform sees everybody's."""
        rows = super().get_queryset(request)
        return rows if _is_platform() else rows.filter(tenant_id=current_tenant().id)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Name the tenant where there are several."""
        shown: tuple[str, ...] = super().get_list_display(request)
        return shown if _is_platform() else tuple(name for name in shown if name != "owner")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Name the tenant where there are several."""
        if _is_platform():
            return self.fieldsets
        first = (None, {"fields": tuple(name for name in self.fieldsets[0][1]["fields"] if name != "owner")})
        return (first, *self.fieldsets[1:])

    def nav_badge(self, request: HttpRequest) -> int | None:
        """Count dead letters, up to 99."""
        return _dead(_of_this_tenant())[:99].count()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: services publish events."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: what happened, happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: a dead letter is retried or discarded, and stays to be seen."""
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Let those act who may."""
        return self._may(request, "manage")

    # --- what is shown

    @display(description=_("Event"), ordering="event__event_type")
    def what(self, obj: Delivery) -> str:
        """Answer the name of the event."""
        return obj.event.event_type

    @display(description=_("State"), label={"dead": "danger", "pending": "info", "leased": "info", "parked": "warning",
                                            "done": "success"})  # fmt: skip
    def status(self, obj: Delivery) -> tuple[str, str]:
        """Answer the state in words."""
        return obj.state, str(STATES[obj.state])

    @display(description=_("State"))
    def state_name(self, obj: Delivery) -> str:
        """Answer the state in words, for the page."""
        return str(STATES[obj.state])

    @display(description=_("Happened"))
    def happened(self, obj: Delivery) -> str:
        """Answer when the event was stored, for the page."""
        return date_format(timezone.localtime(obj.event.created_at), "DATETIME_FORMAT")

    @display(description=_("Error"))
    def failure(self, obj: Delivery) -> str:
        """Answer the last line of the traceback."""
        lines = obj.error.strip().splitlines()
        return lines[-1][:120] if lines else "—"

    @display(description=_("Happened"), ordering="event__created_at")
    def when(self, obj: Delivery) -> Any:
        """Answer when the event was stored."""
        return obj.event.created_at

    @display(description=_("Tenant"))
    def owner(self, obj: Delivery) -> str:
        """Answer whose event it is."""
        tenant = find_by_id(obj.tenant_id)
        return tenant.name if tenant else "—"

    @display(description=_("Traceback"))
    def trace(self, obj: Delivery) -> SafeString:
        """Show what the handler raised."""
        return _code(obj.error or "—")

    @display(description=_("About"))
    def aggregate(self, obj: Delivery) -> str:
        """Name what the event is about."""
        return f"{obj.aggregate_type} {obj.aggregate_id}, {gettext('version')} {obj.aggregate_version}"

    @display(description=_("Payload"))
    def payload(self, obj: Delivery) -> SafeString:
        """Show the event itself."""
        return _code(orjson.dumps(obj.event.payload, option=orjson.OPT_INDENT_2).decode())

    @display(description=_("Trace"))
    def chain(self, obj: Delivery) -> str:
        """Answer the id under which the logs tell the whole story."""
        return obj.event.trace_id

    # --- what can be done

    @object_action(_("Retry"), permission="logs.manage", when=_is_dead, primary=True, icon="replay")
    def retry(self, request: HttpRequest, obj: Delivery, data: dict[str, Any]) -> str:
        """Deliver it again."""
        retry_dead_letter(actor=request.actor, delivery_id=obj.pk)  # type: ignore[attr-defined]
        return gettext("It will be delivered again in a moment.")

    @object_action(
        _("Discard"), permission="logs.manage", when=_is_dead, form=DiscardForm, danger=True, icon="delete_sweep",
        hint=_("The handler will never hear of this event."),
    )  # fmt: skip
    def discard(self, request: HttpRequest, obj: Delivery, data: dict[str, Any]) -> str:
        """Give it up for good."""
        discard_dead_letter(actor=request.actor, delivery_id=obj.pk)  # type: ignore[attr-defined]
        return gettext("Discarded: %(reason)s") % {"reason": data["reason"]}

    @admin.action(description=_("Retry"), permissions=["manage"])
    def retry_all(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Deliver the chosen ones again."""
        actor = request.actor  # type: ignore[attr-defined]
        self.do_each(request, queryset, lambda row: retry_dead_letter(actor=actor, delivery_id=row.pk), _("Retried"))

    @admin.action(description=_("Discard"), permissions=["manage"])
    def discard_all(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Give the chosen ones up."""
        actor = request.actor  # type: ignore[attr-defined]
        self.do_each(
            request, queryset, lambda row: discard_dead_letter(actor=actor, delivery_id=row.pk), _("Discarded")
        )


def _code(text: str) -> SafeString:
    return format_html('<pre class="rt-trace">{}</pre>', text)


# --- on the dashboard ---------------------------------------------------------------------------------------------


@panel("dead_letters", template="admin/rustok/panels/dead_letters.html", permission="logs.read", order=80)
def dead_letters_panel(request: HttpRequest) -> dict[str, Any]:
    """Show a shop what failed."""
    return _letters()


@panel(
    "platform_dead_letters", template="admin/rustok/panels/dead_letters.html", permission="logs.read", order=30,
    place="platform",
)  # fmt: skip
def platform_dead_letters_panel(request: HttpRequest) -> dict[str, Any]:
    """Show the platform what failed, everywhere."""
    return _letters()


def _letters() -> dict[str, Any]:
    rows = _dead(_of_this_tenant())
    newest = list(rows.select_related("event").order_by("-id")[:NEWEST])
    names = names_of([row.tenant_id for row in newest]) if _is_platform() else {}
    return {
        "count": rows.count(),
        "rows": [
            {"row": row, "tenant": names.get(row.tenant_id, ""), "error": row.error_class.rpartition(".")[2]}
            for row in newest
        ],
        "several": _is_platform(),
    }


@panel("lag", template="admin/rustok/panels/lag.html", permission="logs.read", order=20, place="platform")
def lag_panel(request: HttpRequest) -> dict[str, Any]:
    """Show the platform what waits, how long, and whether the parts are well."""
    state = Delivery.State
    figures = Delivery.objects.filter(state__in=(state.PENDING, state.LEASED, state.PARKED)).aggregate(
        waiting=Count("pk", filter=Q(state=state.PENDING)),
        running=Count("pk", filter=Q(state=state.LEASED)),
        parked=Count("pk", filter=Q(state=state.PARKED)),
        oldest=Min("event__created_at", filter=Q(state=state.PENDING)),
    )
    oldest = figures["oldest"]
    return figures | {
        "lag": round((timezone.now() - oldest).total_seconds()) if oldest else 0,
        "modules": [
            {"slug": module.slug, "version": module.version, "health": module.health()} for module in all_modules()
        ],
    }
