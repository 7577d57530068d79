"""REST: tenants and their jobs, on the platform's host only; everywhere else there is no such thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.tenant import inputs, selectors, services
from apps.tenant.documents import job_document, tenant_document
from apps.tenant.models import Job, Tenant
from apps.tenant.operators import require_platform
from rustok.kernel.edges.answers import PAGING, answer, page_output
from rustok.kernel.edges.rest import Endpoint, Request, page_of, page_response
from rustok.kernel.inputs import Input
from rustok.kernel.pages import Page, paginate

#: Jobs that a tenant's own document has.
NEWEST = 10


class JobOutput(serializers.Serializer[Any]):
    """A piece of work on a tenant, and how far it is."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Job.Kind.choices)
    tenant = serializers.CharField(help_text="Slug; empty for all.")
    state = serializers.ChoiceField(Job.State.choices)
    step = serializers.CharField()
    percent = serializers.IntegerField()
    error_code = serializers.CharField()
    error = serializers.CharField()
    result = serializers.DictField()
    requested_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class TenantOutput(serializers.Serializer[Any]):
    """A tenant of this deployment."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(Tenant.Status.choices)
    status_reason = serializers.CharField()
    delete_after = serializers.DateTimeField(allow_null=True)
    domains = serializers.ListField(child=serializers.CharField())
    locales = serializers.ListField(child=serializers.CharField())
    currencies = serializers.ListField(child=serializers.CharField())
    timezone = serializers.CharField()
    limits = serializers.DictField(child=serializers.IntegerField())
    created_at = serializers.DateTimeField()


class WholeTenantOutput(TenantOutput):
    """A tenant with its newest jobs."""

    jobs = JobOutput(many=True)


class PlatformEndpoint(Endpoint):
    """An endpoint that only the platform's own tenant has."""

    def check_permissions(self, request: Any) -> None:
        """Let nobody elsewhere learn that there is such a thing.

        :raises NotFound: in any other tenant
        """
        require_platform()
        super().check_permissions(request)


