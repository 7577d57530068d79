"""Dead letters: what failed, why, and what was done about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.outbox.admin.filters import AgeFilter, ErrorFilter, HandlerFilter, StateFilter, TenantFilter, TypeFilter
from apps.outbox.admin.words import LETTER_STATES, TONES, as_json, code, is_platform, last_line
from apps.outbox.models import DeadLetter, OutboxEvent
from apps.outbox.services import discard_dead_letter, retry_dead_letter
from apps.tenant.public import find_by_id, names_of
from rustok.kernel.edges.admin import Admin, Menu, object_action
from rustok.kernel.tenancy import current_tenant


class DiscardForm(forms.Form):
    """Why nobody needs this any more."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


def _is_dead(letter: DeadLetter) -> bool:
    return letter.state == DeadLetter.State.DEAD


@admin.register(DeadLetter)
class DeadLetterAdmin(Admin):
    """Deliveries that were given up; the list opens with those that nobody has dealt with."""

    resource = "logs"
    menu = Menu("system", "unsubscribe", 30)
    nav_title = _("Dead letters")
    list_display = ("event_type", "handler", "failure", "attempts", "status", "died", "owner")
    list_filter = (StateFilter, HandlerFilter, ErrorFilter, TypeFilter, AgeFilter, TenantFilter)
    search_fields = ("handler", "event_type", "error_class")
    actions = ("retry_all",)
    fieldsets = (
        (None, {"fields": ("event_type", "handler", "state_name", "attempts", "happened", "gave_up", "owner")}),
        (_("What went wrong"), {"fields": ("error_class", "trace")}),
        (_("Event"), {"fields": ("event_id", "about", "payload", "chain")}),
    )
    readonly_fields = (
        "event_type", "handler", "state_name", "attempts", "happened", "gave_up", "owner", "error_class", "trace",
        "event_id", "about", "payload", "chain",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep a tenant's own; the platform sees everybody's."""
        rows = super().get_queryset(request)
        return rows if is_platform() else rows.filter(tenant_id=current_tenant().id)

    def fill_list(self, request: HttpRequest, page: list[Any]) -> None:
        """Read the names of the tenants, where there are several."""
        names = names_of([row.tenant_id for row in page]) if is_platform() else {}
        for row in page:
            row.tenant_name = names.get(row.tenant_id, "—")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find a letter, and its event if that is kept."""
        letter = super().get_object(request, object_id, from_field)
        if letter is not None:
            letter.kept = OutboxEvent.objects.filter(pk=letter.event_id).first()
            tenant = find_by_id(letter.tenant_id) if is_platform() else None
            letter.tenant_name = tenant.name if tenant else "—"
        return letter

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Name the tenant where there are several."""
        shown: tuple[str, ...] = super().get_list_display(request)
        return shown if is_platform() else tuple(name for name in shown if name != "owner")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Name the tenant where there are several."""
        if is_platform():
            return self.fieldsets
        first = (None, {"fields": tuple(name for name in self.fieldsets[0][1]["fields"] if name != "owner")})
        return (first, *self.fieldsets[1:])

    def nav_badge(self, request: HttpRequest) -> int | None:
        """Count dead letters, up to 99."""
        return self.get_queryset(request).filter(state=DeadLetter.State.DEAD)[:99].count()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: they come from deliveries that failed."""
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

    @display(description=_("State"), label=TONES)
    def status(self, obj: DeadLetter) -> tuple[str, str]:
        """Answer the state in words."""
        return obj.state, str(LETTER_STATES[obj.state])

    @display(description=_("State"))
    def state_name(self, obj: DeadLetter) -> str:
        """Answer the state in words, for the page."""
        return str(LETTER_STATES[obj.state])

    @display(description=_("Error"), ordering="error_class")
    def failure(self, obj: DeadLetter) -> str:
        """Answer the last line of the traceback."""
        return last_line(obj.error)

    @display(description=_("Given up"), ordering="died_at")
    def died(self, obj: DeadLetter) -> Any:
        """Answer when it was given up."""
        return obj.died_at

    @display(description=_("Happened"))
    def happened(self, obj: DeadLetter) -> str:
        """Answer when the event was stored."""
        return date_format(timezone.localtime(obj.occurred_at), "DATETIME_FORMAT")

    @display(description=_("Given up"))
    def gave_up(self, obj: DeadLetter) -> str:
        """Answer when it was given up, for the page."""
        return date_format(timezone.localtime(obj.died_at), "DATETIME_FORMAT")

    @display(description=_("Tenant"))
    def owner(self, obj: Any) -> str:
        """Answer whose event it is."""
        return str(obj.tenant_name)

    @display(description=_("Traceback"))
    def trace(self, obj: DeadLetter) -> SafeString:
        """Show what the handler raised."""
        return code(obj.error or "—")

    @display(description=_("About"))
    def about(self, obj: DeadLetter) -> str:
        """Name what the event is about."""
        return f"{obj.aggregate_type} {obj.aggregate_id}, {gettext('version')} {obj.aggregate_version}"

    @display(description=_("Payload"))
    def payload(self, obj: Any) -> Any:
        """Show the event itself."""
        return as_json(obj.kept.payload) if obj.kept else _("No longer kept.")

    @display(description=_("Trace"))
    def chain(self, obj: Any) -> Any:
        """Answer the id under which the logs tell the whole story."""
        return obj.kept.trace_id if obj.kept else "—"

    # --- what can be done

    @object_action(_("Retry"), permission="logs.manage", when=_is_dead, primary=True, icon="replay")
    def retry(self, request: HttpRequest, obj: DeadLetter, data: dict[str, Any]) -> str:
        """Deliver it again."""
        retry_dead_letter(actor=request.actor, letter_id=obj.pk)  # type: ignore[attr-defined]
        return gettext("It will be delivered again in a moment.")

    @object_action(
        _("Discard"), permission="logs.manage", when=_is_dead, form=DiscardForm, danger=True, icon="delete_sweep",
        hint=_("The handler will never hear of this event."),
    )  # fmt: skip
    def discard(self, request: HttpRequest, obj: DeadLetter, data: dict[str, Any]) -> str:
        """Give it up for good."""
        discard_dead_letter(actor=request.actor, letter_id=obj.pk, reason=data["reason"])  # type: ignore[attr-defined]
        return gettext("Discarded: %(reason)s") % {"reason": data["reason"]}

    @admin.action(description=_("Retry"), permissions=["manage"])
    def retry_all(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        """Deliver the chosen ones again."""
        actor = request.actor  # type: ignore[attr-defined]
        self.do_each(request, queryset, lambda row: retry_dead_letter(actor=actor, letter_id=row.pk), _("Retried"))
