"""What somebody does on the page of their own account: in the shop and in the back office alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.accounts.services.endings import end_other_sessions, revoke_session
from apps.accounts.services.second_factor import (
    Enrolment,
    confirm_second_factor,
    disable_second_factor,
    enrol_second_factor,
    looks_like_recovery_code,
    regenerate_recovery_codes,
)
from rustok.kernel.access import Actor
from rustok.kernel.errors import NotFound
from rustok.kernel.ids import parse_id

__all__ = ["Outcome", "act_on_own_account"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page shows next: a secret to scan, codes to keep, or that it is done."""

    enrolment: Enrolment | None = None
    codes: list[str] = field(default_factory=list)
    #: Whether the session deserves a new key, because it may more or less than before.
    rotate: bool = False


def act_on_own_account(
    *, actor: Actor, do: str, sent: Mapping[str, str], session: UUID | None, now: datetime
) -> Outcome:
    """Do what a button of the page says, with what was typed.

    :raises NotFound: if there is no such button
    """
    password, typed = sent.get("password", "")[:256], sent.get("code", "").strip()[:40]
    kind = "recovery_code" if looks_like_recovery_code(typed) else "code"
    if do == "enrol":
        return Outcome(enrolment=enrol_second_factor(actor=actor))
    if do == "confirm":
        codes = confirm_second_factor(actor=actor, password=password, code=typed, now=now, keep=session)
        return Outcome(codes=codes, rotate=True)
    if do == "renew":
        return Outcome(codes=regenerate_recovery_codes(actor=actor, password=password, **{kind: typed}, now=now))
    if do == "disable":
        disable_second_factor(actor=actor, password=password, **{kind: typed}, now=now)
        return Outcome(rotate=True)
    if do == "end":
        revoke_session(actor=actor, session_id=parse_id(sent.get("session", "")) or UUID(int=0), now=now)
        return Outcome()
    if do == "end_others":
        end_other_sessions(actor=actor, keep=session, now=now)
        return Outcome()
    raise NotFound()
