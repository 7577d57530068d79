"""Policies in the admin: a form that shows what conditions may name, a way to try them, and what is said of people."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from apps.rbac.admin.roles import RESOURCE_NAMES
from apps.rbac.conditions import ENVIRONMENT, SUBJECT
from apps.rbac.explaining import Decision, explain, kinds_of
from apps.rbac.models import Policy
from apps.rbac.services import delete_policy, save_policy, set_attributes
from rustok.kernel.access import Actor, restrict
from rustok.kernel.attributes import declared
from rustok.kernel.edges.admin import Admin, Menu, action_on, object_action
from rustok.kernel.errors import Invalid

__all__ = ["PolicyAdmin"]

ACTION_NAMES = {
    "read": _("see one"), "list": _("see lists"), "create": _("add"),
    "update": pgettext_lazy("what one may do", "change"), "delete": pgettext_lazy("what one may do", "delete"),
    "export": _("export"), "import": _("import"), "manage": _("everything"),
}  # fmt: skip
KIND_NAMES = {
    "text": _("text"), "number": pgettext_lazy("a kind of value", "number"), "bool": _("true or false"),
    "date": _("day, as 2026-01-31"),
    "id": _("key"), "texts": _("list of texts"), "address": _("network, as \"10.0.0.0/8\""),
}  # fmt: skip
EXAMPLES = (
    ("object.vendor == subject.vendor", _("only of the person's own vendor; say on the person's page which that is")),
    ("object.total < 50000", _("only up to 500.00")),
    ("object.status in [\"draft\", \"archived\"]", _("only what is not on sale")),
    ("environment.hour >= 8 and environment.hour < 18", _("only in office hours")),
    ("not (environment.address in \"10.0.0.0/8\")", _("from anywhere but the office's network")),
)  # fmt: skip


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy, in the words of an editor."""

    effect = forms.ChoiceField(
        label=_("What it does"), widget=UnfoldAdminRadioSelectWidget, initial=Policy.Effect.ALLOW,
        choices=((Policy.Effect.ALLOW, _("allows")), (Policy.Effect.DENY, _("forbids, whatever else allows it"))),
    )  # fmt: skip
    resource = forms.ChoiceField(label=_("About"), choices=list(RESOURCE_NAMES.items()), widget=UnfoldAdminSelectWidget)
    actions = forms.MultipleChoiceField(
        label=_("What one may do, or not"), choices=list(ACTION_NAMES.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip
    condition = forms.CharField(
        label=_("Condition"), required=False, max_length=1_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("For whom, for which objects, and when. Leave it empty for everybody and everything."),
    )  # fmt: skip

    class Meta:
        model = Policy
        fields = ("name", "effect", "resource", "actions", "condition", "enabled", "description")


#: An id in the address of a page, in the back office or in the API.
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")


class TryForm(forms.Form):
    """Somebody, something to do, and an object."""

    email = forms.EmailField(label=_("Who (e-mail)"), max_length=254)
    action = forms.ChoiceField(label=_("wants to"), choices=list(ACTION_NAMES.items()))
    kind = forms.ChoiceField(label=_("Kind of object"), required=False)
    object_id = forms.CharField(
        label=_("Which one"), required=False, max_length=500,
        help_text=_("Paste the address of its page here. Leave it empty to ask: is there one at all?"),
    )  # fmt: skip

    def clean_object_id(self) -> UUID | None:
        """Find the id in what was pasted."""
        pasted = self.cleaned_data["object_id"]
        found = _ID.search(pasted)
        if pasted and not found:
            raise ValidationError(gettext("There is no such object."))
        return UUID(found.group()) if found else None

    def about(self, policy: Policy) -> None:
        """Offer the kinds of objects that the policy can be about."""
        kinds = kinds_of(policy.resource)
        choices = [(name, model._meta.verbose_name) for name, model in sorted(kinds.items())]
        self.fields["kind"].choices = choices or [("", "—")]  # type: ignore[attr-defined]


def names_by_resource() -> list[dict[str, Any]]:
    """Answer for each resource what conditions may name of its objects."""
    return [
        {
            "resource": resource,
            "title": title,
            "names": [
                {"name": f"object.{name}", "kind": KIND_NAMES[one.kind], "hint": one.hint}
                for name, one in sorted(declared(resource).items())
            ],
        }
        for resource, title in RESOURCE_NAMES.items()
    ]


def _plain(of: str, names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": f"{of}.{name}", "kind": KIND_NAMES[kind], "hint": ""} for name, kind in names.items()]


@admin.register(Policy)
class PolicyAdmin(Admin):
    """Rules that allow or forbid, by what is true of the object, the person and the moment."""

    resource = "users"
    menu = Menu("access", "policy", 30)
    form = PolicyForm
    list_display = ("name", "does", "about", "what", "condition", "enabled")
    list_filter = ("effect", "enabled")
    search_fields = ("name", "condition", "description")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "description", "enabled")}),
        (_("Rule"), {"fields": ("effect", "resource", "actions", "condition")}),
    )
    change_form_after_template = "admin/rustok/policy_names.html"

    @display(description=_("Does"), label={"allow": "success", "deny": "danger"}, ordering="effect")
    def does(self, obj: Policy) -> tuple[str, str]:
        """Answer what it does, in a colour."""
        return obj.effect, gettext("allows") if obj.effect == Policy.Effect.ALLOW else gettext("forbids")

    @display(description=_("About"), ordering="resource")
    def about(self, obj: Policy) -> str:
        """Answer the resource in words."""
        return str(RESOURCE_NAMES.get(obj.resource, obj.resource))

    @display(description=_("What"))
    def what(self, obj: Policy) -> str:
        """Answer the actions in words."""
        return ", ".join(str(ACTION_NAMES[action]) for action in obj.actions)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show beside the form what conditions may name."""
        context["policy_names"] = names_by_resource()
        context["policy_common"] = [*_plain("subject", SUBJECT), *_plain("environment", ENVIRONMENT)]
        context["policy_examples"] = EXAMPLES
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """List policies by name."""
        return super().get_queryset(request).order_by("name")

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Save the policy."""
        return save_policy(
            actor=request.actor, policy_id=obj.pk if change else None,  # type: ignore[attr-defined]
            **{name: form.cleaned_data[name] for name in PolicyForm.Meta.fields},
        )  # fmt: skip

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Take it back."""
        delete_policy(actor=request.actor, policy_id=obj.pk)  # type: ignore[attr-defined]

    @object_action(
        _("Try it"), permission="users.manage", form=TryForm, icon="science",
        hint=_("Ask what is decided now, by all roles and policies together, and why."),
    )  # fmt: skip
    def try_it(self, request: HttpRequest, obj: Policy, data: dict[str, Any]) -> str:
        """Tell whether somebody may, and why."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        people = get_user_model()._default_manager.filter(email=data["email"].lower())
        user = restrict(actor, people, "users.read").first()
        if user is None:
            raise Invalid(gettext("There is no such person."), field="email")
        return _in_words(explain(
            actor=actor, user_id=user.pk, permission=f"{obj.resource}.{data['action']}", kind=data["kind"],
            object_id=data["object_id"],
        ))  # fmt: skip


