"""What the doctor says of a healthy platform, and of one where something was broken."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db import connections as databases
from django.utils import timezone
from redis import Redis

from apps.outbox.models import Member
from apps.tenant.models import Tenant
from apps.tenant.public import hide_tables, hiding_statement
from rustok import tasks
from rustok.doctor import CHECKS, Level, examine
from rustok.doctor.triggers import declared
from rustok.kernel.ids import new_id
from tests import valkey

#: What a test server may be and a real one not.
TEST_SERVER = ("fsync", "full_page_writes", "synchronous_commit")


@pytest.fixture
def production(settings, tmp_path):
    """Settings of a platform that strangers reach."""
    settings.DEBUG = settings.DEMO = settings.TENANT_HEADER_ENABLED = False
    settings.SECRET_KEY = "Vb3kQ9x-_rT7mZpL0sWcYh4Nd8fJg2uEaBiOq6tRvXyCw1PzM5"
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.PAYMENT_PROVIDERS, settings.ALLOWED_HOSTS = ["manual"], ["*"]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "mail.example.com"
    settings.DEFAULT_FROM_EMAIL = "RusToK <shop@example.com>"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir(mode=0o700)


@pytest.fixture
def healthy(production, committed_db):
    """A platform with everything in its place; its database is thrown away."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE CURRENT_USER IN DATABASE \"{committed_db}\" SET search_path = ''")
    databases["default"].close()
    Member.objects.create(group="relay", owner=new_id(), seen_at=timezone.now())
    tasks.alive()


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def found(name: str, level: Level = Level.BAD) -> list[str]:
    """Answer what a check says at one level."""
    findings = list(examine(only=name))
    assert all(finding.advice for finding in findings if finding.level != Level.OK)
    return [finding.text for finding in findings if finding.level == level]


def test_a_healthy_platform_passes_every_check(healthy):
    ill = [finding for finding in examine() if finding.level != Level.OK and not finding.text.startswith(TEST_SERVER)]
    room = [finding for finding in ill if finding.check != "disk"]  # the disk of who runs this is theirs
    assert room == []
    assert {finding.check for finding in examine()} == set(CHECKS)


# --- the command ------------------------------------------------------------------------------------------------


def test_the_command_prints_a_line_for_each_finding_and_fails_if_something_is_bad(healthy, settings):
    settings.SECRET_KEY = "short"
    out = StringIO()
    with pytest.raises(CommandError, match="must not stay"):
        call_command("doctor", stdout=out, no_color=True)
    lines = out.getvalue().splitlines()
    assert any(line.startswith("✗ secrets") and "SECRET_KEY" in line for line in lines)
    assert all(line[0] in "✓!✗" for line in lines)


def test_json_says_the_same(healthy, settings):
    settings.SECRET_KEY = "short"
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", "--json", "--only", "secrets", stdout=out)
    (finding,) = json.loads(out.getvalue())
    assert (finding["level"], finding["check"]) == ("bad", "secrets")
    assert finding["advice"]


def test_fast_leaves_out_what_takes_long(healthy):
    slow = {name for name, check in CHECKS.items() if check.is_slow}
    assert slow
    assert not slow & {finding.check for finding in examine(fast=True)}


def test_a_check_that_cannot_look_is_bad_and_stops_no_other(healthy, monkeypatch):
    monkeypatch.setattr("rustok.doctor.work.rows", lambda *_: 1 / 0)
    assert "could not look: ZeroDivisionError" in found("jobs")[0]
    assert {finding.check for finding in examine()} == set(CHECKS)


