"""Teams: people with whom things are shared together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from guardian.models import GroupObjectPermission

from apps.rbac.models import Team
from apps.rbac.services.roles import check_within
from apps.rbac.sharing import permissions_of
from rustok.kernel.access import Actor, authorize, changed
from rustok.kernel.errors import Conflict, Invalid, NotFound

__all__ = ["MAX_MEMBERS", "delete_team", "find_team", "list_teams", "members_of", "save_team"]

#: Members of one team, and teams of one tenant.
MAX_MEMBERS, MAX_TEAMS = 500, 200


class TeamNameTaken(Conflict):
    """There is a team of that name."""

    code = "team_name_taken"


class TooManyTeams(Conflict):
    """There are 200 teams already."""

    code = "too_many_teams"


class NoSuchMember(Invalid):
    """A member of a team may use the admin."""

    code = "no_such_member"


def list_teams(*, actor: Actor) -> list[Team]:
    """List the teams by name, with their members."""
    authorize(actor, "users.list")
    rows: Any = Team.objects.order_by("name").prefetch_related("user_set")
    return list(rows[:MAX_TEAMS])


def find_team(*, actor: Actor, team_id: int) -> Team:
    """Answer a team.

    :raises NotFound: if there is none
    """
    authorize(actor, "users.read")
    return _find(team_id)


def members_of(team: Team) -> list[dict[str, str]]:
    """Answer who is in a team, by address."""
    people = sorted(team.user_set.all(), key=lambda user: user.email)
    return [{"id": str(user.pk), "email": user.email, "name": user.name} for user in people]


@transaction.atomic
def save_team(*, actor: Actor, name: str, members: Iterable[UUID] | None = None, team_id: int | None = None) -> Team:
    """Make a team, or change one; `members` are exactly these people, None leaves them as they are.

    :raises TeamNameTaken: if another has the name
    :raises NoSuchMember: if one of them is a customer, or nobody
    :raises TooManyTeams: if there are 200 already
    :raises MoreThanOwn: if somebody would get, or lose, more than the actor may give
    """
    authorize(actor, "users.manage")
    team = _find(team_id, locked=True) if team_id is not None else Team()
    if team_id is None and Team.objects.count() >= MAX_TEAMS:
        raise TooManyTeams(f"more than {MAX_TEAMS}")
    team.name = name.strip()
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise TeamNameTaken(field="name") from None
    if members is not None:
        people = _staff(set(members))
        if {one.pk for one in people} != set(team.user_set.values_list("pk", flat=True)):
            _check_within(actor, team)
        team.user_set.set(people)
        changed()
    return team


@transaction.atomic
def delete_team(*, actor: Actor, team_id: int) -> None:
    """Delete a team, and what was shared with it.

    :raises MoreThanOwn: if that is more than the actor may give
    """
    authorize(actor, "users.manage")
    team = _find(team_id, locked=True)
    _check_within(actor, team)
    team.delete()
    changed()


def _find(team_id: int, *, locked: bool = False) -> Team:
    rows: Any = Team.objects.select_for_update() if locked else Team.objects.all()
    team: Team | None = rows.filter(pk=team_id).first()
    if team is None:
        raise NotFound()
    return team


def _check_within(actor: Actor, team: Team) -> None:
    """Refuse to hand on, or take, what was shared with a team by those who may.

    :raises MoreThanOwn: if it goes beyond the actor's
    """
    check_within(actor, [(permission, "all") for permission in _shared_with(team)])


def _shared_with(team: Team) -> list[str]:
    """Name what the team may do to some objects."""
    kinds = GroupObjectPermission.objects.filter(group=team).order_by().distinct()
    names = kinds.values_list("permission__content_type__app_label", "permission__codename")
    return sorted(permissions_of(f":{label}.{codename}" for label, codename in names))


def _staff(wanted: set[UUID]) -> list[Any]:
    """Find the people, all of whom must be staff."""
    if len(wanted) > MAX_MEMBERS:
        raise NoSuchMember(f"more than {MAX_MEMBERS}", field="members")
    rows = get_user_model()._default_manager.because("the members that were named")  # type: ignore[attr-defined]
    found = list(rows.filter(pk__in=wanted, is_staff=True, is_active=True).order_by("pk"))
    if len(found) != len(wanted):
        raise NoSuchMember(field="members")
    return found
