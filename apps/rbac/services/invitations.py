"""Inviting people: staff with roles that wait for them, and customers with none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import lazy

from apps.accounts import public as accounts
from apps.rbac.events import UserInvited
from apps.rbac.models import Invitation, Role, RolePermission
from apps.rbac.roles import BUILT_IN, CUSTOMER
from apps.rbac.services.consequences import check_roles
from apps.rbac.services.roles import NoSuchRole, assign_role, check_within
from rustok.kernel import links, mail
from rustok.kernel.access import Actor, actor_for, authorize
from rustok.kernel.errors import Conflict, Forbidden, Unauthenticated
from rustok.kernel.events import publish

__all__ = [
    "AlreadyInvited", "EmailNotVerified", "InvitationOver", "accept_invitation", "invite_person", "mail_invitation",
    "resend_invitation", "revoke_invitation",
]  # fmt: skip

AGE = timedelta(days=7)
_PURPOSE = "invitation"


class AlreadyInvited(Conflict):
    """There is an open invitation for this address; send it again, or withdraw it."""

    code = "already_invited"


class EmailNotVerified(Forbidden):
    """Confirm your own e-mail address first."""

    code = "email_not_verified"


class InvitationOver(Conflict):
    """This invitation was accepted or withdrawn."""

    code = "invitation_over"


@transaction.atomic
def invite_person(
    *, actor: Actor, email: str, roles: Iterable[str] = (), name: str = "", locale: str = "", now: datetime
) -> Invitation:
    """Invite somebody; they choose their own password, and get the roles once they do.

    :raises EmailNotVerified: if the actor's own address is not confirmed
    :raises NoSuchRole: if the tenant has no role of a slug
    :raises MoreThanOwn: if a role holds more than the actor may
    :raises EmailTaken: if there is an account with this address
    :raises AlreadyInvited: if an invitation is open
    """
    authorize(actor, "users.create")
    inviter = accounts.find_user(actor.id) if actor.id else None
    if inviter is not None and inviter.email_verified_at is None:
        raise EmailNotVerified()
    wanted = sorted(set(roles))
    _check_roles(actor, wanted)
    address = email.strip().lower()
    if accounts.find_user_by_email(address) is not None:
        raise accounts.EmailTaken(field="email")
    Invitation.objects.because("the right to it, or its link, is asked for here").filter(
        email=address, accepted_at=None, revoked_at=None, expires_at__lte=now
    ).update(revoked_at=now)
    invitation = Invitation(
        email=address, name=name.strip(), locale=locale, roles=wanted, invited_by=inviter, sent_at=now,
        expires_at=now + AGE,
    )  # fmt: skip
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError:
        raise AlreadyInvited(field="email") from None
    publish(UserInvited(invitation_id=invitation.pk), aggregate=invitation)
    return invitation


def _check_roles(actor: Actor, slugs: list[str]) -> None:
    if not slugs:
        return
    authorize(actor, "users.manage")
    known = set(
        Role.objects.because("the right to it, or its link, is asked for here")
        .filter(slug__in=slugs)
        .values_list("slug", flat=True)
    )
    for slug in slugs:
        if slug not in known:
            raise NoSuchRole(slug, field="roles")
    check_within(actor, _permissions_of(slugs))
    check_roles(actor, slugs, field="roles")


def _permissions_of(slugs: list[str]) -> list[tuple[str, str]]:
    rows = (
        RolePermission.objects.because("the right to it, or its link, is asked for here")
        .filter(role__slug__in=slugs)
        .order_by("permission")
    )
    return list(rows.values_list("permission", "scope"))


def _is_for_staff(slugs: list[str]) -> bool:
    """Tell whether roles are those of staff: they allow something that a customer may not."""
    customers = BUILT_IN[CUSTOMER][1]
    return any(customers.get(permission) != scope for permission, scope in _permissions_of(slugs))


@transaction.atomic
def resend_invitation(*, actor: Actor, invitation_id: UUID, now: datetime) -> Invitation:
    """Send an open invitation again, for another seven days; older links are good no more.

    :raises InvitationOver: if it was accepted or withdrawn
    :raises MoreThanOwn: if a role holds more than the actor may
    """
    invitation = _open(actor, invitation_id)
    _check_roles(actor, _existing(invitation))
    invitation.sent_at, invitation.expires_at = now, now + AGE
    invitation.save(update_fields=["sent_at", "expires_at", "updated_at"])
    publish(UserInvited(invitation_id=invitation.pk), aggregate=invitation)
    return invitation


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation_id: UUID, now: datetime) -> Invitation:
    """Withdraw an open invitation.

    :raises InvitationOver: if it was accepted or withdrawn
    """
    invitation = _open(actor, invitation_id)
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at", "updated_at"])
    return invitation


def _open(actor: Actor, invitation_id: UUID) -> Invitation:
    authorize(actor, "users.create")
    invitation = (
        Invitation.objects.because("the right to it, or its link, is asked for here")
        .select_for_update(of=("self",))
        .get(pk=invitation_id)
    )
    if not invitation.is_open:
        raise InvitationOver()
    return invitation


def _existing(invitation: Invitation) -> list[str]:
    return list(
        Role.objects.because("the right to it, or its link, is asked for here")
        .filter(slug__in=invitation.roles)
        .order_by("slug")
        .values_list("slug", flat=True)
    )


# --- the link -----------------------------------------------------------------------------------------------------


def _state(invitation: Invitation) -> tuple[object, ...]:
    return (invitation.email, invitation.sent_at.isoformat(), invitation.accepted_at, invitation.revoked_at)


def mail_invitation(*, invitation_id: UUID, key: str) -> None:
    """Send the link of an invitation; nothing if it is over."""
    invitation = (
        Invitation.objects.because("the right to it, or its link, is asked for here")
        .select_related("invited_by")
        .filter(pk=invitation_id)
        .first()
    )
    if invitation is None or not invitation.is_open:
        return
    inviter = invitation.invited_by
    roles = list(
        Role.objects.because("the right to it, or its link, is asked for here")
        .filter(slug__in=invitation.roles)
        .order_by("name")
    )
    token = links.sign(_PURPOSE, invitation.pk, *_state(invitation))
    context = {
        "link": links.page("/account/invitation/", invitation.locale, token=token),
        "inviter": inviter.get_full_name() if inviter else "",
        "roles": lazy(lambda: ", ".join(role.shown_name for role in roles), str)(),
    }
    mail.send("invitation", to=invitation.email, locale=invitation.locale, context=context, key=key)


def accept_invitation(*, token: str, password: str, name: str = "", now: datetime) -> accounts.User:
    """Make the account that was invited, with the roles that waited; nobody is logged in by it.

    Whoever has an account with the address by now keeps it if the address is confirmed; one that somebody made without
    owning the address is taken over: the link shows whose it is.

    :raises InvalidLink: if the link is not good here, or no longer
    :raises EmailTaken: if a confirmed account has the address by now
    :raises WeakPassword: if the password is easy to guess
    """
    claim = links.read(_PURPOSE, token, age=AGE)
    known = (
        Invitation.objects.because("the right to it, or its link, is asked for here").filter(pk=claim.subject).first()
    )
    links.check(claim, *(_state(known) if known else ()))
    with transaction.atomic():
        invitation = (
            Invitation.objects.because("the right to it, or its link, is asked for here")
            .select_for_update(of=("self",))
            .get(pk=claim.subject)
        )
        if not invitation.is_open or invitation.expires_at <= now:
            raise links.InvalidLink()
        roles = _existing(invitation)
        giver = _giver(invitation, roles)
        user = accounts.settle_user(
            actor=giver, email=invitation.email, password=password, name=name or invitation.name,
            locale=invitation.locale, is_staff=_is_for_staff(roles), now=now,
        )  # fmt: skip
        for slug in roles:
            assign_role(actor=giver, user_id=user.pk, role=slug)
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at", "updated_at"])
    return user


def _giver(invitation: Invitation, roles: list[str]) -> Actor:
    """Answer who gives the roles: whoever invited must still be allowed to.

    :raises InvalidLink: if they are not
    """
    platform = Actor.system(f"invitation {invitation.pk}")
    if invitation.invited_by_id is None:
        return platform
    inviter = actor_for(invitation.invited_by)
    try:
        authorize(inviter, "users.create")
        _check_roles(inviter, roles)
    except (Forbidden, Unauthenticated):  # of whoever is switched off by now nothing is left to ask
        raise links.InvalidLink() from None
    return platform
