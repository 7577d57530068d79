"""GraphQL: my sessions and my second factor."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from apps.accounts import inputs, selectors, services
from apps.accounts.authentication import session_of
from rustok.kernel.access import AUTHENTICATED, Actor
from rustok.kernel.edges.graphql import Field, Mutation
from rustok.kernel.edges.limits import limit
from rustok.kernel.errors import NotFound
from rustok.kernel.times import iso

__all__ = ["OwnMutations", "OwnQuery"]


class SessionType(graphene.ObjectType):
    """One login: of a browser, or of a program with tokens."""

    class Meta:
        name = "LoginSession"

    id = graphene.ID(required=True)
    kind = graphene.String(required=True, description="browser or api")
    device = graphene.String(required=True)
    address = graphene.String(required=True)
    started_at = graphene.String(required=True)
    used_at = graphene.String(required=True)
    is_current = graphene.Boolean(required=True)


class SecondFactorType(graphene.ObjectType):
    """Whether a code is asked for, and whether it must be."""

    class Meta:
        name = "SecondFactor"

    enabled = graphene.Boolean(required=True)
    required = graphene.Boolean(required=True)
    recovery_codes_left = graphene.Int(required=True)


class OwnQuery(graphene.ObjectType):
    """Root fields about the logged-in user's sign-in."""

    sessions = Field(
        graphene.List(graphene.NonNull(SessionType), required=True), permission=AUTHENTICATED,
        description="My live sessions, this one first, then the newest; at most 100.",
    )  # fmt: skip
    second_factor = Field(SecondFactorType, permission=AUTHENTICATED, required=True)

    def resolve_sessions(root: Any, info: Any) -> Any:
        """List them."""
        services.only_for_people()
        request = info.context
        rows = selectors.live_sessions(request.actor.id, timezone.now(), current=session_of(request))
        return [
            {
                "id": str(row.id), "kind": row.kind, "device": row.device, "address": row.address,
                "started_at": iso(row.started_at), "used_at": iso(row.used_at), "is_current": row.is_current,
            }
            for row in rows
        ]  # fmt: skip

    def resolve_second_factor(root: Any, info: Any) -> Any:
        """Tell whether it is on."""
        user = selectors.find_user(info.context.actor.id)
        if user is None:
            raise NotFound()
        return selectors.second_factor_document(user)


class SessionRevoke(Mutation):
    """End one of my sessions."""

    permission = AUTHENTICATED

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """End it."""
        services.revoke_session(actor=actor, session_id=data["id"], now=timezone.now())
        return {}


class SessionsRevokeOthers(Mutation):
    """End all my sessions but this one."""

    permission = AUTHENTICATED
    count = graphene.Int()

    class Input:
        client_mutation_id = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """End them."""
        keep = session_of(info.context)
        return {"count": services.end_other_sessions(actor=actor, keep=keep, now=timezone.now())}


class SecondFactorEnrol(Mutation):
    """Make a secret for my app; it is asked for once `secondFactorConfirm` got a first code."""

    permission = AUTHENTICATED
    secret = graphene.String()
    uri = graphene.String()
    qr = graphene.String(description="The URI as an SVG image.")

    class Input:
        client_mutation_id = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Make it."""
        made = services.enrol_second_factor(actor=actor)
        return {"secret": made.secret, "uri": made.uri, "qr": services.qr_svg(made.uri)}


class SecondFactorConfirm(Mutation):
    """Switch it on with a first code; answers the recovery codes, once. All other sessions end."""

    permission = AUTHENTICATED
    recovery_codes = graphene.List(graphene.NonNull(graphene.String))

    class Input:
        password = graphene.String(required=True)
        code = graphene.String(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Switch it on."""
        clean = inputs.ConfirmSecondFactorInput.parse(data)
        limit(info.context, "login", who=actor.email)
        keep = session_of(info.context)
        codes = services.confirm_second_factor(actor=actor, **clean, now=timezone.now(), keep=keep)
        return {"recovery_codes": codes}


class _OwnCode:
    """What shows that it is really the user: the password, and a code of one kind."""

    password = graphene.String(required=True)
    code = graphene.String()
    recovery_code = graphene.String()


class SecondFactorDisable(Mutation):
    """Switch it off."""

    permission = AUTHENTICATED

    Input = _OwnCode  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Switch it off."""
        clean = inputs.OwnCodeInput.parse(data)
        limit(info.context, "login", who=actor.email)
        services.disable_second_factor(actor=actor, **clean, now=timezone.now())
        return {}


class RecoveryCodesRenew(Mutation):
    """Make new recovery codes; the old ones are void."""

    permission = AUTHENTICATED
    recovery_codes = graphene.List(graphene.NonNull(graphene.String))

    Input = _OwnCode  # type: ignore[assignment]

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Make them."""
        clean = inputs.OwnCodeInput.parse(data)
        limit(info.context, "login", who=actor.email)
        return {"recovery_codes": services.regenerate_recovery_codes(actor=actor, **clean, now=timezone.now())}


class OwnMutations(graphene.ObjectType):
    """Mutations of one's own sign-in."""

    session_revoke = SessionRevoke.Field()
    sessions_revoke_others = SessionsRevokeOthers.Field()
    second_factor_enrol = SecondFactorEnrol.Field()
    second_factor_confirm = SecondFactorConfirm.Field()
    second_factor_disable = SecondFactorDisable.Field()
    recovery_codes_renew = RecoveryCodesRenew.Field()
