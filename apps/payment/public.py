"""What other modules may use of payments."""

from apps.payment.models import Payment
from apps.payment.providers import NoAnswer, Outcome
from apps.payment.selectors import find_payment, open_payment, payment_documents, providers, unsettled_payments
from apps.payment.services import (
    NotPayable,
    ask_provider,
    cancel_payment,
    capture_at_provider,
    check_payment,
    mark_captured,
    note_once,
    notice_signature,
    record_result,
    settle_at_provider,
    start_payment,
    verify_notice,
    void_at_provider,
)

__all__ = [
    "NoAnswer",
    "NotPayable",
    "Outcome",
    "Payment",
    "ask_provider",
    "cancel_payment",
    "capture_at_provider",
    "check_payment",
    "find_payment",
    "mark_captured",
    "note_once",
    "notice_signature",
    "open_payment",
    "payment_documents",
    "providers",
    "record_result",
    "settle_at_provider",
    "start_payment",
    "unsettled_payments",
    "verify_notice",
    "void_at_provider",
]