class TenantsView(PlatformEndpoint):
    """The tenants of this deployment."""

    permission = {"GET": "tenants.read", "POST": "tenants.create"}

    @extend_schema(
        operation_id="tenants_list", parameters=[inputs.TenantQuery, *PAGING],
        responses=page_output("TenantPage", TenantOutput(many=True)),
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List tenants by slug."""
        found = selectors.tenants(request.actor, **_asked(request, inputs.TenantQuery))
        page: Page[Any] = paginate(found, ["slug"], page_of(request))
        return answer(
            request, page_response(request, replace(page, results=[tenant_document(row) for row in page.results]))
        )

    @extend_schema(request=inputs.TenantInput, responses={202: WholeTenantOutput})
    def post(self, request: Request) -> Response:
        """Create a tenant: its name and domains are reserved at once, the job makes the rest."""
        data = inputs.TenantInput.parse(request.data or {})
        job = services.begin_creation(actor=request.actor, **data)
        return Response(_whole(request, job.tenant_slug), status=202)


class TenantView(PlatformEndpoint):
    """One tenant."""

    permission = "tenants.read"

    @extend_schema(responses=WholeTenantOutput)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Answer a tenant with its newest jobs."""
        return answer(request, _whole(request, slug))


class SuspendView(PlatformEndpoint):
    """Refused everywhere."""

    permission = "tenants.update"

    @extend_schema(request=inputs.SuspendInput, responses=WholeTenantOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Suspend a tenant; its work waits, nothing is lost."""
        data = inputs.SuspendInput.parse(request.data or {})
        services.suspend_tenant(actor=request.actor, slug=slug, reason=data["reason"])
        return Response(_whole(request, slug))


class ResumeView(PlatformEndpoint):
    """Served again."""

    permission = "tenants.update"

    @extend_schema(request=None, responses=WholeTenantOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Resume a tenant that is suspended or about to be deleted."""
        inputs.ConfirmInput.parse(request.data or {})
        services.resume_tenant(actor=request.actor, slug=slug)
        return Response(_whole(request, slug))


class LimitsView(PlatformEndpoint):
    """What a tenant may use at most."""

    permission = "tenants.update"

    @extend_schema(request=inputs.LimitsInput, responses=WholeTenantOutput)
    def patch(self, request: Request, slug: str) -> Response:
        """Set limits; null takes one away, what is left out stays."""
        limits = inputs.LimitsInput.parse(request.data or {}, partial=True)
        services.set_limits(actor=request.actor, slug=slug, limits=limits)
        return Response(_whole(request, slug))


class LeaveView(PlatformEndpoint):
    """The end."""

    permission = "tenants.delete"

    @extend_schema(request=inputs.LeaveInput, responses=WholeTenantOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Refuse a tenant at once, and delete it after the grace period; until then it can be resumed."""
        data = inputs.LeaveInput.parse(request.data or {})
        inputs.check_meant(data, slug)
        days = data.get("grace_days", services.GRACE_DAYS)
        services.leave_tenant(actor=request.actor, slug=slug, now=timezone.now(), grace_days=days)
        return Response(_whole(request, slug))


class ExportView(PlatformEndpoint):
    """All of it in one file."""

    permission = "tenants.export"

    @extend_schema(request=None, responses={202: JobOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Write a tenant into one archive; the job has it for a week."""
        inputs.ConfirmInput.parse(request.data or {})
        return Response(job_document(services.begin_export(actor=request.actor, slug=slug)), status=202)


# --- jobs ---------------------------------------------------------------------------------------------------------


class JobsView(PlatformEndpoint):
    """What was done with tenants."""

    permission = "tenants.read"

    @extend_schema(
        operation_id="tenant_jobs_list", parameters=[inputs.JobQuery, *PAGING],
        responses=page_output("TenantJobPage", JobOutput(many=True)),
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List jobs, newest first."""
        asked = _asked(request, inputs.JobQuery)
        found = selectors.jobs(request.actor, slug=asked.get("tenant", ""), state=asked.get("state", ""))
        page: Page[Any] = paginate(found, ["-created_at", "-id"], page_of(request))
        return answer(
            request, page_response(request, replace(page, results=[job_document(row) for row in page.results]))
        )


class JobView(PlatformEndpoint):
    """One job."""

    permission = "tenants.read"

    @extend_schema(responses=JobOutput)
    def get(self, request: Request, job_id: UUID) -> HttpResponse:
        """Answer a job and how far it is."""
        return answer(request, job_document(selectors.find_job(request.actor, job_id)))


class CancelView(PlatformEndpoint):
    """No further."""

    permission = "tenants.update"

    @extend_schema(request=None, responses=JobOutput)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Stop a job as soon as it can stop."""
        inputs.ConfirmInput.parse(request.data or {})
        return Response(job_document(services.cancel_job(actor=request.actor, job_id=job_id)))


class RetryView(PlatformEndpoint):
    """Once more."""

    permission = "tenants.update"

    @extend_schema(request=None, responses=JobOutput)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Run a job again that failed, at the step where it stopped."""
        inputs.ConfirmInput.parse(request.data or {})
        return Response(job_document(services.retry_job(actor=request.actor, job_id=job_id)))


class ArchiveView(PlatformEndpoint):
    """What an export wrote."""

    permission = "tenants.export"

    @extend_schema(responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)})
    def get(self, request: Request, job_id: UUID) -> FileResponse:
        """Download an export; it holds password hashes, and is there for a week."""
        job = selectors.find_job(request.actor, job_id)
        file = services.download(actor=request.actor, job=job, now=timezone.now())
        response = FileResponse(file.open("rb"), as_attachment=True, filename=f"{job.tenant_slug}.zip")
        response["Cache-Control"] = "no-store"
        return response


# --- documents ----------------------------------------------------------------------------------------------------


def _asked(request: Request, kind: type[Input]) -> dict[str, Any]:
    """Read the parameters of a query that a filter knows."""
    sent = request.query_params
    return kind.parse({name: sent[name] for name in kind().fields.keys() if sent.get(name)})  # noqa: SIM118 (typed)


def _whole(request: Request, slug: str) -> dict[str, Any]:
    tenant = selectors.find_tenant(request.actor, slug)
    return tenant_document(tenant) | {"jobs": [job_document(job) for job in selectors.newest_jobs(tenant, NEWEST)]}
