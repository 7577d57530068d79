"""Jobs in the platform's admin: what was done with tenants, what is under way, and how far it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.tenant.models import Job
from apps.tenant.services import cancel_job, download, retry_job
from rustok.kernel.edges.admin import Admin, Menu, moment, object_action
from rustok.kernel.errors import DomainError

__all__ = ["progress_of"]

#: What a step does, as people say it.
STEPS = {
    "schema": _("database"), "open": _("opening"), "files": _("files"), "rows": _("rows"), "cache": _("cache"),
    "tenant": _("settings"), "proof": _("checking that nothing is left"), "write": _("writing the archive"),
    "tables": _("tables"), "constraints": _("checking"), "public": _("shared tables"), "canary": _("canary"),
    "template": _("template"), "tenants": _("tenants"),
}  # fmt: skip
TONES = {"done": "success", "failed": "danger", "running": "info", "waiting": "warning", "cancelled": "default"}


def _is_exported(job: Job) -> bool:
    return job.kind == Job.Kind.EXPORT and job.state == Job.State.DONE and not job.by_hand


def _may_run_again(job: Job) -> bool:
    return job.state == Job.State.FAILED and not job.by_hand


def progress_of(job: Job) -> dict[str, Any]:
    """Answer what the part of a page shows that tells of a job, and asks again as long as it is not over."""
    return {
        "job": job, "step_name": STEPS.get(job.step, job.step),
        "progress_url": reverse("admin:tenant_job_progress", args=[job.pk]),
        "job_url": reverse("admin:tenant_job_change", args=[job.pk]),
    }  # fmt: skip


@admin.register(Job)
class JobAdmin(Admin):
    """What was done with tenants, and what is under way."""

    resource = "tenants"
    url_permissions = {"progress": "tenants.read", "archive": "tenants.read"}
    menu = Menu("system", "manufacturing", 20)
    list_display = ("what", "tenant", "status", "progress", "requested_by", moment("created_at", _("Begun")))
    list_filter = ("state", "kind")
    search_fields = ("tenant_slug", "requested_by")
    change_form_before_template = "admin/rustok/jobs/job.html"
    fieldsets = ()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never here: they begin on a tenant's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: what happened, happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: they are the record, of tenants that are gone, too."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show no form: the page says it better."""
        return ()

    def nav_badge(self, request: HttpRequest) -> int | None:
        """Count what failed and nobody has run again, up to 99."""
        return self.get_queryset(request).filter(state=Job.State.FAILED)[:99].count()

    def get_urls(self) -> list[URLPattern]:
        """Add the part that refreshes itself, and the archive."""
        return [
            path("<uuid:job_id>/progress/", self.admin_site.admin_view(self.progress_view), name="tenant_job_progress"),
            path("<uuid:job_id>/archive/", self.admin_site.admin_view(self.archive_view), name="tenant_job_archive"),
            *super().get_urls(),
        ]

    def progress_view(self, request: HttpRequest, job_id: Any) -> HttpResponse:
        """Answer how far a job is, for the part of a page that asks every two seconds."""
        job = self._seen(request, job_id)
        response = render(request, "admin/rustok/jobs/progress.html", progress_of(job))
        if job.is_over:
            response["HX-Refresh"] = "true"  # the buttons and the state around it are others now
        return response

    def archive_view(self, request: HttpRequest, job_id: Any) -> Any:
        """Send an export to whoever may have it, for a week."""
        job = self._seen(request, job_id)
        try:
            file = download(actor=request.actor, job=job, now=timezone.now())  # type: ignore[attr-defined]
        except DomainError:
            raise Http404 from None
        response = FileResponse(file.open("rb"), as_attachment=True, filename=f"{job.tenant_slug}.zip")
        response["Cache-Control"] = "no-store"
        return response

    def _seen(self, request: HttpRequest, job_id: Any) -> Job:
        job = self.get_queryset(request).filter(pk=job_id).first() if self.has_view_permission(request) else None
        if job is None:
            raise Http404
        return job

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the job as a document."""
        job = self.get_object(request, object_id)
        extra: dict[str, Any] = {}
        if job is not None:
            extra = progress_of(job) | {"tone": TONES[job.state], "facts": _facts(job)}
            if _is_exported(job):
                extra["archive_url"] = reverse("admin:tenant_job_archive", args=[job.pk])
        return super().change_view(request, object_id, form_url, (extra_context or {}) | extra)

    # --- the list

    @display(description=_("Job"), ordering="kind")
    def what(self, obj: Job) -> str:
        """Answer what is done."""
        return str(obj.get_kind_display())

    @display(description=_("Tenant"), ordering="tenant_slug")
    def tenant(self, obj: Job) -> str:
        """Answer with which tenant."""
        return obj.tenant_slug or gettext("all")

    @display(description=_("State"), label=TONES)
    def status(self, obj: Job) -> tuple[str, str]:
        """Answer the state in words."""
        return obj.state, str(obj.get_state_display())

    @display(description=pgettext_lazy("of a job", "Progress"))
    def progress(self, obj: Job) -> str:
        """Draw how far it is."""
        return render_to_string("admin/rustok/jobs/progress.html", progress_of(obj)) if not obj.is_over else "—"

    # --- what can be done

    @object_action(
        _("Cancel"), permission="tenants.update", icon="stop_circle", danger=True, form=forms.Form,
        hint=_("What is done stays; the rest is not done."), button=_("Cancel the job"),
        when=lambda job: not job.is_over and job.kind != Job.Kind.DELETE,
    )  # fmt: skip
    def cancel(self, request: HttpRequest, obj: Job, data: dict[str, Any]) -> str:
        """Stop it."""
        cancel_job(actor=request.actor, job_id=obj.pk)  # type: ignore[attr-defined]
        return gettext("It stops as soon as it can.")

    @object_action(_("Run again"), permission="tenants.update", icon="replay", primary=True, when=_may_run_again)
    def run_again(self, request: HttpRequest, obj: Job, data: dict[str, Any]) -> str:
        """Go on where it failed."""
        retry_job(actor=request.actor, job_id=obj.pk)  # type: ignore[attr-defined]
        return gettext("It goes on where it stopped.")


def _facts(job: Job) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Answer what a job found out, group by group, as far as it says something to people."""
    told = {name: value for name, value in job.result.items() if name not in ("path", "after")}
    groups = [(_GROUPS.get(name, name), list(value.items())) for name, value in told.items() if isinstance(value, dict)]
    single = [(_GROUPS.get(name, name), value) for name, value in told.items() if not isinstance(value, dict)]
    return [*([("", single)] if single else []), *((str(name), rows[:200]) for name, rows in groups)]  # type: ignore[list-item]


_GROUPS = {
    "removed": _("Removed"), "left": _("Left"), "failed": _("Failed"), "tenants": _("Tenants"),
    "migrated": _("Migrated"), "current": _("Up to date already"), "rows": _("Rows"), "files": _("Files"),
    "bytes": _("Bytes"), "tables": _("Tables"),
}  # fmt: skip
