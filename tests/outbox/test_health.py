"""Whether somebody relays is part of how the module is."""

from django.apps import apps

from apps.outbox.leases import Partitions


def test_without_a_relay_the_module_says_so(acme, settings):
    settings.EVENT_TRANSPORT = "outbox"
    health = apps.get_app_config("outbox").health()
    assert (health.ok, health.reason) == (False, "no relay is running: events wait")


def test_with_a_relay_it_is_well(acme, settings):
    settings.EVENT_TRANSPORT = "outbox"
    Partitions("relay").renew()
    assert apps.get_app_config("outbox").health().ok


def test_handlers_in_the_web_process_need_no_relay(acme, settings):
    settings.EVENT_TRANSPORT = "inprocess"
    assert apps.get_app_config("outbox").health().ok


def test_missing_relays_do_not_take_the_web_out_of_service(acme, client):
    answer = client.get("/health/modules")
    assert answer.status_code == 200
    assert answer.json()["modules"]["outbox"]["critical"] is False