# --- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "name", "value"),
    [
        ("secrets", "SECRET_KEY", "a" * 60),
        ("secrets", "SECRET_KEY", "not-a-secret-for-development-only-0000"),
        ("secrets", "SECRET_KEY", "Vb3kQ9x-_rT7mZpL0sWcYh4Nd8fJg2uE"),
        ("cookies", "HTTPS", False),
        ("cookies", "SESSION_COOKIE_SECURE", False),
        ("cookies", "CSRF_COOKIE_SECURE", False),
        ("cookies", "SESSION_COOKIE_HTTPONLY", False),
        ("cookies", "SESSION_COOKIE_NAME", "sessionid"),
        ("cookies", "CSRF_COOKIE_NAME", "csrftoken"),
        ("cookies", "SESSION_COOKIE_DOMAIN", ".example.com"),
        ("email", "EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"),
        ("email", "DEFAULT_FROM_EMAIL", "RusToK <no-reply@localhost>"),
        ("production", "PAYMENT_PROVIDERS", ["manual", "test"]),
        ("apps", "SHARED_APPS", ["apps.tenant", "django.contrib.auth"]),
        ("apps", "SHARED_APPS", ["apps.tenant"]),
        ("valkey", "VALKEY_URL", "redis://127.0.0.1:1/0"),
        ("broker", "CELERY_BROKER_URL", "redis://127.0.0.1:1/0"),
        ("processes", "VALKEY_URL", "redis://127.0.0.1:1/0"),
    ],
)
def test_a_setting_that_is_wrong_is_found(production, db, settings, check, name, value):
    assert check == "processes" or not found(check)
    setattr(settings, name, value)
    assert found(check)


@pytest.mark.parametrize(
    ("check", "name", "value"),
    [
        ("production", "DEBUG", True),
        ("production", "DEMO", True),
        ("production", "ALLOWED_HOSTS", ["shop.example.com"]),
        ("production", "TENANT_HEADER_ENABLED", True),
        ("cookies", "SECURE_PROXY_SSL_HEADER", None),
        ("email", "EMAIL_HOST", "localhost"),
    ],
)
def test_a_setting_that_is_doubtful_is_named(production, db, settings, check, name, value):
    assert not found(check, Level.WARN)
    setattr(settings, name, value)
    assert found(check, Level.WARN)


def test_where_one_tries_things_out_known_secrets_and_plain_http_are_only_named(production, db, settings):
    settings.DEBUG, settings.HTTPS, settings.SECRET_KEY = True, False, "not-a-secret-for-development-only-0000"
    for check in ("secrets", "cookies"):
        assert not found(check)
        assert found(check, Level.WARN)


# --- the database -----------------------------------------------------------------------------------------------


def test_a_search_path_that_shows_tables_before_a_tenant_is_chosen_is_found(healthy, committed_db):
    assert not found("search_path")
    sql(f'ALTER ROLE CURRENT_USER IN DATABASE "{committed_db}" SET search_path = acme, public')
    assert "acme" in found("search_path")[0]


def test_statements_that_the_server_prepares_are_found(healthy, monkeypatch):
    with connection.cursor() as cursor:
        assert cursor.connection.prepare_threshold is None
    assert not found("prepared_statements")
    connection.connection.prepare_threshold = 5
    assert found("prepared_statements")
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "server_side_binding", True)
    assert found("prepared_statements")


def test_connections_without_keepalives_are_named(healthy, settings, monkeypatch):
    assert not found("connections", Level.WARN)
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {})
    assert found("connections", Level.WARN)


def test_postgresql_itself_has_our_keepalives(healthy):
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'tcp_keepalives_idle'")
        assert cursor.fetchone()[0] in ("30", "0")  # 0: there is no TCP on a Unix socket


@pytest.mark.parametrize(
    "breakage",
    ["CREATE TABLE public.product_product (id int)", "CREATE TABLE acme.tenant_tenant (id int)",
     "CREATE TABLE _template.outbox_delivery (id int)", "CREATE TABLE globex.django_content_type (id int)"],
)  # fmt: skip
def test_a_table_that_stands_where_it_does_not_belong_is_found(healthy, breakage):
    assert not found("tables")
    sql(breakage)
    assert found("tables")


