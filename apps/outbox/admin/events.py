"""Events: what was said, and how it fared with those who listen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from apps.outbox import selectors
from apps.outbox.admin.filters import AgeFilter, EventTenantFilter, EventTypeFilter, events_wanted
from apps.outbox.admin.words import PILLS, TONES, WAY_STATES, as_json, chain_of, is_platform, name_tenants
from apps.outbox.documents import last_line
from apps.outbox.models import OutboxEvent
from apps.outbox.selectors import EventFilter
from apps.outbox.services import replay_event
from rustok.kernel.edges.admin import Admin, Menu, object_action
from rustok.kernel.events import handlers_of


class AgainForm(forms.Form):
    """To whom."""

    handler = forms.ChoiceField(label=_("Handler"), required=False)

    def about(self, event: OutboxEvent) -> None:
        """Offer those who listen to such an event."""
        names = sorted(handler.name for handler in handlers_of(event.event_type))
        self.fields["handler"].choices = [("", _("all")), *((name, name) for name in names)]  # type: ignore[attr-defined]


def _is_heard(event: OutboxEvent) -> bool:
    return bool(handlers_of(event.event_type))


@admin.register(OutboxEvent)
class EventAdmin(Admin):
    """What happened, newest first; nothing of it is ever edited."""

    resource = "logs"
    menu = Menu("system", "bolt", 31)
    nav_title = _("Events")
    change_form_template = "admin/rustok/events/event.html"
    paginator = InfinitePaginator  # nobody reads a million rows to learn that there are a million
    list_display = ("what", "about", "version", "fared", "happened", "owner")
    list_filter = (EventTypeFilter, AgeFilter, EventTenantFilter)
    search_fields = ("id",)
    search_help_text = _("An id: of an event, of what it is about, or of a chain")
    ordering = ("-id",)
    sortable_by = ()
    fields = readonly_fields = ("event_type",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep a tenant's own; the platform sees everybody's."""
        rows = super().get_queryset(request)
        return selectors.visible(request.actor, rows) if self._may(request, "read") else rows.none()  # type: ignore[attr-defined]

    def list_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep what the filters and the search ask for."""
        return selectors.events(request.actor, events_wanted(request.GET, timezone.now()))  # type: ignore[attr-defined]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by a whole id."""
        found = selectors.events(request.actor, EventFilter(search=search_term))  # type: ignore[attr-defined]
        return queryset & found.order_by(), False

    def fill_list(self, request: HttpRequest, page: list[Any]) -> None:
        """Read how the events fared, and the names of the tenants where there are several."""
        name_tenants(page)
        ways = selectors.ways_of(page)
        for row in page:
            row.ways = ways[row.pk]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Name the tenant where there are several."""
        shown: tuple[str, ...] = super().get_list_display(request)
        return shown if is_platform() else tuple(name for name in shown if name != "owner")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: services publish events."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: what happened, happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: events go when all their deliveries are over and old."""
        return False

    def search_title(self, obj: OutboxEvent) -> str:
        """Answer the name of the event."""
        return obj.event_type

    # --- the list

    @display(description=_("Event"))
    def what(self, obj: OutboxEvent) -> str:
        """Answer the name of the event."""
        return obj.event_type

    @display(description=_("Version"))
    def version(self, obj: OutboxEvent) -> int:
        """Answer the how-manyth event of its aggregate it is."""
        return obj.aggregate_version

    @display(description=_("Deliveries"), label=TONES)
    def fared(self, obj: Any) -> tuple[str, str]:
        """Answer the worst of its deliveries, and how many fared so."""
        states = [way.state for way in obj.ways]
        worst = next((state for state in WAY_STATES if state in states), "")
        return worst, f"{states.count(worst)} {WAY_STATES[worst]}" if worst else "—"

    @display(description=_("About"))
    def about(self, obj: OutboxEvent) -> str:
        """Name what it is about."""
        return f"{obj.aggregate_type} {obj.aggregate_id}"

    @display(description=_("Happened"))
    def happened(self, obj: OutboxEvent) -> Any:
        """Answer when it was stored."""
        return obj.created_at

    @display(description=_("Tenant"))
    def owner(self, obj: Any) -> str:
        """Answer whose event it is."""
        return str(obj.tenant_name)

    # --- the document

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the event as a document."""
        event = self.get_object(request, object_id)
        extra = _document(request, event) if event is not None else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | extra)

    @object_action(
        _("Deliver again"), permission="logs.manage", form=AgainForm, when=_is_heard, icon="replay",
        hint=_("Handlers may be run twice with the same event. What is still on its way is left as it is."),
    )  # fmt: skip
    def deliver_again(self, request: HttpRequest, obj: OutboxEvent, data: dict[str, Any]) -> str:
        """Deliver it to all who listen, or to one of them."""
        chosen = [data["handler"]] if data["handler"] else []
        count = replay_event(actor=request.actor, event_id=obj.pk, handlers=chosen)  # type: ignore[attr-defined]
        if not count:
            return gettext("It is on its way already.")
        return ngettext("%(count)s delivery is on its way.", "%(count)s deliveries are on their way.", count) % {
            "count": count
        }


def _document(request: HttpRequest, event: OutboxEvent) -> dict[str, Any]:
    name_tenants([event])
    ways = [
        {"way": way, "name": WAY_STATES[way.state], "pill": PILLS[way.state], "error": last_line(way.error)}
        for way in selectors.ways_of([event])[event.pk]
    ]
    return {
        "event": event, "payload": as_json(event.payload), "ways": ways, "several": is_platform(),
        "chain": chain_of(request, event),
    }  # fmt: skip
