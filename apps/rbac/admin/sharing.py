"""Sharing in the admin: a button on the page of whatever can be shared by name, and teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.rbac.models import Team
from apps.rbac.services import Grantee, delete_team, grants_of, grants_on, save_team, set_grants
from apps.rbac.sharing import shareable
from rustok.kernel.access import Actor, restrict
from rustok.kernel.edges.admin import Admin, Menu, action_on

__all__ = ["TeamAdmin", "shared_with"]

_LEVELS: dict[str, tuple[str, ...]] = {
    "nothing": (), "see": ("read",), "edit": ("read", "update"), "all": ("read", "update", "delete"),
}  # fmt: skip
_WORDS = {
    "see": pgettext_lazy("shared", "see it"), "edit": pgettext_lazy("shared", "see and change it"),
    "all": pgettext_lazy("shared", "see, change and delete it"), "nothing": pgettext_lazy("shared", "nothing any more"),
}  # fmt: skip
#: People and teams that the list offers.
_MOST = 500
#: Objects of one kind that somebody's page names, and teams that it looks at.
_SHOWN = 20
_TEAMS = 20


def _receivers() -> list[Any]:
    """List staff and teams, as groups of choices."""
    rows = get_user_model()._default_manager.because("whom staff may share with")  # type: ignore[attr-defined]
    people = rows.filter(is_staff=True, is_active=True).order_by("email")[:_MOST]
    return [
        (_("Teams"), [(f"team:{team.pk}", team.name) for team in Team.objects.order_by("name")[:_MOST]]),
        (_("People"), [(f"user:{one.pk}", f"{one.name} · {one.email}" if one.name else one.email) for one in people]),
    ]  # fmt: skip


class ShareForm(forms.Form):
    """With whom, and how far."""

    to = forms.ChoiceField(label=_("Share with"))
    level = forms.ChoiceField(label=_("They may"), choices=[(key, _WORDS[key]) for key in _WORDS], initial="see")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", _("Choose a person or a team")), *_receivers()]  # type: ignore[attr-defined]

    def about(self, obj: Any) -> None:
        """Say with whom it is shared already."""
        found: dict[str, set[str]] = {}
        for grant in grants_on(actor=Actor.system("shows with whom it is shared"), obj=obj):
            found.setdefault(grant.name, set()).add(grant.permission.partition(".")[2])
        lines = [f"{name}: {_WORDS[_level(actions)]}" for name, actions in sorted(found.items())]
        now = "; ".join(lines) or gettext("nobody yet")
        self.fields["to"].help_text = gettext("Shared now with %(names)s.") % {"names": now}


def _level(actions: set[str]) -> str:
    return "all" if "delete" in actions else "edit" if "update" in actions else "see"


def _grantee(chosen: str) -> Grantee:
    kind, _colon, key = chosen.partition(":")
    return Grantee("team", int(key)) if kind == "team" else Grantee("user", UUID(key))


def share(request: HttpRequest, obj: Any, data: dict[str, Any]) -> str:
    """Let a person or a team do exactly what was chosen."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    set_grants(actor=actor, obj=obj, to=_grantee(data["to"]), actions=_LEVELS[data["level"]])
    return gettext("Sharing is saved.")


def _offer_sharing() -> None:
    for model in shareable().values():
        action_on(
            model._meta.label, _("Share"), permission=f"{model.shared_as}.read", form=ShareForm, icon="group_add",  # type: ignore[attr-defined]
            hint=_("Lets one person or team work with this alone. To take it back, choose “nothing any more”."),
        )(share)  # fmt: skip


_offer_sharing()


def shared_with(request: HttpRequest, user: Any) -> str:
    """Say what was shared with somebody and with their teams, a line for each object."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    lines = [_line(actor, name, ids, "") for name, ids in _by_kind(actor, Grantee("user", user.pk)).items()]
    for team in Team.objects.filter(user=user).order_by("name")[:_TEAMS]:
        grants = _by_kind(actor, Grantee("team", team.pk))
        lines += [_line(actor, name, ids, team.name) for name, ids in grants.items()]
    return format_html_join("", "{}", ((line,) for line in lines)) if lines else gettext("Nothing.")


def _by_kind(actor: Actor, to: Grantee) -> dict[str, dict[UUID, set[str]]]:
    found: dict[str, dict[UUID, set[str]]] = {}
    for grant in grants_of(actor=actor, to=to):
        objects = found.setdefault(grant.object_kind, {})
        objects.setdefault(grant.object_id, set()).add(grant.permission.partition(".")[2])
    return found


def _with_names(model: Any) -> QuerySet[Any]:
    """Read along what objects of a kind are called."""
    through = getattr(model, "shared_through", None)
    rows: QuerySet[Any] = model._default_manager.order_by("pk")
    return rows.select_related(through).prefetch_related(f"{through}__translations") if through else rows


def _line(actor: Actor, kind: str, actions: dict[UUID, set[str]], team: str) -> Any:
    """Name the objects of one kind that the reader may see; of others, only how many."""
    model: Any = shareable()[kind]
    rows = restrict(actor, _with_names(model), f"{model.shared_as}.read").filter(pk__in=list(actions))
    names = [(str(row), _WORDS[_level(actions[row.pk])]) for row in rows[:_SHOWN]]
    more = len(actions) - len(names)
    ends = [(ngettext("%(count)d more", "%(count)d more", more) % {"count": more}, "")] if more else []
    said = format_html_join("; ", "{} ({})", names)
    rest = format_html_join("", "{}{}", ends)
    joint = "; " if names and more else ""
    through = gettext(" through the team %(team)s") % {"team": team} if team else ""
    return format_html("<p>{}{}: {}{}{}</p>", capfirst(model._meta.verbose_name_plural), through, said, joint, rest)


# --- teams ------------------------------------------------------------------------------------------------------------


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    """A team and who is in it."""

    members = forms.MultipleChoiceField(
        label=_("Members"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What is shared with the team is shared with each of them."),
    )  # fmt: skip

    class Meta:
        model = Team
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "members" in self.fields:
            self.fields["members"].choices = [(key.removeprefix("user:"), name) for key, name in _receivers()[1][1]]  # type: ignore[attr-defined]
            if self.instance.pk:
                self.fields["members"].initial = [str(user.pk) for user in self.instance.user_set.all()]


@admin.register(Team)
class TeamAdmin(Admin):
    """Teams, with which things are shared."""

    resource = "users"
    menu = Menu("access", "groups", 30)
    form = TeamForm
    list_display = ("name", "people")
    search_fields = ("name",)
    ordering = ("name",)
    fieldsets = ((None, {"fields": ("name", "members")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count people along."""
        from django.db.models import Count

        return super().get_queryset(request).annotate(member_count=Count("user"))

    @display(description=_("People"), ordering="member_count")
    def people(self, obj: Any) -> int:
        """Answer how many are in it."""
        return int(obj.member_count)

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Save the team."""
        data = form.cleaned_data
        return save_team(
            actor=request.actor, name=data["name"], members=[UUID(key) for key in data["members"]],  # type: ignore[attr-defined]
            team_id=obj.pk if change else None,
        )  # fmt: skip

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Delete the team."""
        delete_team(actor=request.actor, team_id=obj.pk)  # type: ignore[attr-defined]
