"""Somebody logged in: when, on record if they are staff, and with a mail if staff come from where they never were."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.accounts.events import UserNewDevice
from apps.accounts.models import BrowserSession, Session, User
from apps.accounts.services.known_devices import device_of
from apps.accounts.services.lockouts import network_of
from rustok.kernel.access import Actor
from rustok.kernel.audit import record
from rustok.kernel.context import current_work
from rustok.kernel.events import publish
from rustok.kernel.tenancy import current_schema

__all__ = ["note_arrival"]

#: Sessions of an account that are looked at, the newest.
LOOKED_AT = 50


@transaction.atomic
def note_arrival(user: User, *, device: str, seen: str, now: datetime) -> None:
    """Note a login that has shown all that one asks for; before its session is written.

    `device` is what the client calls itself, in words, `seen` the cookie of a device that somebody logged in from.
    The first device of an account is none that is new to it.
    """
    is_first, user.last_login = user.last_login is None, now
    User.objects.because("who logs in").filter(pk=user.pk).update(last_login=now)
    if not (user.is_staff or user.is_superuser):
        return
    who = Actor(kind="user", schema=current_schema(), id=user.pk, email=user.email, is_staff=user.is_staff)
    record("login.succeeded", actor=who, obj=user, label=user.email, device=device)
    address = current_work().address[:45]
    if not (is_first or device_of(seen, user.email) or _was_here(user, device, address)):
        publish(UserNewDevice(user_id=user.pk, device=device[:200], address=address), aggregate=user)


def _was_here(user: User, device: str, address: str) -> bool:
    """Tell whether the same kind of device logged in from the same network: programs keep no cookie."""
    for rows in (Session.objects.because("known devices of an account"), BrowserSession.objects.all()):
        for known in rows.filter(user=user).order_by("-used_at").values_list("device", "address")[:LOOKED_AT]:
            if known[0] == device and network_of(known[1]) == network_of(address):
                return True
    return False
