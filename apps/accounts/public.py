"""What other modules may use of accounts."""

from apps.accounts.authentication import bearer_user, session_of
from apps.accounts.inputs import (
    MAX_PASSWORD,
    ChangeEmailInput,
    ChangePasswordInput,
    EmailInput,
    RegisterInput,
    ResetPasswordInput,
)
from apps.accounts.models import ApiKey, User
from apps.accounts.selectors import (
    api_key_document,
    emails_of,
    find_user,
    find_user_by_email,
    list_api_keys,
    live_sessions,
    user_document,
)
from apps.accounts.services import (
    EmailTaken,
    Outcome,
    Ticket,
    act_on_own_account,
    change_password,
    codes_left,
    confirm_email_change,
    confirm_second_factor,
    create_user,
    disable_second_factor,
    end_other_sessions,
    end_sessions,
    enrol_second_factor,
    issue_api_key,
    issue_ticket,
    log_in,
    looks_like_recovery_code,
    only_for_people,
    qr_svg,
    regenerate_recovery_codes,
    register_user,
    request_email_change,
    request_reset,
    request_verification,
    reset_password,
    reset_second_factor,
    revert_email_change,
    revoke_api_key,
    revoke_session,
    set_password,
    settle_user,
    take_ticket,
    update_user,
    verify_email,
)
from apps.accounts.services.browser_sessions import SecondFactorRequired
from apps.accounts.services.known_devices import COOKIE as DEVICE_COOKIE

__all__ = [
    "only_for_people", "Outcome", "act_on_own_account", "SecondFactorRequired", "looks_like_recovery_code",
    "ApiKey", "ChangeEmailInput", "ChangePasswordInput", "DEVICE_COOKIE", "EmailInput", "EmailTaken", "MAX_PASSWORD",
    "RegisterInput", "ResetPasswordInput", "Ticket", "User", "api_key_document", "bearer_user", "change_password",
    "codes_left", "confirm_email_change", "confirm_second_factor", "create_user", "disable_second_factor",
    "emails_of", "end_other_sessions", "end_sessions", "enrol_second_factor", "find_user", "find_user_by_email",
    "issue_api_key", "issue_ticket", "list_api_keys", "live_sessions", "log_in", "qr_svg",
    "regenerate_recovery_codes", "register_user", "request_email_change", "request_reset", "request_verification",
    "reset_password", "reset_second_factor", "revert_email_change", "revoke_api_key", "revoke_session", "session_of",
    "set_password", "settle_user", "take_ticket", "update_user", "user_document", "verify_email",
]  # fmt: skip
