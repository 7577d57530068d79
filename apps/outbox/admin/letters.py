"""Dead letters: what failed, why, and what was done about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.outbox import selectors
from apps.outbox.admin import matching
from apps.outbox.admin.filters import (
    AgeFilter,
    ErrorFilter,
    HandlerFilter,
    StateFilter,
    TenantFilter,
    TypeFilter,
    letters_wanted,
)
from apps.outbox.admin.words import LETTER_STATES, PILLS, TONES, as_json, chain_of, is_platform, name_tenants
from apps.outbox.documents import last_line
from apps.outbox.models import DeadLetter, DeadLetterAct
from apps.outbox.services import LetterFilter, discard_dead_letter, letters, retry_dead_letter, retry_matching
from rustok.kernel.edges.admin import MAX_BULK, Admin, Menu, object_action

_ACTS = {DeadLetterAct.Action.RETRY: _("Retried"), DeadLetterAct.Action.DISCARD: _("Discarded")}


class DiscardForm(forms.Form):
    """Why nobody needs this any more."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays on record with your name."),
    )  # fmt: skip


def _is_dead(letter: DeadLetter) -> bool:
    return letter.state == DeadLetter.State.DEAD


@admin.register(DeadLetter)
class DeadLetterAdmin(Admin):
    """Deliveries that were given up; the list opens with those that nobody has dealt with."""

    resource = "logs"
    url_permissions = {"retry_matching": "logs.manage", "discard_matching": "logs.manage"}
    menu = Menu("system", "unsubscribe", 30)
    nav_title = _("Dead letters")
    change_form_template = "admin/rustok/events/letter.html"
    list_before_template = "admin/rustok/events/matching_buttons.html"
    list_display = ("what", "to", "failure", "tries", "status", "died", "owner")
    list_filter = (StateFilter, HandlerFilter, ErrorFilter, TypeFilter, AgeFilter, TenantFilter)
    search_fields = ("handler",)
    search_help_text = _("Event, handler, error or id")
    actions = ("retry_chosen",)
    fields = readonly_fields = ("handler",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep a tenant's own; the platform sees everybody's."""
        rows = super().get_queryset(request)
        return selectors.visible(request.actor, rows) if self._may(request, "read") else rows.none()  # type: ignore[attr-defined]

    def list_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep what the filters and the search ask for."""
        return letters(request.actor, letters_wanted(request.GET, timezone.now()))  # type: ignore[attr-defined]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as the services do."""
        found = letters(request.actor, LetterFilter(states=(), search=search_term))  # type: ignore[attr-defined]
        return queryset & found.order_by(), False

    def fill_list(self, request: HttpRequest, page: list[Any]) -> None:
        """Read the names of the tenants, where there are several."""
        name_tenants(page)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Name the tenant where there are several."""
        shown: tuple[str, ...] = super().get_list_display(request)
        return shown if is_platform() else tuple(name for name in shown if name != "owner")

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

    # --- the list

    @display(description=_("Event"), ordering="event_type")
    def what(self, obj: DeadLetter) -> str:
        """Answer the name of the event."""
        return obj.event_type

    @display(description=_("Handler"), ordering="handler")
    def to(self, obj: DeadLetter) -> str:
        """Answer who gave it up."""
        return obj.handler

    @display(description=_("Attempts"), ordering="attempts")
    def tries(self, obj: DeadLetter) -> int:
        """Answer how often it was tried."""
        return obj.attempts

    @display(description=_("State"), label=TONES)
    def status(self, obj: DeadLetter) -> tuple[str, str]:
        """Answer the state in words."""
        return obj.state, str(LETTER_STATES[obj.state])

    @display(description=_("Error"), ordering="error_class")
    def failure(self, obj: DeadLetter) -> str:
        """Answer what the handler raised, in a line."""
        return last_line(obj.error)[:120] or "—"

    @display(description=_("Given up"), ordering="died_at")
    def died(self, obj: DeadLetter) -> Any:
        """Answer when it was given up."""
        return obj.died_at

    @display(description=_("Tenant"))
    def owner(self, obj: Any) -> str:
        """Answer whose event it is."""
        return str(obj.tenant_name)

    # --- the document

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the letter as a document."""
        letter = self.get_object(request, object_id)
        extra = _document(request, letter) if letter is not None else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | extra)

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
    def retry_chosen(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        """Deliver the chosen ones again."""
        chosen = LetterFilter(ids=list(queryset.values_list("pk", flat=True)[:MAX_BULK]))
        count = retry_matching(actor=request.actor, wanted=chosen) if chosen.ids else 0  # type: ignore[attr-defined]
        messages.success(request, f"{_('Retried')}: {count}")
        if left := len(chosen.ids) - count:
            messages.warning(request, gettext("Not dead any more: %(count)s") % {"count": left})

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that ask before they act on all that match."""
        return [
            path(f"matching/{name}/", self.admin_site.admin_view(matching.view_of(self, step)),
                 name=f"outbox_deadletter_{name}_matching")
            for name, step in matching.STEPS.items()
        ] + super().get_urls()  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer to act on all that match."""
        extra = {"may_act": self.has_manage_permission(request), "steps": matching.STEPS.values()}
        return super().changelist_view(request, (extra_context or {}) | extra)


def _document(request: HttpRequest, letter: DeadLetter) -> dict[str, Any]:
    event = selectors.kept_events([letter]).get(letter.event_id)
    name_tenants([letter])
    return {
        "letter": letter, "said": last_line(letter.error), "event": event,
        "payload": as_json(event.payload) if event else "",
        "state": LETTER_STATES[letter.state], "pill": PILLS[letter.state], "several": is_platform(),
        "chain": chain_of(request, event) if event else [],
        "acts": [(act, _ACTS[DeadLetterAct.Action(act.action)]) for act in selectors.acts_of([letter])[letter.pk]],
    }  # fmt: skip
