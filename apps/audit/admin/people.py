"""Erasing somebody from the log, on the page of the person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.audit.services import erase_person
from rustok.kernel.edges.admin import action_on

__all__ = ["erase_from_log"]


class SureForm(forms.Form):
    """Ask once more."""

    sure = forms.BooleanField(label=_("Yes, for good"))


@action_on(
    "accounts.User", _("Erase from the audit log"), permission="logs.manage", form=SureForm, danger=True,
    icon="person_off", button=_("Erase"),
    hint=_("Name, e-mail address and IP addresses of this person go from the audit log. What was done stays. "
           "This cannot be undone."),
)  # fmt: skip
def erase_from_log(request: HttpRequest, user: Any, data: dict[str, Any]) -> str:
    """Erase the person, by id and by address."""
    count = erase_person(actor=request.actor, user_id=user.pk, email=user.email)  # type: ignore[attr-defined]
    return ngettext("%(count)s entry was changed.", "%(count)s entries were changed.", count) % {"count": count}
