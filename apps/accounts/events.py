"""What the accounts module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event


@event("user.registered", version=1)
class UserRegistered(Event):
    """Somebody made an account."""

    user_id: UUID


@event("user.password_changed", version=1)
class UserPasswordChanged(Event):
    """A user has a new password."""

    user_id: UUID


@event("user.second_factor_enabled", version=1)
class SecondFactorEnabled(Event):
    """A user's logins ask for a code from now on."""

    user_id: UUID


@event("user.second_factor_disabled", version=1)
class SecondFactorDisabled(Event):
    """A user's logins ask for a password alone."""

    user_id: UUID


@event("user.second_factor_reset", version=1)
class SecondFactorReset(Event):
    """Somebody else took a user's second factor away."""

    user_id: UUID


@event("user.new_device", version=1)
class UserNewDevice(Event):
    """Somebody of staff logged in on a device, or from a network, that their account was never used on."""

    user_id: UUID
    device: Annotated[str, Meta(max_length=200, examples=["Firefox on Linux"])]
    address: Annotated[str, Meta(max_length=45, examples=["192.0.2.7"])]


@event("user.verification_requested", version=1)
class UserVerificationRequested(Event):
    """A user wants to show that the address is theirs."""

    user_id: UUID


@event("user.email_verified", version=1)
class UserEmailVerified(Event):
    """A user showed that the address is theirs."""

    user_id: UUID


@event("user.password_reset_requested", version=1)
class UserPasswordResetRequested(Event):
    """Somebody wants a new password for an address, which may be nobody's."""

    request_id: UUID


@event("user.email_change_requested", version=1)
class UserEmailChangeRequested(Event):
    """A user wants another address."""

    change_id: UUID
    user_id: UUID


@event("user.email_changed", version=1)
class UserEmailChanged(Event):
    """A user has another address."""

    user_id: UUID
