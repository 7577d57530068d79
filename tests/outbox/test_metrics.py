"""What operators see of events: counts of what was committed, and what waits, at a bounded price."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from prometheus_client.multiprocess import MultiProcessCollector

from apps.outbox import metrics
from apps.outbox.models import DeadLetter, Dispatch, Member
from apps.outbox.selectors import lag
from apps.telemetry import files
from apps.telemetry.metrics import declared
from apps.tenant.public import find
from apps.tenant.services import suspend_tenant
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id
from tests.conftest import make_user
from tests.outbox.test_publish import SampleHappened

ROOT = Path(__file__).resolve().parents[2]
NAME = r"rustok_\w+?(?=_(?:bucket|sum|count)\b|\b)"


def wait(tenant_id, count=1, *, handler="tests.h", state="waiting", age=0):
    """Let deliveries of a tenant wait, written as the outbox writes them; their events do not matter here."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state,
                dispatch_id, attempts, next_at, error_class, error, created_at)
            SELECT gen_random_uuid(), %s, %s, n, 1, %s, %s, 0, now(), '', '', clock_timestamp() - make_interval(secs => %s)
            FROM generate_series(1, %s) AS n""",
            [handler, tenant_id, state, 1 if state == "leased" else None, age, count],
        )


def looked():
    """Answer what the collector finds, by name."""
    return {gauge.name: gauge.values for gauge in metrics.look()}


def counted(name):
    """Add up what this process has counted of one metric."""
    mine = [str(path) for path in files.folder().glob(f"*_{files.identity()}.db")]
    return sum(s.value for m in MultiProcessCollector.merge(mine) for s in m.samples if s.name == name)


def test_nothing_that_waits_is_zero_and_not_absent(acme):
    found = looked()
    assert found["rustok_events_lag_rows"]["index.reindex_products", "quiet", "waiting"] == 0
    assert found["rustok_events_lag_seconds"]["index.reindex_products", "busy"] == 0
    assert found["rustok_events_dead_letters"]["index.reindex_products",] == 0


def test_a_flood_shows_as_busy_and_leaves_the_quiet_alone(acme, globex):
    wait(globex.pk, 1001, age=500)
    wait(acme.pk, 3, age=2)
    wait(find("platform").pk, 1, age=9)
    found = looked()
    rows, seconds = found["rustok_events_lag_rows"], found["rustok_events_lag_seconds"]
    assert rows["tests.h", "busy", "waiting"] == 1001
    assert rows["tests.h", "quiet", "waiting"] == 3
    assert rows["tests.h", "platform", "waiting"] == 1
    assert 2 <= seconds["tests.h", "quiet"] < 9 <= seconds["tests.h", "platform"] < 500 <= seconds["tests.h", "busy"]


def test_a_tenant_is_busy_by_all_it_waits_for_and_not_by_one_handler(acme):
    wait(acme.pk, 600, handler="tests.h")
    wait(acme.pk, 401, handler="tests.other")
    assert looked()["rustok_events_lag_rows"]["tests.h", "busy", "waiting"] == 600


def test_a_thousand_are_not_yet_busy(acme):
    wait(acme.pk, 1000)
    assert looked()["rustok_events_lag_rows"]["tests.h", "quiet", "waiting"] == 1000


def test_what_is_parked_is_counted_but_has_no_lag(acme):
    wait(acme.pk, 2, state="parked", age=900)
    wait(acme.pk, 1, state="leased", age=30)
    found = looked()
    assert found["rustok_events_lag_rows"]["tests.h", "quiet", "parked"] == 2
    assert found["rustok_events_lag_rows"]["tests.h", "quiet", "leased"] == 1
    assert 30 <= found["rustok_events_lag_seconds"]["tests.h", "quiet"] < 60


def test_what_waits_for_a_suspended_tenant_is_counted_but_has_no_lag(acme, globex, system):
    before = lag()
    suspend_tenant(actor=system, slug="globex", reason="unpaid")
    wait(globex.pk, 3, age=90_000)
    found = looked()
    assert found["rustok_events_lag_rows"]["tests.h", "quiet", "resting"] == 3
    assert ("tests.h", "quiet", "waiting") not in found["rustok_events_lag_rows"]
    assert ("tests.h", "quiet") not in found["rustok_events_lag_seconds"]
    after = lag()
    assert after.resting >= before.resting + 3
    assert after.oldest < 90_000


def test_a_look_at_too_much_says_so(acme, monkeypatch):
    monkeypatch.setattr(metrics, "MOST", 5)
    wait(acme.pk, 9)
    found = looked()
    assert found["rustok_events_lag_rows"]["tests.h", "quiet", "waiting"] == 5
    assert found["rustok_events_lag_capped"] == {(): 1}


def test_dead_letters_count_until_somebody_deals_with_them(acme):
    for state in ("dead", "dead", "retried", "discarded"):
        DeadLetter.objects.create(
            event_id=new_id(), event_type="sample.happened", tenant_id=acme.pk, handler="tests.h", lane=1,
            aggregate_type="x", aggregate_id=new_id(), aggregate_version=1, attempts=3, error_class="E", error="e",
            occurred_at=Now(), died_at=Now(), state=state, resolved_at=None if state == "dead" else Now(),
        )  # fmt: skip
    assert looked()["rustok_events_dead_letters"]["tests.h",] == 2


def test_dispatches_and_those_who_live_are_counted(acme):
    Dispatch.objects.create(
        tenant_id=acme.pk, handler="tests.h", delivery_ids=[1], size=1, lease_until=Now(), created_at=Now()
    )
    for group, ago in (("relay", 0), ("relay", 1), ("relay", 600), ("index", 0)):
        Member.objects.create(group=group, owner=new_id(), seen_at=Now() - timedelta(seconds=ago))
    found = looked()
    assert found["rustok_events_dispatches"] == {("tests.h",): 1}
    assert found["rustok_relays"] == {(): 2}
    assert found["rustok_consumers"] == {("index",): 1}


def test_the_number_of_statements_does_not_grow_with_the_tenants(acme):
    looked()  # the platform's id is known from here on
    with CaptureQueriesContext(connection) as few:
        looked()
    for _ in range(40):
        wait(new_id(), 2)
    with CaptureQueriesContext(connection) as many:
        looked()
    assert len(many) == len(few)


@pytest.mark.parametrize("commits", [True, False])
def test_only_what_was_committed_counts_as_published(acme, django_capture_on_commit_callbacks, commits):
    before = counted("rustok_events_published_total")
    user = make_user("a@acme.test")
    with django_capture_on_commit_callbacks(execute=commits), transaction.atomic():
        publish(SampleHappened(number=1), aggregate=user)
        publish(SampleHappened(number=2), aggregate=user)
    assert counted("rustok_events_published_total") - before == (2 if commits else 0)


def test_clocks_that_disagree_make_no_negative_delay():
    before = counted("rustok_events_delivery_seconds_sum")
    metrics.delay("tests.h", -3.0)
    assert counted("rustok_events_delivery_seconds_sum") == before


def names():
    """Name every metric of the platform."""
    import_module("apps.telemetry.middleware")
    collectors = {"rustok_collector_up", "rustok_collector_seconds"}
    return {name for name in declared if name.startswith("rustok_")} | set(looked()) | collectors


def test_every_metric_stands_in_the_docs_and_the_docs_name_no_other(acme):
    page = (ROOT / "docs/metrics.md").read_text()
    assert set(re.findall(r"^\| `(rustok_\w+)", page, re.MULTILINE)) == names()


@pytest.mark.parametrize("file", ["prometheus/alerts.yml", "grafana/events.json"])
def test_alerts_and_dashboard_ask_for_metrics_that_exist(acme, file):
    asked = set(re.findall(NAME, (ROOT / "deploy" / file).read_text()))
    assert asked
    assert asked <= names()


def test_every_alert_says_what_it_saw():
    groups = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        assert rule["expr"].strip()
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("warning", "critical")
