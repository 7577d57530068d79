"""What other modules may use of accounts."""

from apps.accounts.authentication import bearer_user
from apps.accounts.inputs import (
    MAX_PASSWORD,
    ChangeEmailInput,
    ChangePasswordInput,
    EmailInput,
    RegisterInput,
    ResetPasswordInput,
)
from apps.accounts.models import User
from apps.accounts.selectors import emails_of, find_user, find_user_by_email, user_document
from apps.accounts.services import (
    EmailTaken,
    change_password,
    confirm_email_change,
    create_user,
    end_sessions,
    log_in,
    register_user,
    request_email_change,
    request_reset,
    request_verification,
    reset_password,
    revert_email_change,
    set_password,
    settle_user,
    update_user,
    verify_email,
)

__all__ = [
    "ChangeEmailInput", "ChangePasswordInput", "EmailInput", "EmailTaken", "MAX_PASSWORD", "RegisterInput",
    "ResetPasswordInput", "User", "bearer_user", "change_password", "confirm_email_change", "create_user",
    "emails_of", "end_sessions", "find_user", "find_user_by_email", "log_in", "register_user",
    "request_email_change", "request_reset", "request_verification", "reset_password", "revert_email_change",
    "set_password", "settle_user", "update_user", "user_document", "verify_email",
]  # fmt: skip
