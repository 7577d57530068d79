"""What the roles module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event

Permission = Annotated[str, Meta(min_length=3, max_length=64, examples=["pages.update"])]
Kind = Annotated[str, Meta(min_length=1, max_length=64, examples=["page"])]


@event("grant.given", version=1)
class GrantGiven(Event):
    """One object was shared with a person or a team, by name."""

    permission: Permission
    kind: Kind
    object_id: UUID
    user_id: UUID | None = None
    team: int | None = None


@event("grant.withdrawn", version=1)
class GrantWithdrawn(Event):
    """A person or a team may no longer do to one object what was shared."""

    permission: Permission
    kind: Kind
    object_id: UUID
    user_id: UUID | None = None
    team: int | None = None


@event("user.invited", version=1)
class UserInvited(Event):
    """Somebody is invited, or invited again."""

    invitation_id: UUID


Name = Annotated[str, Meta(min_length=1, max_length=120, examples=["Vendors see their own products"])]


@event("policy.saved", version=1)
class PolicySaved(Event):
    """A policy was made or changed."""

    policy_id: UUID
    policy_name: Name
    enabled: bool


@event("policy.deleted", version=1)
class PolicyDeleted(Event):
    """A policy was taken back."""

    policy_id: UUID
    policy_name: Name
