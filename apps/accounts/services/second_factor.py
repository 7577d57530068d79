"""The second step of a login: codes of an authenticator app (TOTP, RFC 6238), and codes on paper."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.accounts.events import SecondFactorDisabled, SecondFactorEnabled, SecondFactorReset
from apps.accounts.models import RecoveryCode, SecondFactor, User
from apps.accounts.services.api_keys import only_for_people
from apps.accounts.services.endings import end_all
from apps.accounts.services.lockouts import attempt
from apps.accounts.services.passwords import check_own_password
from apps.accounts.services.sealing import seal, unseal
from apps.accounts.services.unenrolling import remove_second_factor
from rustok.kernel.access import Actor, authorize, authorize_over, known_id
from rustok.kernel.errors import Conflict, Forbidden, Unauthenticated
from rustok.kernel.events import publish
from rustok.kernel.ids import parse_id
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "RECOVERY_CODES", "Enrolment", "InvalidTicket", "NoSecondFactor", "SecondFactorOn", "Ticket", "WrongCode",
    "codes_left", "confirm_second_factor", "disable_second_factor", "enrol_second_factor", "issue_ticket",
    "looks_like_recovery_code", "regenerate_recovery_codes", "reset_second_factor", "take_ticket",
]  # fmt: skip

RECOVERY_CODES = 10
#: Seconds that somebody has to type the code after the password.
TICKET_SECONDS = 300
#: Seconds of one code; the one before and the one after are taken as well, for clocks that are off.
STEP_SECONDS = 30
_TICKET_SALT = "accounts.second_factor.ticket"
#: Letters and digits that nobody mistakes for others.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


class InvalidTicket(Unauthenticated):
    """The time for the second step is over; log in again."""

    code = "invalid_ticket"


class WrongCode(Unauthenticated):
    """The code is wrong, or was used before."""

    code = "wrong_code"


class WrongCodeHere(Forbidden):
    """The code is wrong, or was used before."""

    code = "wrong_code"


class SecondFactorOn(Conflict):
    """There is a second factor already; switch it off first."""

    code = "second_factor_on"


class NoSecondFactor(Conflict):
    """There is no second factor to confirm or to switch off."""

    code = "no_second_factor"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What somebody gets who gave the right password and owes a code."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the secret, and the address that a QR code holds."""

    secret: str
    uri: str


# --- logging in ---------------------------------------------------------------------------------------------------


def issue_ticket(user: User) -> Ticket:
    """Sign that the password was right: good for this tenant, this user, this password, and a few minutes."""
    held = {"tenant": str(current_tenant().id), "user": str(user.pk), "stamp": _stamp(user)}
    return Ticket(signing.dumps(held, salt=_TICKET_SALT))


def _stamp(user: User) -> str:
    return user.get_session_auth_hash()[:24]


def take_ticket(*, ticket: str, code: str = "", recovery_code: str = "", seen: str = "", now: datetime) -> User:
    """Exchange a ticket and a code for the user who may go in.

    :raises InvalidTicket: if it is too old, another tenant's, or the password has changed
    :raises WrongCode: if the code is wrong or used up
    :raises TooManyAttempts: if too many codes were wrong
    """
    user = _user_of(ticket)
    with attempt("second_factor", user.email, seen=seen):
        if not _take_code(user, code, recovery_code, now):
            raise WrongCode(field="recovery_code" if recovery_code else "code")
    user.second_factor_passed = True  # type: ignore[attr-defined]
    return user


