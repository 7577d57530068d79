"""What happens to accounts, one file per use: people, addresses, passwords, sessions."""

from apps.accounts.services.addresses import (
    confirm_email_change,
    mail_new_address,
    mail_old_address,
    request_email_change,
    revert_email_change,
)
from apps.accounts.services.api_keys import (
    BadKey,
    issue_api_key,
    looks_like_key,
    only_for_people,
    revoke_api_key,
    user_of_key,
)
from apps.accounts.services.endings import end_other_sessions, end_sessions, revoke_session
from apps.accounts.services.leftovers import prune
from apps.accounts.services.logins import log_in, log_in_with_code
from apps.accounts.services.notices import mail_new_device, mail_second_factor_reset
from apps.accounts.services.own_account import Outcome, act_on_own_account
from apps.accounts.services.passwords import (
    change_password,
    mail_password_changed,
    mail_reset,
    request_reset,
    reset_password,
    set_password,
)
from apps.accounts.services.people import EmailTaken, create_user, register_user, settle_user, update_user
from apps.accounts.services.qr_codes import qr_svg
from apps.accounts.services.refusals import note_refusal
from apps.accounts.services.second_factor import (
    Enrolment,
    Ticket,
    codes_left,
    confirm_second_factor,
    disable_second_factor,
    enrol_second_factor,
    issue_ticket,
    looks_like_recovery_code,
    regenerate_recovery_codes,
    reset_second_factor,
    take_ticket,
)
from apps.accounts.services.sessions import (
    Tokens,
    WrongCredentials,
    log_out,
    refresh,
    session_is_live,
    start_session,
    verify_credentials,
)
from apps.accounts.services.verification import mail_verification, request_verification, verify_email

__all__ = [
    "only_for_people", "Outcome", "act_on_own_account", "looks_like_recovery_code",
    "BadKey", "EmailTaken", "Enrolment", "Ticket", "Tokens", "WrongCredentials", "change_password", "codes_left",
    "confirm_email_change", "confirm_second_factor", "create_user", "disable_second_factor", "end_other_sessions",
    "end_sessions", "enrol_second_factor", "issue_api_key", "issue_ticket", "log_in", "log_in_with_code", "log_out",
    "looks_like_key", "mail_new_address", "mail_new_device", "mail_old_address", "mail_password_changed", "mail_reset",
    "mail_second_factor_reset", "prune",
    "mail_verification", "note_refusal", "qr_svg", "refresh", "regenerate_recovery_codes", "register_user",
    "request_email_change", "request_reset", "request_verification", "reset_password", "reset_second_factor",
    "revert_email_change", "revoke_api_key", "revoke_session", "session_is_live", "set_password", "settle_user",
    "start_session", "take_ticket", "update_user", "user_of_key", "verify_credentials", "verify_email",
]  # fmt: skip
