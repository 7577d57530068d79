"""What happens to accounts, one file per use: people, their passwords, their sessions."""

from apps.accounts.services.passwords import change_password, set_password
from apps.accounts.services.people import create_user, register_user, update_user
from apps.accounts.services.sessions import (
    Tokens,
    WrongCredentials,
    end_sessions,
    log_in,
    log_out,
    refresh,
    revoke_session,
    session_is_live,
    verify_credentials,
)

__all__ = [
    "Tokens", "WrongCredentials", "change_password", "create_user", "end_sessions", "log_in", "log_out", "refresh",
    "register_user", "revoke_session", "session_is_live", "set_password", "update_user", "verify_credentials",
]  # fmt: skip