@pytest.mark.parametrize(
    ("breakage", "named"),
    [
        ("UPDATE public.tenant_tenant SET migrated_to = 'old' WHERE slug = 'acme'", "acme"),
        ("COMMENT ON SCHEMA _template IS 'old'", "the template"),
        ("DELETE FROM public.django_migrations WHERE app = 'outbox'", "public"),
    ],
)
def test_what_lacks_a_migration_is_named(healthy, breakage, named):
    assert not found("migrations")
    sql(breakage)
    assert named in found("migrations")[0]


@pytest.mark.parametrize(
    "breakage",
    ["ALTER TABLE public.tenant_tenant DISABLE TRIGGER tenant_version",
     "DROP TRIGGER tenant_domain_changed ON public.tenant_domain",
     "ALTER TABLE public.outbox_deadletteract DISABLE TRIGGER outbox_acts_stay",
     "ALTER TABLE _template.order_order DISABLE TRIGGER order_legal_step",
     "DROP TRIGGER audit_capture ON public.tenant_tenant",
     "ALTER TABLE _template.audit_auditentry DISABLE TRIGGER audit_keep"],
)  # fmt: skip
def test_a_trigger_that_is_gone_or_off_is_found(healthy, breakage):
    assert not found("triggers")
    sql(breakage)
    assert found("triggers")


def test_every_trigger_of_the_shared_tables_is_one_that_the_doctor_knows(healthy):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal AND t.tgparentid = 0"
        )
        there = {name for (name,) in cursor.fetchall()}
    assert there == {trigger.name for trigger in declared() if trigger.schema == "public"} | {"audit_capture"}


def test_setup_puts_back_what_steps_install(healthy):
    sql("DROP TRIGGER audit_capture ON _template.product_product")
    assert found("triggers")
    call_command("setup", stdout=StringIO())
    assert not found("triggers")


def test_setup_hides_the_tables_from_new_connections(healthy, committed_db):
    sql(f'ALTER ROLE CURRENT_USER IN DATABASE "{committed_db}" SET search_path = public')
    assert found("search_path")
    call_command("setup", stdout=StringIO())
    assert not found("search_path")


def test_setup_says_what_to_do_where_it_may_not_hide_them(healthy, committed_db):
    sql(f'ALTER ROLE CURRENT_USER IN DATABASE "{committed_db}" SET search_path = public')
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")  # as on a standby
        assert "read-only" in hide_tables()
        assert "ALTER ROLE" in hiding_statement()
    finally:
        connection.close()


def test_room_is_needed_for_all_that_may_be_opened(healthy, settings):
    assert not found("connections")
    settings.MACHINES, settings.WEB_PROCESSES, settings.WEB_THREADS = 10, 8, 16
    assert found("connections")[0].startswith("1360 connections may be wanted")
    settings.DATABASES["default"]["OPTIONS"]["pool"] = {"max_size": 2}
    try:
        assert "240 of" in found("connections", Level.OK)[0] or "240 connections" in found("connections")[0]
    finally:
        del settings.DATABASES["default"]["OPTIONS"]["pool"]


@pytest.mark.parametrize(
    "breakage",
    [
        "ALTER TABLE acme.product_product ADD COLUMN odd int",
        "ALTER TABLE acme.order_order DISABLE TRIGGER order_legal_step",
        "ALTER TABLE acme.product_product ADD CONSTRAINT odd CHECK (true)",
        "DROP TABLE acme.cart_cart CASCADE",
        "DROP SCHEMA acme CASCADE",
    ],
)
def test_a_tenant_that_is_built_unlike_the_template_is_named(healthy, breakage):
    assert not found("shapes")
    sql(breakage)
    assert "acme" in found("shapes")[0]


# --- servers, files, work ---------------------------------------------------------------------------------------


def test_a_broker_that_throws_messages_away_is_found(healthy, settings):
    with valkey.running("--maxmemory-policy", "allkeys-lru") as server:
        settings.CELERY_BROKER_URL = server.url
        assert "allkeys-lru" in found("broker")[0]


