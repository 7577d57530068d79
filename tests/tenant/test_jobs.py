"""Jobs outlive the process that works on them."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import IntegrityError, connection, transaction

from apps.tenant import services, tasks
from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.public import find, use_tenant
from apps.tenant.services import jobs
from rustok.kernel.access import ANONYMOUS, actor_for
from rustok.kernel.errors import NotFound, Unauthenticated
from tests.conftest import make_user
from tests.tenant.lives import SYSTEM, die_at, expire, finish, folder, left_in_public, shop


def begin(slug: str = "nile", **options: object) -> Job:
    return services.begin_creation(
        actor=SYSTEM, slug=slug, name=slug, domains=[f"{slug}.localhost"], by_hand=True, **options
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("step", ["schema", "open"])
def test_a_creation_that_was_killed_goes_on_to_the_same_tenant(committed_db, step):
    job = begin()
    assert Tenant.objects.get(slug="nile").status == "preparing"
    die_at(job, step)
    finish(job)
    tenant = Tenant.objects.get(slug="nile")
    assert tenant.status == "active"
    with use_tenant(tenant):
        assert make_user("one@nile.test", role="manager").pk
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM outbox_outboxevent WHERE tenant_id = %s AND event_type = 'tenant.created'",
            [tenant.pk],
        )
        assert cursor.fetchone()[0] == 1


def test_a_deletion_that_was_killed_goes_on_until_nothing_is_left(committed_db):
    tenant = shop(files=5)
    job = services.begin_deletion(actor=SYSTEM, slug="nile", now=tenant.created_at, by_hand=True)
    for step, tells in (("schema", 1), ("files", 0), ("rows", 0), ("cache", 0), ("tenant", 0), ("proof", 0)):
        die_at(job, step, tells)
    job = finish(job)
    assert not any(job.result["left"].values())
    assert job.result["removed"]["files"] == 5
    assert job.result["removed"]["tables"] > 50
    assert find("nile") is None
    assert left_in_public(tenant.pk) == {}
    assert not folder("nile").exists()


def test_a_job_whose_lease_lives_is_nobody_elses(committed_db):
    job = begin()
    Job.objects.filter(pk=job.pk).update(state="running", runner=job.pk, lease_until="2100-01-01T00:00Z")
    with pytest.raises(jobs.JobTaken):
        jobs.run(job.pk)
    expire(job)
    finish(job)


def test_one_of_eight_runners_gets_a_job_and_its_steps_happen_once(committed_db):
    job = begin()
    outcomes: list[str] = []

    def work() -> None:
        try:
            outcomes.append(jobs.run(job.pk).state)
        except jobs.JobTaken:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["done", *["taken"] * 7]


def test_a_runner_that_was_silent_for_too_long_does_no_more(committed_db):
    job = begin()
    told: list[str] = []

    def lose(running: Job) -> None:
        told.append(running.step)
        if running.step == "open":
            Job.objects.filter(pk=running.pk).update(runner=running.pk)  # somebody else has it

    assert jobs.run(job.pk, tell=lose).state == "running"
    assert told == ["schema", "open"]
    assert Tenant.objects.get(slug="nile").status == "preparing"


def test_work_that_kills_its_runner_each_time_is_given_up(db):
    job = begin()
    Job.objects.filter(pk=job.pk).update(attempts=jobs.ATTEMPTS)
    assert jobs.run(job.pk).error_code == "job_gave_up"


def test_ctrl_c_gives_a_job_back_and_the_next_call_goes_on(db):
    job = begin()

    def interrupt(running: Job) -> None:
        if running.step == "open":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.run(job.pk, tell=interrupt)
    job.refresh_from_db()
    assert (job.state, job.step) == ("waiting", "open")
    finish(job)


def test_a_cancelled_creation_leaves_nothing(db):
    job = begin()

    def cancel(running: Job) -> None:
        if running.step == "open" and not running.is_over:
            services.cancel_job(actor=SYSTEM, job_id=running.pk)

    assert jobs.run(job.pk, tell=cancel).state == "cancelled"
    assert find("nile") is None
    assert not Domain.objects.filter(domain="nile.localhost").exists()
    begin()


def test_a_job_that_nobody_works_on_is_cancelled_at_once(db):
    assert services.cancel_job(actor=SYSTEM, job_id=begin().pk).state == "cancelled"


def test_a_tenant_has_one_unfinished_job(db):
    begin()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="export", tenant_slug="nile", requested_by="x")
    with pytest.raises(jobs.TenantBusy):
        services.begin_deletion(actor=SYSTEM, slug="nile", now=Tenant.objects.get(slug="nile").created_at)


def test_a_failed_job_runs_again_at_its_step(db):
    job = begin()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA nile")
    failed = jobs.run(job.pk)
    assert (failed.state, failed.step, failed.error_code) == ("failed", "schema", "unexpected")
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA nile")
    assert services.retry_job(actor=SYSTEM, job_id=job.pk).state == "waiting"
    finish(job)


def test_workers_take_up_what_was_committed_and_what_nobody_works_on(committed_db):
    sent: list[Job] = []
    jobs.install_sender(sent.append)
    try:
        job = services.begin_creation(actor=SYSTEM, slug="nile", name="Nile", domains=["nile.localhost"])
        assert [one.pk for one in sent] == [job.pk]
        tasks.resume_jobs()
        assert [one.pk for one in sent] == [job.pk, job.pk]
        tasks.run_job(str(job.pk))
        tasks.run_job(str(job.pk))  # a message that came twice
        tasks.resume_jobs()
    finally:
        jobs.install_sender(tasks._send)
    assert len(sent) == 2
    assert Tenant.objects.get(slug="nile").status == "active"


def test_a_job_rolled_back_is_sent_to_nobody(committed_db):
    sent: list[Job] = []
    jobs.install_sender(sent.append)
    try:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            services.begin_creation(actor=SYSTEM, slug="nile", name="Nile", domains=["nile.localhost"])
            raise ZeroDivisionError
    finally:
        jobs.install_sender(tasks._send)
    assert (sent, find("nile")) == ([], None)


def test_thirty_two_tenants_at_once_all_come_to_be(committed_db):
    times: list[float] = []
    errors: list[Exception] = []

    def work(number: int) -> None:
        begun = time.monotonic()
        try:
            job = begin(f"many-{number}")
            assert jobs.run(job.pk).state == "done"
            times.append(time.monotonic() - begun)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(32)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert errors == []
    assert Tenant.objects.filter(slug__startswith="many-", status="active").count() == 32


def test_of_eight_creations_of_one_name_one_wins(committed_db):
    outcomes: list[str] = []

    def work() -> None:
        try:
            begin()
            outcomes.append("won")
        except Exception as error:
            outcomes.append(getattr(error, "code", type(error).__name__))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == [*["tenant_exists"] * 7, "won"]


def test_only_the_platforms_people_have_jobs(acme, actor):
    job = begin()
    boss = actor(make_user("boss@acme.test", role="superadmin", is_staff=True))
    for act in (services.cancel_job, services.retry_job):
        with pytest.raises(NotFound):
            act(actor=boss, job_id=job.pk)
        with pytest.raises(Unauthenticated):
            act(actor=ANONYMOUS, job_id=job.pk)
    with use_tenant(find("platform")):
        nobody = actor_for(make_user("guest@platform.test"))
        with pytest.raises(Exception, match="not granted"):
            services.cancel_job(actor=nobody, job_id=job.pk)
    job.refresh_from_db()
    assert job.state == "waiting"