def _user_of(ticket: str) -> User:
    try:
        held = signing.loads(ticket[:2_000], salt=_TICKET_SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        raise InvalidTicket() from None
    if held["tenant"] != str(current_tenant().id):
        raise InvalidTicket()
    user = (
        User.objects.because("the second step of an account")
        .filter(pk=parse_id(held["user"]), is_active=True, has_second_factor=True)
        .first()
    )
    if user is None or not constant_time_compare(held["stamp"], _stamp(user)):
        raise InvalidTicket()
    return user


@transaction.atomic
def _take_code(user: User, code: str, recovery_code: str, now: datetime) -> bool:
    """Use up a code; of two who send the same at once, one wins."""
    factor = SecondFactor.objects.because("the second step of an account").select_for_update().filter(user=user).first()
    if factor is None:
        return False
    return _take_step(factor, code, now) if code else _take_recovery_code(user, recovery_code, now)


def _take_step(factor: SecondFactor, code: str, now: datetime) -> bool:
    step = _matching_step(factor, _digits(code), now)
    if step is None:
        return False
    factor.last_step = step
    factor.save(update_fields=["last_step", "updated_at"])
    return True


def _matching_step(factor: SecondFactor, code: str, now: datetime) -> int | None:
    totp = pyotp.TOTP(unseal(factor.secret, use=_use(factor.user_id)), interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in (current - 1, current, current + 1):
        if constant_time_compare(totp.generate_otp(step), code) and step > factor.last_step:
            found = step
    return found


def looks_like_recovery_code(text: str) -> bool:
    """Tell a recovery code from a code of the app, where both are typed into one field."""
    return any(char.isalpha() for char in text) or len(_digits(text)) > 6


def _digits(code: str) -> str:
    return "".join(char for char in code[:20] if char.isascii() and char.isdigit())


def _use(user_id: UUID) -> str:
    return f"second factor:{user_id}"


def _take_recovery_code(user: User, code: str, now: datetime) -> bool:
    digests = [_digest(user.pk, code, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return bool(
        RecoveryCode.objects.because("the second step of an account")
        .filter(user=user, digest__in=digests, used_at=None)
        .update(used_at=now)
    )


def _digest(user_id: UUID, code: str, key: str) -> str:
    plain = "".join(char for char in code[:40].lower() if char.isascii() and char.isalnum())
    return salted_hmac(f"accounts.recovery:{user_id}", plain, secret=key, algorithm="sha256").hexdigest()


# --- having one ---------------------------------------------------------------------------------------------------


@transaction.atomic
def enrol_second_factor(*, actor: Actor) -> Enrolment:
    """Make a new secret for the actor's app; nothing asks for its codes until one confirmed it.

    :raises SecondFactorOn: if the actor has a second factor
    """
    only_for_people()
    user = User.objects.because("the second step of an account").select_for_update().get(pk=known_id(actor))
    if user.has_second_factor:
        raise SecondFactorOn()
    secret = pyotp.random_base32()
    SecondFactor.objects.because("the second step of an account").update_or_create(
        user=user, defaults={"secret": seal(secret, use=_use(user.pk)), "confirmed_at": None, "last_step": 0}
    )
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=current_tenant().name))


def confirm_second_factor(
    *, actor: Actor, password: str, code: str, now: datetime, keep: UUID | None = None
) -> list[str]:
    """Switch the second factor on with a first code; answer the recovery codes, which are never shown again.

    Every other session ends: it began without the second step. `keep` is the actor's own.

    :raises WrongPassword: if the password is wrong
    :raises WrongCode: if the code is
    :raises NoSecondFactor: if no secret was made, or it is confirmed
    """
    user = _checked(actor, password)
    factor = SecondFactor.objects.because("the second step of an account").filter(user=user, confirmed_at=None).first()
    if factor is None:
        raise NoSecondFactor()
    with attempt("second_factor", user.email, seen=""):
        if not _take_code(user, code or "-", "", now):
            raise WrongCodeHere(field="code")
    return _switch_on(user, now, keep)


@transaction.atomic
def _switch_on(user: User, now: datetime, keep: UUID | None) -> list[str]:
    if (
        not SecondFactor.objects.because("the second step of an account")
        .filter(user=user, confirmed_at=None)
        .update(confirmed_at=now)
    ):
        raise NoSecondFactor()
    user.has_second_factor = True
    user.save(update_fields=["has_second_factor", "updated_at"])
    codes = _write_codes(user)
    end_all(user, now, keep=keep)
    publish(SecondFactorEnabled(user_id=user.pk), aggregate=user)
    return codes


def disable_second_factor(
    *, actor: Actor, password: str, code: str = "", recovery_code: str = "", now: datetime
) -> None:
    """Switch the actor's second factor off.

    :raises WrongPassword: if the password is wrong
    :raises WrongCode: if the code is
    :raises NoSecondFactor: if there is none
    """
    user = _checked(actor, password)
    _check_code(user, code, recovery_code, now)
    with transaction.atomic():
        remove_second_factor(user)
        publish(SecondFactorDisabled(user_id=user.pk), aggregate=user)


def regenerate_recovery_codes(
    *, actor: Actor, password: str, code: str = "", recovery_code: str = "", now: datetime
) -> list[str]:
    """Make new recovery codes for the actor; the old ones are void.

    :raises WrongPassword: if the password is wrong
    :raises WrongCode: if the code is
    :raises NoSecondFactor: if there is no second factor
    """
    user = _checked(actor, password)
    _check_code(user, code, recovery_code, now)
    return _write_codes(user)


@transaction.atomic
def reset_second_factor(*, actor: Actor, user_id: UUID, now: datetime) -> None:
    """Take somebody's second factor away who lost it, end their sessions, and tell them.

    :raises MoreThanOwn: if they may do more than the actor
    :raises NoSecondFactor: if they have none
    """
    authorize(actor, "users.manage")
    only_for_people()
    user = User.objects.because("the second step of an account").select_for_update().get(pk=user_id)
    authorize_over(actor, user)
    if not user.has_second_factor:
        raise NoSecondFactor()
    remove_second_factor(user)
    end_all(user, now)
    publish(SecondFactorReset(user_id=user.pk), aggregate=user)


def codes_left(user_id: UUID) -> int:
    """Count the recovery codes that are still good."""
    return RecoveryCode.objects.because("the second step of an account").filter(user_id=user_id, used_at=None).count()


def _checked(actor: Actor, password: str) -> User:
    only_for_people()
    user = User.objects.because("the second step of an account").get(pk=known_id(actor))
    check_own_password(user, password, field="password")
    return user


def _check_code(user: User, code: str, recovery_code: str, now: datetime) -> None:
    if not user.has_second_factor:
        raise NoSecondFactor()
    with attempt("second_factor", user.email):
        if not _take_code(user, code, recovery_code, now):
            raise WrongCodeHere(field="recovery_code" if recovery_code else "code")


@transaction.atomic
def _write_codes(user: User) -> list[str]:
    User.objects.because("the second step of an account").select_for_update().get(pk=user.pk)
    codes = [_new_code() for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.because("the second step of an account").filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user.pk, code, settings.SECRET_KEY)) for code in codes
    )
    return codes


def _new_code() -> str:
    """Make a code of 59 random bits, written as people can copy it."""
    letters = "".join(secrets.choice(_LETTERS) for _position in range(12))
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))
