"""What other modules may use of accounts."""

from apps.accounts.authentication import bearer_user
from apps.accounts.inputs import RegisterInput
from apps.accounts.selectors import find_user, find_user_by_email, user_document
from apps.accounts.services import create_user, end_sessions, log_in, register_user, set_password, update_user

__all__ = [
    "RegisterInput", "bearer_user", "create_user", "end_sessions", "find_user", "find_user_by_email", "log_in",
    "register_user", "set_password", "update_user", "user_document",
]  # fmt: skip
