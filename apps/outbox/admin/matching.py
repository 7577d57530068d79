"""Acting on all dead letters that match the filters of the list: it asks first, and says how many they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.outbox.admin.filters import letters_wanted
from apps.outbox.models import DeadLetter
from apps.outbox.services import AT_ONCE, LetterFilter, discard_matching, letters, retry_matching
from apps.tenant.public import names_of
from rustok.kernel.edges.admin_forms import styled

__all__ = ["STEPS", "Step", "view_of"]


class _Confirmed(forms.Form):
    #: When the page was shown: what died since was not seen, and is left.
    until = forms.DateTimeField(widget=forms.HiddenInput)


class _Explained(_Confirmed):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays on record with your name."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """What may be done with all that match."""

    name: str
    label: Any
    done: Any
    icon: str
    form: type[_Confirmed]
    danger: bool
    hint: Any
    run: Callable[..., int]

    @property
    def url(self) -> str:
        """Answer where its page is."""
        return reverse(f"admin:outbox_deadletter_{self.name}_matching")


STEPS = {
    "retry": Step(
        "retry", _("Retry all that match"), _("Retried"), "replay", _Confirmed, False,
        _("They are delivered again, each to the handler that gave it up, with its attempts counted from zero."),
        retry_matching,
    ),
    "discard": Step(
        "discard", _("Discard all that match"), _("Discarded"), "delete_sweep", _Explained, True,
        _("Their handlers will never hear of these events."), discard_matching,
    ),
}  # fmt: skip


def view_of(page: Any, step: Step) -> Callable[[HttpRequest], HttpResponse]:
    """Make the page that asks, and acts on POST."""

    def view(request: HttpRequest) -> HttpResponse:
        if not page.has_manage_permission(request):
            raise PermissionDenied
        now = timezone.now()
        form = step.form(request.POST if request.method == "POST" else None, initial={"until": now.isoformat()})
        is_valid = form.is_valid()
        until = form.cleaned_data.get("until", now) if form.is_bound else now
        wanted = _dead_until(letters_wanted(request.GET, until), until)
        if is_valid:
            return _act(request, step, wanted, form.cleaned_data)
        return _ask(page, request, step, wanted, form)

    return view


def _dead_until(wanted: LetterFilter, until: datetime) -> LetterFilter:
    before = min(until, wanted.died_before) if wanted.died_before else until
    return replace(wanted, states=(DeadLetter.State.DEAD,), died_before=before)


def _act(request: HttpRequest, step: Step, wanted: LetterFilter, data: dict[str, Any]) -> HttpResponse:
    given = {"reason": data["reason"]} if "reason" in data else {}
    actor = request.actor  # type: ignore[attr-defined]
    count = step.run(actor=actor, wanted=wanted, limit=AT_ONCE, **given)
    messages.success(request, f"{step.done}: {number_format(count, force_grouping=True)}")
    if count == AT_ONCE and (left := letters(actor, wanted).count()):
        messages.warning(request, gettext("Left for the next time: %(count)s") % {"count": number_format(left)})
    return redirect(f"{_list()}?{request.GET.urlencode()}")


def _ask(page: Any, request: HttpRequest, step: Step, wanted: LetterFilter, form: forms.Form) -> HttpResponse:
    rows = letters(request.actor, wanted)  # type: ignore[attr-defined]
    count = rows.count()
    styled(form.fields.values())
    context = page.admin_site.each_context(request) | {
        "opts": page.opts, "title": step.label, "step": step, "form": form, "count": count,
        "heading": ngettext("%(count)s dead letter", "%(count)s dead letters", count)
        % {"count": number_format(count, force_grouping=True)},
        "most": AT_ONCE if count > AT_ONCE else None, "chosen": _chosen(wanted), "list_url": _list(),
    }  # fmt: skip
    return render(request, "admin/rustok/events/matching.html", context, status=422 if form.is_bound else 200)


def _chosen(wanted: LetterFilter) -> list[tuple[Any, str]]:
    """Say in words what was chosen."""
    said: list[tuple[Any, str]] = [
        (_("Handler"), ", ".join(wanted.handlers)), (_("Event"), ", ".join(wanted.event_types)),
        (_("Error"), ", ".join(wanted.error_classes)), (_("Search"), wanted.search),
        (_("Tenant"), ", ".join(names_of(wanted.tenant_ids).values())),
        (_("Given up after"), _moment(wanted.died_after)),
        (_("Given up before"), _moment(wanted.died_before)),
    ]  # fmt: skip
    return [(label, text) for label, text in said if text]


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""


def _list() -> str:
    return reverse("admin:outbox_deadletter_changelist")
