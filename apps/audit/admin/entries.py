"""The list and the documents of the log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from apps.audit import selectors
from apps.audit.admin import filters, words
from apps.audit.admin.filters import entries_wanted
from apps.audit.models import AuditEntry
from apps.audit.services import export_entries
from rustok.kernel.access import allows
from rustok.kernel.edges.admin import Admin, Menu

#: Content types of exports.
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


@admin.register(AuditEntry)
class AuditEntryAdmin(Admin):
    """Who did what, newest first; nothing of it is ever edited."""

    resource = "logs"
    url_permissions = {"export": "logs.export"}
    menu = Menu("system", "history", 30)
    nav_title = _("Audit log")
    change_form_template = "admin/rustok/audit/entry.html"
    list_before_template = "admin/rustok/audit/export_buttons.html"
    paginator = InfinitePaginator  # nobody reads a million rows to learn that there are a million
    list_display = ("what", "about", "fields_changed", "person", "origin", "happened")
    list_display_links = ("what",)
    list_filter = (
        filters.PeriodFilter, filters.TypeFilter, filters.ActionFilter, filters.WhoFilter, filters.ViaFilter,
        filters.PersonFilter, filters.KeyFilter, filters.ObjectFilter, filters.TogetherFilter,
    )  # fmt: skip
    search_fields = ("id",)
    search_help_text = _("A name, an e-mail address, an IP address or an id")
    ordering = ("-id",)
    sortable_by = ()
    fields = readonly_fields = ("action",)

    def list_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep what the filters and the search ask for."""
        wanted, who = entries_wanted(request.GET)
        rows = selectors.entries(request.actor, wanted)  # type: ignore[attr-defined]
        return rows.filter(actor_kind=who) if who in AuditEntry.ActorKind.values else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Answer the rows as they are: `list_rows` has searched."""
        return queryset, False

    def fill_list(self, request: HttpRequest, page: list[Any]) -> None:
        """Name the people whom the entries know by id only."""
        selectors.who_did(page)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: the database writes the log."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: what happened, happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: entries go when they are old."""
        return False

    def search_title(self, obj: AuditEntry) -> str:
        """Answer what happened, to what."""
        return f"{words.kind_name(obj.object_type)} {obj.object_label}: {words.action_name(obj.action)[1]}".strip(" :")

    # --- the list

    @display(description=_("What"), label=words.TONES)
    def what(self, obj: AuditEntry) -> tuple[str, str]:
        """Say what was done."""
        return words.action_name(obj.action)

    @display(description=_("Object"))
    def about(self, obj: AuditEntry) -> str:
        """Name the object, and link to it if it has a page."""
        kind = words.kind_name(obj.object_type)
        name = f"{kind[:1].upper()}{kind[1:]} {obj.object_label}".strip()
        link = words.link_to(obj.object_type, obj.object_id) or words.link_to(obj.whole_type, obj.whole_id)
        if link and obj.action != "row.delete":
            return format_html('<a href="{}">{}</a>', link, name)
        return name or obj.object_label or "—"

    @display(description=_("Changed"))
    def fields_changed(self, obj: AuditEntry) -> str:
        """Name the fields."""
        return words.fields_in_words(obj) or "—"

    @display(description=_("Who"))
    def person(self, obj: Any) -> str:
        """Name who did it."""
        return str(obj.who or obj.get_actor_kind_display())

    @display(description=pgettext_lazy("where somebody was", "From"))
    def origin(self, obj: AuditEntry) -> str:
        """Say by which way, and from where."""
        return " · ".join(filter(None, [obj.get_via_display(), obj.address])) or "—"

    @display(description=_("When"))
    def happened(self, obj: AuditEntry) -> Any:
        """Answer when it was."""
        return obj.at

    # --- the document

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the entry as a document."""
        entry = self.get_object(request, object_id)
        extra = _document(request, entry) if entry is not None else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | extra)

    # --- exports

    def get_urls(self) -> list[URLPattern]:
        """Add the two exports."""
        own = [path("export/<str:format>/", self.admin_site.admin_view(self.export), name="audit_auditentry_export")]
        return own + super().get_urls()

    def export(self, request: HttpRequest, format: str) -> StreamingHttpResponse:
        """Write what the list shows as a file; the newest entries, up to a limit."""
        actor = request.actor  # type: ignore[attr-defined]
        if format not in _TYPES or not self._may(request, "export"):
            raise PermissionDenied
        wanted, _who = entries_wanted(request.GET)
        pieces = export_entries(actor=actor, wanted=wanted, format=format)  # type: ignore[arg-type]
        name = f"audit-{timezone.now():%Y%m%d-%H%M%S}.{format}"
        return StreamingHttpResponse(
            pieces, content_type=_TYPES[format], headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer the exports to those who may."""
        may = allows(request.actor, "logs.export")  # type: ignore[attr-defined]
        shown = (extra_context or {}) | {"may_export": may, "asked": request.GET.urlencode()}
        return super().changelist_view(request, shown)  # type: ignore[no-any-return]


def _document(request: HttpRequest, entry: AuditEntry) -> dict[str, Any]:
    together = selectors.of_same_work(request.actor, entry)  # type: ignore[attr-defined]
    selectors.who_did([entry])
    tone, name = words.action_name(entry.action)
    return {
        "entry": entry, "action_name": name, "pill": words.PILLS[tone], "kind": words.kind_name(entry.object_type),
        "changes": words.changes_of(entry), "link": words.link_to(entry.object_type, entry.object_id),
        "whole_kind": words.kind_name(entry.whole_type) if entry.whole_type else "",
        "whole_link": words.link_to(entry.whole_type, entry.whole_id),
        "together": [_line(one, entry) for one in together] if len(together) > 1 else [],
    }  # fmt: skip


def _line(one: AuditEntry, shown: AuditEntry) -> dict[str, Any]:
    tone, name = words.action_name(one.action)
    return {
        "entry": one, "name": name, "pill": words.PILLS[tone], "kind": words.kind_name(one.object_type),
        "fields": words.fields_in_words(one), "is_this": one.pk == shown.pk,
    }  # fmt: skip