def test_a_valkey_that_is_full_is_found(healthy, settings):
    with valkey.running() as server, Redis.from_url(server.url) as client:
        settings.VALKEY_URL = server.url
        client.set("big", b"x" * 10_000_000)
        client.config_set("maxmemory", 100_000_000)
        assert not found("valkey")
        client.config_set("maxmemory", 11_000_000)
        assert found("valkey")


def test_a_stream_that_is_away_is_found(healthy, settings):
    settings.EVENT_TRANSPORT, settings.NATS_URLS = "stream", ["nats://127.0.0.1:1"]
    assert found("nats")


def test_clocks_that_disagree_are_found(healthy, monkeypatch):
    assert not found("clocks")
    import time

    now = time.time
    monkeypatch.setattr("rustok.doctor.servers.time.time", lambda: now() - 5)
    assert len(found("clocks")) == 2


def test_a_disk_that_is_full_is_found(healthy, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 10**6))
    assert len(found("disk")) == 2


def test_a_folder_that_cannot_be_made_is_found(healthy, settings, tmp_path):
    assert not found("media")
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    assert found("media")


def test_files_that_everybody_may_read_are_named(healthy, settings):
    settings.MEDIA_ROOT.chmod(0o755)
    assert found("media", Level.WARN)


def test_a_relay_that_is_gone_is_found(healthy):
    assert not found("processes")
    Member.objects.all().delete()
    assert found("processes") == ["no relay lives: events wait"]


def test_beat_and_worker_that_are_gone_are_found(healthy, settings):
    with tasks._client() as client:
        client.set(tasks._key(), "1700000000.0")
    assert "beat and worker" in found("processes")[0]
    with tasks._client() as client:
        client.delete(tasks._key())
    assert "ever" in found("processes")[0]


def test_deliveries_that_wait_for_long_and_dead_letters_are_found(healthy, monkeypatch):
    sql(
        "INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state, attempts,"
        " next_at, error_class, error, created_at) VALUES (gen_random_uuid(), 'index.refresh', gen_random_uuid(), 1, 1,"
        " 'waiting', 0, now(), '', '', now() - interval '2 hours')"
    )
    assert "7200" in found("events", Level.WARN)[0]
    dead = (
        "INSERT INTO public.outbox_deadletter (id, event_id, event_type, tenant_id, handler, lane, aggregate_type,"
        " aggregate_id, aggregate_version, attempts, error_class, error, occurred_at, died_at, state)"
        " SELECT gen_random_uuid(), gen_random_uuid(), 'a.b', gen_random_uuid(), 'a.b', 1, 'a', gen_random_uuid(), 1, 8,"
        " 'E', 'e', now(), now(), 'dead' FROM generate_series(1, {})"
    )
    sql(dead.format(1))
    assert "1 dead letters" in found("events", Level.WARN)
    sql(dead.format(200))
    assert found("events") == ["201 dead letters"]


def test_what_a_suspended_tenant_has_waiting_is_no_delay(healthy):
    Tenant.objects.filter(slug="acme").update(status=Tenant.Status.SUSPENDED)
    sql(
        "INSERT INTO public.outbox_delivery (event_id, handler, tenant_id, lane, aggregate_version, state, attempts,"
        " next_at, error_class, error, created_at) SELECT gen_random_uuid(), 'index.refresh', id, 1, 1,"
        " 'waiting', 0, now(), '', '', now() - interval '2 hours' FROM public.tenant_tenant WHERE slug = 'acme'"
    )
    assert found("events", Level.WARN) == []


def test_a_job_that_stands_still_is_found(healthy):
    from apps.tenant.models import Job

    tenant = Tenant.objects.get(slug="acme")
    job = Job.objects.create(kind="export", tenant_slug="acme", tenant_id=tenant.pk, requested_by="tests")
    assert not found("jobs")
    sql(f"UPDATE public.tenant_job SET created_at = now() - interval '1 hour' WHERE id = '{job.pk}'")
    assert "export acme" in found("jobs")[0]
