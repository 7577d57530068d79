"""What the accounts module announces."""

from uuid import UUID

from rustok.kernel.events import Event, event


@event("user.registered", version=1)
class UserRegistered(Event):
    """Somebody made an account."""

    user_id: UUID


@event("user.password_changed", version=1)
class UserPasswordChanged(Event):
    """A user has a new password."""

    user_id: UUID
