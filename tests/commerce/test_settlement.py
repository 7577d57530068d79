"""What was interrupted is finished: by the request sent again, by the clock, by the provider."""

from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from apps.cart.models import Cart
from apps.commerce import services
from apps.commerce.models import IdempotencyKey
from apps.commerce.public import settle_payments
from apps.commerce.tasks import settle_payments as settle_task
from apps.inventory.public import available
from apps.order.models import Order
from apps.payment.models import Payment, ProviderNotice, SandboxCharge
from apps.payment.public import notice_signature
from rustok.kernel.errors import DomainError
from rustok.kernel.ids import new_id
from tests.cart.factories import make_ready_cart, make_variant
from tests.commerce.factories import DECLINED, MANUAL, OK, TIMEOUT, complete
from tests.shipping.factories import make_method

pytestmark = pytest.mark.django_db
NOTICES = "/api/v1/payments/test/webhook/"


@pytest.fixture
def tent(acme):
    return make_variant("tent", stock=5)


@pytest.fixture
def ready(tent):
    return make_ready_cart((tent, 1), method=make_method())


class Killed(BaseException):
    """Stands for kill -9: no handler of ours catches it."""


@pytest.fixture
def die(monkeypatch):
    """Make a completion die between its two transactions, before or after the provider was asked."""

    def between(moment, *completion, **extra):
        with monkeypatch.context() as patch:
            target = (services.payments, "ask_provider") if moment == "before" else (services, "_finish")
            patch.setattr(*target, _die)
            with pytest.raises(Killed):
                complete(*completion, **extra)

    return between


def _die(*args, **kwargs):
    raise Killed


def later():
    return timezone.now() + timedelta(minutes=5)


def test_a_lost_answer_is_settled_by_asking_what_became_of_it(ready, events_of):
    complete(*ready, TIMEOUT)
    assert settle_payments(now=later()) == 1
    order = Order.objects.get()
    assert (order.status, order.payment_status, Payment.objects.get().status) == ("paid", "captured", "captured")
    assert SandboxCharge.objects.count() == 1
    assert [e["to_status"] for e in events_of("order.status_changed")] == ["confirmed", "paid"]
    assert settle_payments(now=later()) == 0
    assert len(events_of("order.status_changed")) == 2


def test_a_request_that_is_still_running_is_left_alone(ready):
    complete(*ready, TIMEOUT)
    assert settle_payments(now=timezone.now()) == 0
    assert Order.objects.get().status == "pending"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("payment", "status", "left"), [(OK, "paid", 4), (MANUAL, "confirmed", 4), (DECLINED, "cancelled", 5)]
)
def test_a_completion_that_died_is_finished_by_the_clock(ready, tent, die, moment, payment, status, left):
    die(moment, *ready, payment=payment)
    assert Order.objects.get().status == "pending"
    settle_payments(now=later())
    assert Order.objects.get().status == status
    assert available([tent]) == {tent: left}
    assert SandboxCharge.objects.count() == (payment is not MANUAL)
    assert Cart.objects.get().status == ("open" if status == "cancelled" else "completed")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_completion_that_died_is_finished_by_its_own_key(ready, die, moment):
    die(moment, *ready, key="mine")
    assert complete(*ready, key="mine")["status"] == "paid"
    assert Order.objects.count() == SandboxCharge.objects.count() == 1


def test_the_key_answers_what_the_clock_settled(ready, die):
    die("before", *ready, key="mine")
    settle_payments(now=later())
    assert complete(*ready, key="mine")["status"] == "paid"


def test_the_clock_looks_into_every_tenant(ready, die, monkeypatch):
    die("after", *ready)
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    settle_task()
    assert Order.objects.get().status == "paid"


def test_one_payment_that_cannot_be_settled_holds_up_no_other(ready, tent, die, monkeypatch):
    die("before", *ready)
    die("before", *make_ready_cart((tent, 1), method=make_method()))
    first = Payment.objects.order_by("pk").first()
    Payment.objects.filter(pk=first.pk).update(provider="gone")
    assert settle_payments(now=later()) == 1
    assert sorted(Order.objects.values_list("status", flat=True)) == ["paid", "pending"]


# --- the provider's own word --------------------------------------------------------------------------------------


def notify(client, payment_id, status="captured", event_id="evt-1", signature=None):
    body = orjson.dumps({"event_id": event_id, "payment_id": str(payment_id), "status": status})
    sign = notice_signature(body) if signature is None else signature
    return client.generic("POST", NOTICES, body, content_type="application/json", HTTP_X_SIGNATURE=sign)


def test_the_providers_notice_alone_finishes_an_order(api, ready, events_of):
    complete(*ready, TIMEOUT)
    answers = [notify(api(), Payment.objects.get().pk).json() for _ in range(2)]
    assert answers == [{"accepted": True}, {"accepted": False}]
    assert Order.objects.get().status == "paid"
    assert len(events_of("order.status_changed")) == 2


def test_a_notice_finishes_what_died_and_the_key_answers_it(api, ready, die):
    die("after", *ready, key="mine")
    assert notify(api(), Payment.objects.get().pk).status_code == 200
    assert complete(*ready, key="mine")["status"] == "paid"


def test_a_notice_of_failure_gives_everything_back(api, ready, tent):
    complete(*ready, TIMEOUT, key="mine")
    notify(api(), Payment.objects.get().pk, "failed")
    assert (Order.objects.get().status, Cart.objects.get().status) == ("cancelled", "open")
    assert available([tent]) == {tent: 5}


@pytest.mark.parametrize("signature", ["", "wrong", "0" * 64, "ё"])
def test_a_notice_that_is_not_signed_is_refused(api, ready, signature):
    complete(*ready, TIMEOUT)
    answer = notify(api(), Payment.objects.get().pk, signature=signature)
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")
    assert Order.objects.get().status == "pending"


def test_a_notice_of_nothing_we_know_is_not_taken_note_of(api, acme):
    assert notify(api(), new_id()).status_code == 404
    assert not ProviderNotice.objects.exists()


def test_a_notice_of_another_tenants_payment_is_refused(api, ready):
    complete(*ready, TIMEOUT)
    answer = notify(api(host="globex.localhost"), Payment.objects.get().pk)
    assert answer.status_code == 403
    assert Order.objects.get().status == "pending"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"event_id": "1"}'])
def test_a_signed_notice_that_says_nothing_is_refused(api, acme, body):
    answer = api().generic(
        "POST", NOTICES, body, content_type="application/json", HTTP_X_SIGNATURE=notice_signature(body)
    )
    assert answer.status_code == 400


def test_a_declined_payment_is_told_as_such_again(ready):
    for _ in range(2):
        with pytest.raises(DomainError) as refusal:
            complete(*ready, DECLINED, key="mine")
        assert refusal.value.code == "payment_declined"
    assert IdempotencyKey.objects.get().status == 409
