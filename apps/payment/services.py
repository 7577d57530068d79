"""Asking for money, asking the provider, and writing down what it said: three steps, apart from each other."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.payment.models import Payment, ProviderNotice
from apps.payment.providers import PROVIDERS, Charge, NoAnswer, Outcome, Provider
from rustok.kernel.errors import Conflict, Forbidden, Invalid
from rustok.kernel.tenancy import current_schema

__all__ = [
    "ask_provider", "cancel_payment", "capture_at_provider", "check_payment", "mark_captured", "note_once",
    "notice_signature", "record_result", "settle_at_provider", "start_payment", "verify_notice", "void_at_provider",
]  # fmt: skip

Status = Payment.Status
#: status → statuses that a provider's answer may lead to. A late success of a cancelled payment is still money.
_ANSWERS = {
    Status.PENDING: {Status.PENDING, Status.AUTHORIZED, Status.CAPTURED, Status.FAILED},
    Status.AUTHORIZED: {Status.CAPTURED, Status.FAILED},
    Status.CANCELLED: {Status.CAPTURED},
}


class UnknownProvider(Invalid):
    """This shop takes no payments by that provider."""

    code = "unknown_payment_provider"


class PaymentInProgress(Conflict):
    """The payment provider has not answered yet; try again in a minute."""

    code = "payment_in_progress"


class NotPayable(Conflict):
    """There is no payment that this could be done to."""

    code = "not_payable"


class ProviderSilent(Conflict):
    """The payment provider does not answer; try again later."""

    code = "payment_provider_silent"
    status = 503


def check_payment(*, provider: str, token: str) -> None:
    """Refuse a payment that no provider could take, before anything is written.

    :raises UnknownProvider: if the shop does not have it
    :raises UnknownPaymentToken: if the provider does not take the token
    """
    _provider(provider).check(token)


def _provider(slug: str) -> Provider:
    if slug not in settings.PAYMENT_PROVIDERS or slug not in PROVIDERS:
        raise UnknownProvider(f"{slug[:32]!r} is not one of {', '.join(settings.PAYMENT_PROVIDERS)}", field="payment")
    return PROVIDERS[slug]


@transaction.atomic(savepoint=False)
def start_payment(*, reference: UUID, provider: str, token: str, amount: int, currency: str) -> Payment:
    """Ask to be paid for something, in minor units; nobody is charged yet."""
    return Payment.objects.create(reference=reference, provider=provider, token=token, amount=amount, currency=currency)


# --- the provider: no transaction, no lock -------------------------------------------------------------------------


def ask_provider(payment: Payment) -> Outcome | None:
    """Have the provider charge; None if it did not answer, or has answered already. Call it without locks.

    Asking again charges once.
    """
    if not payment.is_unsettled:
        return None
    if payment.amount == 0:
        return Outcome("captured")
    charge = Charge(key=payment.pk, amount=payment.amount, currency=payment.currency, token=payment.token)
    try:
        return PROVIDERS[payment.provider].charge(charge)
    except NoAnswer:
        return None


def settle_at_provider(payment: Payment) -> Outcome | None:
    """Find out what became of a payment; one that the provider never heard of is charged now, as was wanted."""
    try:
        return PROVIDERS[payment.provider].lookup(payment.pk) or ask_provider(payment)
    except NoAnswer:
        return None


def capture_at_provider(payment: Payment) -> Outcome:
    """Take the money that was reserved. Call it without locks.

    :raises ProviderSilent: if the provider does not answer
    """
    try:
        return PROVIDERS[payment.provider].capture(payment.pk)
    except NoAnswer:
        raise ProviderSilent() from None


def void_at_provider(payment: Payment) -> bool:
    """Let go of money that was reserved; if the provider is silent, the reservation runs out by itself."""
    try:
        PROVIDERS[payment.provider].void(payment.pk)
    except NoAnswer:
        return False
    return True


# --- what became of it ---------------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def record_result(*, payment_id: UUID, outcome: Outcome, now: datetime) -> str:
    """Write down what the provider said and answer the payment's status; what is final is not changed by it."""
    before = [status for status, answers in _ANSWERS.items() if outcome.status in answers]
    changes: dict[str, Any] = {"status": outcome.status, "error": outcome.error[:500], "token": "", "answered_at": now}
    if outcome.reference:
        changes["provider_ref"] = outcome.reference[:255]
    rows = Payment.objects.because("the provider has answered")
    if rows.filter(pk=payment_id, status__in=before).update(**changes, updated_at=now):
        return outcome.status
    return rows.values_list("status", flat=True).get(pk=payment_id)


@transaction.atomic
def mark_captured(*, reference: UUID, now: datetime) -> Payment:
    """Note that money which was to come by hand has come.

    :raises NotPayable: if no manual payment is open
    """
    payment = _lock_live(reference)
    if payment.status != Status.PENDING or PROVIDERS[payment.provider].online:
        raise NotPayable(f"the payment is {payment.status} at {payment.provider}")
    payment.status, payment.answered_at = Status.CAPTURED, now
    payment.save(update_fields=["status", "answered_at", "updated_at"])
    return payment


@transaction.atomic
def cancel_payment(*, reference: UUID, now: datetime) -> Payment:
    """Give an open payment up; captured money stays captured until it is refunded.

    :raises PaymentInProgress: if nobody knows yet whether it was charged
    """
    payment = _lock_live(reference)
    if payment.is_unsettled:
        raise PaymentInProgress()
    if payment.status != Status.CAPTURED:
        payment.status = Status.CANCELLED
        payment.save(update_fields=["status", "updated_at"])
    return payment


def _lock_live(reference: UUID) -> Payment:
    dead = (Status.FAILED, Status.CANCELLED)
    rows = Payment.objects.because("the caller was asked for the right to what is paid for").select_for_update()
    payment = rows.filter(reference=reference).exclude(status__in=dead).first()
    if payment is None:
        raise NotPayable("there is no open payment")
    return payment


# --- notifications -------------------------------------------------------------------------------------------------


class BadSignature(Forbidden):
    """The signature does not fit the notification."""

    code = "bad_signature"


def notice_signature(body: bytes) -> str:
    """Sign a notification of the `test` provider (HMAC-SHA256, hex), with a secret of this tenant."""
    secret = hmac.digest(settings.SECRET_KEY.encode(), f"payment.test:{current_schema()}".encode(), "sha256")
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def verify_notice(*, body: bytes, signature: str) -> None:
    """Let a notification pass that the provider signed.

    :raises BadSignature: if it did not
    """
    if not hmac.compare_digest(notice_signature(body).encode(), signature.encode()):
        raise BadSignature()


def note_once(*, provider: str, event_id: str) -> bool:
    """Take note of a notification in the running transaction; False if it was noted before."""
    row = ProviderNotice(provider=provider, event_id=event_id)
    ProviderNotice.objects.bulk_create([row], ignore_conflicts=True)
    return ProviderNotice.objects.filter(pk=row.pk).exists()
