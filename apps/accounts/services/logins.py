"""Logging in over the API: a password, then a code where there is a second factor."""

from __future__ import annotations

from datetime import datetime

from apps.accounts.services.second_factor import Ticket, issue_ticket, take_ticket
from apps.accounts.services.sessions import Tokens, start_session, verify_credentials

__all__ = ["log_in", "log_in_with_code"]


def log_in(*, email: str, password: str, device: str, now: datetime, seen: str = "") -> Tokens | Ticket:
    """Start an API session, or answer a ticket for the second step.

    :raises WrongCredentials: if the address or the password is wrong
    :raises TooManyAttempts: if it is too early for another try
    """
    user = verify_credentials(email=email, password=password, seen=seen)
    if user.has_second_factor:
        return issue_ticket(user)
    return start_session(user=user, device=device, now=now, seen=seen)


def log_in_with_code(
    *, ticket: str, code: str = "", recovery_code: str = "", device: str, now: datetime, seen: str = ""
) -> Tokens:
    """Start an API session with a ticket and a code.

    :raises InvalidTicket: if the ticket is not good here, or no longer
    :raises WrongCode: if the code is wrong or used up
    :raises TooManyAttempts: if too many codes were wrong
    """
    user = take_ticket(ticket=ticket, code=code, recovery_code=recovery_code, seen=seen, now=now)
    return start_session(user=user, device=device, now=now, seen=seen)