def _in_words(decision: Decision) -> str:
    answer = gettext("Yes, allowed.") if decision.allowed else gettext("No, not allowed.")
    reasons = [
        f"{'+' if reason.allows else '−'} {reason.name}: {reason.text}"
        for reason in sorted(decision.reasons, key=lambda reason: reason.allows)
    ]
    return " ".join([answer, *(reasons or [gettext("Nothing gives this permission.")])])


# --- what is said of people -----------------------------------------------------------------------------------------


class AttributesForm(forms.Form):
    """One attribute a line."""

    attributes = forms.CharField(
        label=_("Attributes"), required=False, max_length=5_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_("One a line, such as: vendor = Acme. Numbers are numbers; write true or false for yes or no."),
    )  # fmt: skip

    def about(self, user: Any) -> None:
        """Show what is said now."""
        lines = (f"{one.name} = {one.value}" for one in user.subject_attributes.all())
        self.fields["attributes"].initial = "\n".join(lines)

    def clean_attributes(self) -> dict[str, str | Decimal | bool]:
        """Read the lines."""
        found = {}
        for line in self.cleaned_data["attributes"].splitlines():
            name, equals, value = line.partition("=")
            if line.strip():
                if not equals:
                    raise ValidationError(gettext("“%(line)s”: write name = value") % {"line": line[:40]})
                found[name.strip()] = _typed(value.strip())
        return found


def _typed(value: str) -> str | Decimal | bool:
    if value in ("true", "false"):
        return value == "true"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return number if number.is_finite() else value


@action_on(
    "accounts.User", _("Attributes"), permission="users.manage", form=AttributesForm, icon="label", button=_("Save"),
    hint=_("What policies may ask about this person, as subject.vendor."),
)  # fmt: skip
def say_attributes(request: HttpRequest, user: Any, data: dict[str, Any]) -> str:
    """Say this of somebody."""
    set_attributes(actor=request.actor, user_id=user.pk, attributes=data["attributes"])  # type: ignore[attr-defined]
    return gettext("Saved. Policies go by it from now on.")
