"""Domains are looked at again: what becomes of those whose record is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.tenant.models import Domain, Tenant
from apps.tenant.records import DnsUnanswered, record_name, record_value, texts
from apps.tenant.resolver import forget, resolve_host
from apps.tenant.services import (
    add_domain,
    lapsing,
    look_again,
    make_primary,
    name_domain,
    take_domain,
    verify_domain,
)
from apps.tenant.services.domains import DomainNotShown, PrimaryDomainStays
from apps.tenant.services.tenants import DomainTaken
from apps.tenant.tasks import look_at_domains
from rustok.doctor import Level, examine
from rustok.kernel.tenancy import use_tenant
from tests import database
from tests.conftest import make_user
from tests.dns import name_server

GRACE = timedelta(days=14)
DAY = timedelta(days=1, minutes=1)
NAME = "shop.example.com"


@pytest.fixture
def dns(settings):
    with name_server() as server:
        settings.DNS_SERVERS = [server.address]
        yield server


@pytest.fixture
def shown(acme, system, dns):
    """A domain of acme that its record shows."""
    return show(system, dns)


def show(system, dns, name: str = NAME) -> Domain:
    domain = add_domain(actor=system, domain=name)
    dns.records[record_name(domain)] = [record_value(domain)]
    return verify_domain(actor=system, domain_id=domain.pk, look_up=texts, now=timezone.now())


def look(after: timedelta = DAY) -> int:
    return look_again(now=timezone.now() + after, look_up=texts, grace=GRACE)


def now_is(domain: Domain) -> Domain:
    domain.refresh_from_db()
    return domain


# --- what a look finds --------------------------------------------------------------------------------------------


def test_a_record_that_is_there_changes_nothing(shown, dns, events_of):
    version = Tenant.objects.get(slug="acme").version
    assert look() == 1
    assert now_is(shown).missing_since is None
    assert shown.checked_at > timezone.now()
    assert events_of("domain.missing") == []
    assert Tenant.objects.get(slug="acme").version == version


@pytest.mark.parametrize("absence", ["no such name", "no such record", "another record"])
def test_a_record_that_is_gone_for_certain_is_noted_once(shown, dns, events_of, absence):
    kept = dns.records.pop(record_name(shown))
    if absence == "no such record":
        dns.others.add(record_name(shown))
    if absence == "another record":
        dns.records[record_name(shown)] = ["v=spf1 -all", *(text + "x" for text in kept)]
    look(DAY)
    since = now_is(shown).missing_since
    look(2 * DAY)
    assert now_is(shown).missing_since == since
    assert shown.verified_at
    assert resolve_host(NAME)
    assert [event["domain"] for event in events_of("domain.missing")] == [NAME]


@pytest.mark.parametrize("trouble", ["broken", "silent"])
def test_an_answer_that_does_not_come_changes_nothing(shown, dns, events_of, trouble, monkeypatch):
    monkeypatch.setattr("apps.tenant.records.PATIENCE", 0.5)
    getattr(dns, trouble).add(record_name(shown))
    with pytest.raises(DnsUnanswered):
        texts(record_name(shown))
    for days in (1, 20, 40):
        assert look(days * DAY) == 1
    assert now_is(shown).missing_since is None
    assert shown.verified_at
    assert events_of("domain.missing") == []


def test_an_answer_that_does_not_come_lets_no_domain_lapse(shown, dns):
    dns.records.clear()
    look(DAY)
    dns.broken.add(record_name(shown))
    look(20 * DAY)
    assert now_is(shown).verified_at


def test_a_record_that_is_back_takes_the_warning_back(shown, dns):
    kept = dns.records.pop(record_name(shown))
    look(DAY)
    dns.records[record_name(shown)] = kept
    look(2 * DAY)
    assert now_is(shown).missing_since is None
    look(40 * DAY)
    assert now_is(shown).verified_at


def test_a_domain_lapses_after_the_grace_and_not_before(shown, dns, events_of, django_capture_on_commit_callbacks):
    dns.records.clear()
    look(DAY)
    look(14 * DAY)
    assert now_is(shown).verified_at
    with django_capture_on_commit_callbacks(execute=True):
        look(16 * DAY)
    assert now_is(shown).verified_at is None
    assert shown.missing_since is None
    forget()
    assert resolve_host(NAME) is None
    assert events_of("domain.lapsed") == [{"domain": NAME, "reason": "record_missing"}]


def test_what_lapsed_is_in_the_shops_log(committed_db, dns, system):
    from apps.audit.models import AuditEntry

    with use_tenant(Tenant.objects.get(slug="acme")):
        show(system, dns)
    dns.records.clear()
    look(DAY)
    look(20 * DAY)
    with use_tenant(Tenant.objects.get(slug="acme")):
        entry = AuditEntry.objects.get(action="domain.lapsed")
        assert (entry.object_label, entry.actor_kind) == (NAME, "system")
        assert entry.after == {"reason": "record_missing"}


def test_what_lapsed_is_shown_again_by_the_same_record(shown, dns, system):
    kept = dns.records.pop(record_name(shown))
    look(DAY)
    look(20 * DAY)
    with pytest.raises(DomainNotShown):
        verify_domain(actor=system, domain_id=shown.pk, look_up=texts, now=timezone.now())
    dns.records[record_name(shown)] = kept
    assert verify_domain(actor=system, domain_id=shown.pk, look_up=texts, now=timezone.now()).verified_at


def test_what_the_platform_named_is_not_looked_at(acme, dns):
    assert look(40 * DAY) == 0
    assert dns.asked == []


def test_a_suspended_shops_domains_wait(shown, dns):
    dns.records.clear()
    Tenant.objects.filter(slug="acme").update(status=Tenant.Status.SUSPENDED)
    assert look(20 * DAY) == 0
    assert now_is(shown).missing_since is None


# --- a shop keeps an address --------------------------------------------------------------------------------------


def test_another_domain_becomes_the_primary_one(shown, dns, system, acme):
    make_primary(actor=system, domain_id=shown.pk)
    dns.records.clear()
    look(DAY)
    look(20 * DAY)
    assert now_is(shown).verified_at is None
    assert not shown.is_primary
    assert acme.domains.get(is_primary=True).domain == "acme.localhost"


def test_one_whose_record_is_there_is_rather_the_primary_one(shown, dns, system, acme):
    other = show(system, dns, "other.example.com")
    make_primary(actor=system, domain_id=shown.pk)
    Domain.objects.filter(domain="acme.localhost").delete()
    show(system, dns, "third.example.com")
    del dns.records[record_name(shown)], dns.records[record_name(other)]
    for days in (1, 1, 1, 20, 20, 20):
        look(days * DAY)
    assert [one.domain for one in Domain.objects.leading().filter(tenant=acme)] == ["third.example.com"]
    assert acme.domains.get(is_primary=True).domain == "third.example.com"


def test_the_last_domain_of_a_shop_stays_with_its_warning(shown, dns, system, acme, events_of):
    make_primary(actor=system, domain_id=shown.pk)
    Domain.objects.filter(domain="acme.localhost").delete()
    dns.records.clear()
    for days in (1, 20, 40):
        look(days * DAY)
    assert now_is(shown).verified_at
    assert shown.missing_since
    assert shown.is_primary
    assert events_of("domain.lapsed") == []


# --- another shop shows it ----------------------------------------------------------------------------------------


def test_whoever_shows_a_domain_gets_it_at_once_if_the_other_record_is_gone(
    shown, dns, system, acme, globex, events_of
):
    make_primary(actor=system, domain_id=shown.pk)
    with use_tenant(globex):
        theirs = add_domain(actor=system, domain=NAME)
        dns.records[record_name(theirs)] = [record_value(theirs)]
        verify_domain(actor=system, domain_id=theirs.pk, look_up=texts, now=timezone.now())
    assert now_is(shown).verified_at is None
    assert now_is(theirs).verified_at
    assert acme.domains.get(is_primary=True).domain == "acme.localhost"
    assert events_of("domain.lapsed") == [{"domain": NAME, "reason": "shown_by_another"}]
    forget()
    assert resolve_host(NAME).slug == "globex"


def test_the_log_of_the_one_shop_does_not_learn_who_works_in_the_other(committed_db, dns, system, actor):
    from apps.audit.models import AuditEntry
    from apps.outbox.models import OutboxEvent
    from rustok.kernel.context import Work, bind, bind_actor
    from rustok.kernel.ids import new_id

    acme, globex = (Tenant.objects.get(slug=slug) for slug in ("acme", "globex"))
    with use_tenant(acme):
        show(system, dns)
    with use_tenant(globex), bind(Work(trace_id="a" * 32, correlation_id=new_id(), address="203.0.113.9", reason="t")):
        boss = make_user("boss@globex.test", role="admin", is_staff=True)
        bind_actor(boss.pk, label=boss.email)
        theirs = add_domain(actor=actor(boss), domain=NAME)
        dns.records[record_name(theirs)] = [record_value(theirs)]
        verify_domain(actor=actor(boss), domain_id=theirs.pk, look_up=texts, now=timezone.now())
    with use_tenant(acme):
        entry = AuditEntry.objects.get(action="domain.lapsed")
        assert (entry.actor_kind, entry.actor_id, entry.address) == ("system", None, "")
        assert "boss" not in entry.actor_label
    event = OutboxEvent.objects.get(event_type="domain.lapsed", tenant_id=acme.pk)
    assert (event.actor_id, event.trace_id == "a" * 32) == (None, False)


def test_whoever_still_shows_a_domain_keeps_it(shown, dns, system, globex):
    with use_tenant(globex):
        theirs = add_domain(actor=system, domain=NAME)
        dns.records[record_name(theirs)].append(record_value(theirs))
        with pytest.raises(DomainTaken):
            verify_domain(actor=system, domain_id=theirs.pk, look_up=texts, now=timezone.now())
    assert now_is(shown).verified_at
    assert not now_is(theirs).verified_at


def test_what_the_platform_named_stays_whoever_shows_it(acme, dns, system, globex):
    with use_tenant(globex):
        theirs = add_domain(actor=system, domain="acme.localhost")
        dns.records[record_name(theirs)] = [record_value(theirs)]
        with pytest.raises(DomainTaken):
            verify_domain(actor=system, domain_id=theirs.pk, look_up=texts, now=timezone.now())
    assert acme.domains.get(domain="acme.localhost").verified_at


def test_of_two_at_once_one_gets_the_domain(committed_db, dns, system):
    acme = Tenant.objects.get(slug="acme")
    with use_tenant(acme):
        old = show(system, dns)
    rivals = {}
    for slug in ("globex", "platform"):
        with use_tenant(Tenant.objects.get(slug=slug)):
            rivals[slug] = add_domain(actor=system, domain=NAME)
    said = [record_value(one) for one in rivals.values()]
    together, outcomes = threading.Barrier(2), {}

    def look_up(name: str) -> list[str]:
        together.wait(10)
        return said

    def race(slug: str) -> None:
        try:
            with use_tenant(Tenant.objects.get(slug=slug)):
                verify_domain(actor=system, domain_id=rivals[slug].pk, look_up=look_up, now=timezone.now())
            outcomes[slug] = "has it"
        except DomainTaken:
            outcomes[slug] = "taken"
        finally:
            connections.close_all()

    racers = [threading.Thread(target=race, args=(slug,)) for slug in rivals]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert sorted(outcomes.values()) == ["has it", "taken"]
    (winner,) = Domain.objects.leading().filter(domain=NAME)
    assert outcomes[winner.tenant.slug] == "has it"
    assert now_is(old).verified_at is None


# --- turns --------------------------------------------------------------------------------------------------------


def test_a_turn_has_a_days_share_and_those_first_that_waited_longest(acme, dns, system, monkeypatch):
    found = [show(system, dns, f"d{n}.example.com") for n in range(6)]
    monkeypatch.setattr(lapsing, "TURNS", 3)
    dns.asked.clear()
    later = timezone.now() + DAY
    assert [look_again(now=later, look_up=texts, grace=GRACE) for _ in range(4)] == [2, 2, 2, 0]
    assert sorted(dns.asked) == sorted(record_name(one) for one in found)
    monkeypatch.setattr(lapsing, "TURNS", 1)
    monkeypatch.setattr(lapsing, "MOST", 4)
    assert look(3 * DAY) == 4


def test_a_turn_that_breaks_off_goes_on_with_the_next(acme, dns, system, monkeypatch):
    first, second = (show(system, dns, f"d{n}.example.com") for n in range(2))
    monkeypatch.setattr(lapsing, "TURNS", 1)
    dns.records.clear()
    noted = lapsing._note

    def break_down(seen: Domain, **options) -> None:
        if seen.pk == first.pk:
            raise RuntimeError("the worker is gone")
        noted(seen, **options)

    monkeypatch.setattr(lapsing, "_note", break_down)
    with pytest.raises(RuntimeError):
        look(DAY)
    assert look(DAY) == 1
    assert now_is(second).missing_since


def test_a_worker_that_is_killed_leaves_nothing_half_done_and_nothing_out(committed_db, dns, system, monkeypatch):
    from apps.outbox.models import OutboxEvent

    with use_tenant(Tenant.objects.get(slug="acme")):
        found = [show(system, dns, f"d{n}.example.com") for n in range(3)]
    moment = timezone.now() + DAY
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "rustok.settings_test", "DATABASE_URL": database.url(committed_db)}
    command = [sys.executable, "-m", "tests.tenant.looking", moment.isoformat(), "2"]
    died = subprocess.run(command, check=False, env=env, cwd=database.ROOT, timeout=120, capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr[-2_000:]
    assert [bool(now_is(one).missing_since) for one in found] == [True, False, False]
    dns.records.clear()
    monkeypatch.setattr(lapsing, "TURNS", 1)
    assert look_again(now=moment, look_up=texts, grace=GRACE) == 1
    assert look_again(now=moment + DAY, look_up=texts, grace=GRACE) == 3
    assert all(now_is(one).missing_since for one in found)
    told = OutboxEvent.objects.filter(event_type="domain.missing").order_by("id")
    assert [event.payload["domain"] for event in told] == ["d0.example.com", "d2.example.com", "d1.example.com"]


def test_a_look_costs_two_queries_and_one_for_each_domain(acme, dns, system, monkeypatch):
    monkeypatch.setattr(lapsing, "TURNS", 1)
    for n in range(5):
        show(system, dns, f"d{n}.example.com")
    with CaptureQueriesContext(connections["default"]) as queries:
        assert look(DAY) == 5
    asked = [query["sql"] for query in queries.captured_queries if "tenant_domain" in query["sql"]]
    assert len(asked) == 2 + 5


def test_the_task_asks_the_servers_of_the_settings(shown, dns):
    Domain.objects.filter(pk=shown.pk).update(checked_at=timezone.now() - DAY)
    dns.records.clear()
    look_at_domains()
    assert now_is(shown).missing_since


# --- who is told --------------------------------------------------------------------------------------------------


def letters() -> list[tuple[str, str]]:
    found = [(sent.to[0], sent.body) for sent in mail.outbox]
    mail.outbox.clear()
    return found


def test_the_shops_admins_get_one_mail_each_time(shown, dns, admin_user, manager, deliver_events):
    deliver_events()
    letters()
    dns.records.clear()
    look(DAY)
    look(2 * DAY)
    deliver_events()
    ((to, text),) = letters()
    assert to == admin_user.email
    assert f"{record_name(shown)} TXT {record_value(shown)}" in text
    assert "/admin/tenant/domain/" in text
    look(20 * DAY)
    deliver_events()
    ((to, text),) = letters()
    assert to == admin_user.email
    assert "missing for too long" in text


@pytest.mark.parametrize(("locale", "word"), [("de", "Eintrag"), ("ru", "Запись")])
def test_the_mail_is_in_the_readers_language(shown, dns, admin_user, deliver_events, locale, word):
    admin_user.locale = locale
    admin_user.save(update_fields=["locale"])
    dns.records.clear()
    look(DAY)
    deliver_events()
    assert any(word in text and record_value(shown) in text for _, text in letters())


def test_a_record_that_is_back_before_the_mail_is_no_news(shown, dns, admin_user, deliver_events):
    deliver_events()
    letters()
    kept = dns.records.pop(record_name(shown))
    look(DAY)
    dns.records[record_name(shown)] = kept
    look(2 * DAY)
    deliver_events()
    assert letters() == []


def test_a_shop_that_lost_its_last_domain_is_told_all_the_same(
    shown, dns, system, acme, globex, admin_user, deliver_events
):
    deliver_events()
    letters()
    make_primary(actor=system, domain_id=shown.pk)
    Domain.objects.filter(domain="acme.localhost").delete()
    with use_tenant(globex):
        theirs = add_domain(actor=system, domain=NAME)
        dns.records[record_name(theirs)] = [record_value(theirs)]
        verify_domain(actor=system, domain_id=theirs.pk, look_up=texts, now=timezone.now())
    deliver_events()
    ((to, text),) = letters()
    assert to == admin_user.email
    assert "No other domain leads to the shop" in text
    (finding,) = [one for one in examine(only="domains") if one.level == Level.BAD]
    assert finding.text == "no domain leads to acme"
    out = StringIO()
    call_command("tenant", "domain", "acme", "--add", "acme.shops.example", stdout=out)
    assert "acme.shops.example leads to acme now" in out.getvalue()
    assert acme.domains.get(is_primary=True).domain == "acme.shops.example"
    assert not [one for one in examine(only="domains") if one.level == Level.BAD]


# --- where it is seen ---------------------------------------------------------------------------------------------


@pytest.fixture
def missing(shown, dns):
    dns.records.clear()
    look(DAY)
    return now_is(shown)


def test_rest_and_graphql_say_what_is_missing_and_what_to_do(missing, api, admin_user):
    client = api(admin_user)
    (said,) = [one for one in client.get("/api/v1/domains/").json() if one["domain"] == NAME]
    assert said["record"] == {"name": record_name(missing), "value": record_value(missing)}
    assert said["missing_since"] < said["lapses_at"]
    asked = "{ domains { domain missingSince lapsesAt record { value } } }"
    (same,) = [one for one in client.graphql(asked)["data"]["domains"] if one["domain"] == NAME]
    assert same["record"]["value"] == record_value(missing)
    assert same["missingSince"] < same["lapsesAt"]


def test_check_now_takes_the_warning_back(missing, api, admin_user, dns):
    client = api(admin_user)
    path = f"/api/v1/domains/{missing.pk}/verify/"
    assert client.post(path).json()["code"] == "domain_not_verified"
    dns.broken.add(record_name(missing))
    answer = client.post(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "dns_unanswered")
    dns.broken.clear()
    dns.records[record_name(missing)] = [record_value(missing)]
    answer = client.post(path).json()
    assert (answer["missing_since"], answer["record"]) == (None, None)


def test_the_admin_warns_and_checks(missing, api, admin_user, dns):
    client = api()
    client.force_login(admin_user)
    assert "record is missing" in client.get("/admin/tenant/domain/").content.decode()
    page = client.get(f"/admin/tenant/domain/{missing.pk}/change/").content.decode()
    assert record_value(missing) in page
    assert "unless it is your only one" in page
    dns.records[record_name(missing)] = [record_value(missing)]
    client.post(f"/admin/tenant/domain/{missing.pk}/do/check_now/")
    assert now_is(missing).missing_since is None
    page = client.get(f"/admin/tenant/domain/{missing.pk}/change/").content.decode()
    assert "Keep this record" in page


def test_the_doctor_warns_of_what_is_missing_and_of_what_nobody_looks_at(missing):
    (finding,) = examine(only="domains")
    assert (finding.level, finding.text) == (Level.WARN, f"DNS records that show domains are missing: 1 ({NAME})")
    old = timezone.now() - 4 * DAY
    Domain.objects.filter(pk=missing.pk).update(missing_since=None, verified_at=old, checked_at=old)
    (finding,) = examine(only="domains")
    assert finding.text == "domains that were not looked at for 3 days: 1"


# --- the platform's word ------------------------------------------------------------------------------------------


def test_the_platform_names_and_takes_domains(acme, globex, system, events_of):
    name_domain(actor=system, slug="acme", domain="Named.example.com", now=timezone.now())
    named = acme.domains.get(domain="named.example.com")
    assert (named.is_primary, named.proof) == (False, "")
    with pytest.raises(DomainTaken):
        name_domain(actor=system, slug="globex", domain="named.example.com", now=timezone.now())
    take_domain(actor=system, slug="acme", domain="acme.localhost")
    assert acme.domains.get(is_primary=True).domain == "named.example.com"
    with pytest.raises(PrimaryDomainStays):
        take_domain(actor=system, slug="acme", domain="named.example.com")
    with pytest.raises(CommandError, match="not_found"):
        call_command("tenant", "domain", "acme", "--remove", "nobody.example.com")
    assert [one["domain"] for one in events_of("domain.removed")] == ["acme.localhost"]
