"""Payments, step by step."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.payment.models import Payment, ProviderNotice, SandboxCharge
from apps.payment.public import (
    Outcome,
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
    unsettled_payments,
    verify_notice,
    void_at_provider,
)
from rustok.kernel.errors import DomainError, Forbidden
from rustok.kernel.ids import new_id

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def begin(token="tok_ok", provider="test", amount=1999, reference=None):
    return start_payment(reference=reference or new_id(), provider=provider, token=token, amount=amount, currency="USD")


def settled(payment, outcome=None):
    status = record_result(payment_id=payment.pk, outcome=outcome or ask_provider(payment), now=NOW)
    payment.refresh_from_db()
    assert payment.status == status
    return payment


@pytest.mark.parametrize(
    ("token", "status"), [("tok_ok", "captured"), ("tok_authorize", "authorized"), ("tok_declined", "failed")]
)
def test_the_providers_answer_is_recorded_and_the_token_forgotten(acme, token, status):
    payment = settled(begin(token))
    assert (payment.status, payment.token, payment.answered_at) == (status, "", NOW)


def test_asking_twice_charges_once(acme):
    payment = begin()
    assert ask_provider(payment) == ask_provider(payment)
    assert SandboxCharge.objects.get().amount == 1999


def test_a_lost_answer_is_found_by_asking_what_became_of_it(acme):
    payment = begin("tok_timeout")
    assert ask_provider(payment) is None
    assert SandboxCharge.objects.get().status == "captured"
    assert settle_at_provider(payment).status == "captured"
    assert SandboxCharge.objects.count() == 1


def test_a_charge_that_the_provider_never_heard_of_is_made_when_it_is_settled(acme):
    assert settle_at_provider(begin()).status == "captured"


def test_money_that_comes_by_hand_waits_for_a_persons_word(acme):
    payment = settled(begin("", "manual"))
    assert payment.status == "pending"
    assert not unsettled_payments(before=timezone.now())
    assert mark_captured(reference=payment.reference, now=NOW).status == "captured"
    assert not SandboxCharge.objects.exists()


def test_nothing_is_charged_for_what_costs_nothing(acme):
    assert settled(begin(amount=0)).status == "captured"
    assert not SandboxCharge.objects.exists()


def test_a_final_result_stays(acme):
    payment = settled(begin())
    assert settled(payment, Outcome("failed")).status == "captured"
    assert settled(settled(begin("tok_declined")), Outcome("captured")).status == "failed"


def test_late_money_of_a_cancelled_payment_is_noticed(acme):
    payment = settled(begin("tok_authorize"))
    cancel_payment(reference=payment.reference, now=NOW)
    assert settled(payment, Outcome("captured")).status == "captured"


def test_reserved_money_is_taken_or_let_go(acme):
    taken, left = begin("tok_authorize"), begin("tok_authorize")
    for payment in (taken, left):
        settled(payment)
    assert capture_at_provider(taken).status == "captured"
    assert void_at_provider(left)
    assert capture_at_provider(left).status == "failed"


def test_what_nobody_knows_the_fate_of_cannot_be_cancelled(acme):
    payment = begin("tok_timeout")
    with pytest.raises(DomainError) as refusal:
        cancel_payment(reference=payment.reference, now=NOW)
    assert refusal.value.code == "payment_in_progress"


def test_captured_money_stays_captured_when_it_is_cancelled(acme):
    payment = settled(begin())
    assert cancel_payment(reference=payment.reference, now=NOW).status == "captured"


def test_a_provider_is_not_overruled_by_hand(acme):
    payment = begin()
    with pytest.raises(DomainError) as refusal:
        mark_captured(reference=payment.reference, now=NOW)
    assert refusal.value.code == "not_payable"


@pytest.mark.parametrize(
    ("provider", "token", "code"),
    [("stripe", "x", "unknown_payment_provider"), ("test", "tok_other", "unknown_payment_token")],
)
def test_a_payment_that_nobody_takes_is_refused_at_once(acme, provider, token, code):
    with pytest.raises(DomainError) as refusal:
        check_payment(provider=provider, token=token)
    assert (refusal.value.status, refusal.value.code) == (400, code)


def test_the_test_provider_can_be_switched_off(acme, settings):
    settings.PAYMENT_PROVIDERS = ["manual"]
    with pytest.raises(DomainError):
        check_payment(provider="test", token="tok_ok")


def test_one_payment_of_an_order_is_alive(acme):
    reference = new_id()
    settled(begin("tok_declined", reference=reference))
    begin(reference=reference)
    with pytest.raises(IntegrityError), transaction.atomic():
        begin(reference=reference)
    assert Payment.objects.count() == 2


def test_a_notice_counts_once(acme):
    assert [note_once(provider="test", event_id="e1") for _ in range(2)] == [True, False]
    assert ProviderNotice.objects.count() == 1


def test_a_notice_is_signed_with_the_tenants_own_secret(acme, globex):
    from rustok.kernel.tenancy import use_tenant

    signature = notice_signature(b"{}")
    verify_notice(body=b"{}", signature=signature)
    with pytest.raises(Forbidden):
        verify_notice(body=b"{ }", signature=signature)
    with use_tenant(globex), pytest.raises(Forbidden):
        verify_notice(body=b"{}", signature=signature)
