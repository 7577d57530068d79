"""`manage.py tenant`: all that happens to tenants, from the first day to the last."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.tenant import services
from apps.tenant.archives import ArchiveUnknown
from apps.tenant.management.arguments import declare
from apps.tenant.management.progress import Progress
from apps.tenant.models import Job, Tenant
from apps.tenant.selectors import unfinished_job
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, DomainError

#: What the shell hears of Ctrl-C.
INTERRUPTED = 130


class Command(BaseCommand):
    """Create, list, suspend, resume, delete, export, import and migrate tenants, and see their jobs."""

    help = (
        "Everything about tenants: each has its own PostgreSQL schema, users, files and settings. Work is done as jobs:"
        " Ctrl-C or a crash leaves one that goes on at the next call. Exit code 1: something was refused or failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        declare(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self.options = options
        self.actor = Actor.system(f"manage.py tenant {options['action']}")
        self.progress = Progress(is_quiet=options["quiet"] or options["json"])
        try:
            getattr(self, f"_{options['action']}")(options)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.detail}") from None
        except KeyboardInterrupt:
            self.progress.end()
            raise CommandError("interrupted; the same command goes on", returncode=INTERRUPTED) from None

    # --- the actions

    def _create(self, options: dict[str, Any]) -> None:
        slug = options["slug"].strip().lower()
        job = self._do(Job.Kind.CREATE, slug, lambda: services.begin_creation(
            actor=self.actor, slug=slug, name=options["name"] or slug,
            domains=options["domain"] or [f"{slug}.localhost"], locales=options["locale"] or ["en"],
            currencies=options["currency"] or ["USD"], timezone=options["timezone"], by_hand=True,
        ))  # fmt: skip
        tenant = Tenant.objects.get(pk=job.subject)
        self._say(_row(tenant), f"created {tenant.slug}: {', '.join(d.domain for d in tenant.domains.all())}")

    def _list(self, options: dict[str, Any]) -> None:
        rows = [_row(tenant) for tenant in Tenant.objects.prefetch_related("domains")]
        lines = [
            f"{row['slug']:<20} {row['status']:<10} {','.join(row['locales']):<12} {','.join(row['currencies']):<12} "
            f"{', '.join(row['domains'])}" for row in rows
        ]  # fmt: skip
        self._say(rows, "\n".join(lines))

    def _domain(self, options: dict[str, Any]) -> None:
        slug, add, remove = options["slug"], options["add"], options["remove"]
        if add:
            services.name_domain(actor=self.actor, slug=slug, domain=add, now=timezone.now())
        else:
            services.take_domain(actor=self.actor, slug=slug, domain=remove)
        tenant = Tenant.objects.prefetch_related("domains").get(slug=slug)
        self._say(_row(tenant), f"{add or remove} leads to {slug} {'now' if add else 'no more'}")

    def _suspend(self, options: dict[str, Any]) -> None:
        tenant = services.suspend_tenant(actor=self.actor, slug=options["slug"], reason=options["reason"])
        self._say(_row(tenant), f"suspended {tenant.slug}: it is refused everywhere within seconds, and its work waits")

    def _resume(self, options: dict[str, Any]) -> None:
        tenant = services.resume_tenant(actor=self.actor, slug=options["slug"])
        self._say(_row(tenant), f"resumed {tenant.slug}")

    def _delete(self, options: dict[str, Any]) -> None:
        slug, now = options["slug"], timezone.now()
        if not options["now"]:
            tenant = services.leave_tenant(actor=self.actor, slug=slug, now=now, grace_days=options["grace_days"])
            day = tenant.delete_after
            assert day is not None
            self._say(_row(tenant), f"{slug} is refused from now on, and deleted on {day:%Y-%m-%d %H:%M} UTC.\n"
                                    f"Until then `manage.py tenant resume {slug}` takes it back.")  # fmt: skip
            return
        if options["yes"] != slug:
            raise CommandError(f"this deletes all that {slug} has: add --yes {slug}")
        job = self._do(
            Job.Kind.DELETE, slug, lambda: services.begin_deletion(actor=self.actor, slug=slug, now=now, by_hand=True)
        )
        self._say(job.result, f"deleted {slug}\n  removed: {_counts(job.result['removed'])}\n"
                              f"  left:    {_counts(job.result['left'])}")  # fmt: skip

    def _export(self, options: dict[str, Any]) -> None:
        slug = options["slug"]
        output = str(Path(options["output"] or f"{slug}.zip").resolve())
        job = self._do(Job.Kind.EXPORT, slug, lambda: services.begin_export(actor=self.actor, slug=slug, output=output))
        told = job.result
        self._say(told, f"exported {slug} to {told['path']}: {told['tables']} tables, {told['rows']} rows, "
                        f"{told['files']} files, {told['bytes'] / 1e6:.1f} MB")  # fmt: skip

    def _import(self, options: dict[str, Any]) -> None:
        file = Path(options["file"])
        if not file.is_file():
            raise ArchiveUnknown(f"there is no file {file}")
        left = Job.objects.filter(kind=Job.Kind.IMPORT, state__in=Job.UNFINISHED, params__file=str(file.resolve()))
        job = left.first() or services.begin_import(
            actor=self.actor, file=file, slug=options["slug"], domains=options["domain"] or [],
            tell=lambda done, total: self.progress.show("checking", done, total),
        )  # fmt: skip
        job = self._run(job)
        tenant = Tenant.objects.get(pk=job.subject)
        self._say(_row(tenant) | job.result, f"imported {tenant.slug}: {job.result['tables']} tables, "
                  f"{job.result['rows']} rows, {job.result['files']} files")  # fmt: skip

    def _migrate(self, options: dict[str, Any]) -> None:
        if not 1 <= options["parallel"] <= 64:
            raise CommandError("--parallel takes 1 to 64")
        job = services.migrate_here(
            actor=self.actor, canary=options["canary"], only=options["tenant"] or [], parallel=options["parallel"],
            tell=self.progress,
        )  # fmt: skip
        failed = job.result.get("failed", {})
        self._say(job.result, f"{job.result.get('migrated', 0)} migrated, {job.result.get('current', 0)} were there "
                  f"already, {len(failed)} failed")  # fmt: skip
        self._check(job)

    def _jobs(self, options: dict[str, Any]) -> None:
        if options["cancel"]:
            services.cancel_job(actor=self.actor, job_id=_id(options["cancel"]))
        if options["retry"]:
            job = services.retry_job(actor=self.actor, job_id=_id(options["retry"]))
            if job.by_hand:
                self._run(job)
        jobs = Job.objects.filter(tenant_slug=options["tenant"]) if options["tenant"] else Job.objects.all()
        rows = [_job(job) for job in jobs[: max(1, min(options["limit"], 1_000))]]
        lines = [
            f"{row['id']}  {row['kind']:<8} {row['tenant']:<20} {row['state']:<10} {row['step']:<12} "
            f"{row['percent']:>3} %  {row['error']}".rstrip() for row in rows
        ]  # fmt: skip
        self._say(rows, "\n".join(lines) or "no jobs")

    # --- jobs

    def _do(self, kind: str, slug: str, begin: Callable[[], Job]) -> Job:
        """Begin a job and run it; one of the same kind that was left goes on instead."""
        try:
            job = begin()
        except Conflict:
            left = unfinished_job(slug)
            if left is None or left.kind != kind:
                raise
            job = left
        return self._run(job)

    def _run(self, job: Job) -> Job:
        job = services.run(job.pk, tell=self.progress)
        self._check(job)
        return job

    def _check(self, job: Job) -> None:
        if job.state == Job.State.FAILED:
            raise CommandError(
                f"{job.error_code}: {job.error}\n`manage.py tenant jobs --retry {job.pk}` tries it again"
            )
        if job.state == Job.State.CANCELLED:
            raise CommandError("somebody cancelled it")

    def _say(self, data: Any, text: str) -> None:
        self.stdout.write(json.dumps(data, indent=2, default=str) if self.options["json"] else text)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"{text!r} is no id of a job") from None


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _row(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name, "status": tenant.status,
        "reason": tenant.status_reason, "delete_after": tenant.delete_after, "locales": tenant.locales,
        "currencies": tenant.currencies, "domains": [domain.domain for domain in tenant.domains.all()],
    }  # fmt: skip


def _job(job: Job) -> dict[str, Any]:
    return {
        "id": str(job.pk), "kind": job.kind, "tenant": job.tenant_slug, "state": job.state, "step": job.step,
        "percent": job.percent, "error": f"{job.error_code}: {job.error}" if job.error_code else "",
        "requested_by": job.requested_by, "created_at": job.created_at, "finished_at": job.finished_at,
        "result": job.result,
    }  # fmt: skip
