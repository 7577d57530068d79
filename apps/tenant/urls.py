"""REST paths of tenants, under `/api/v1/`."""

from django.urls import path

from apps.tenant.rest import modules, settings, tenants

urlpatterns = [
    path("tenants/", tenants.TenantsView.as_view()),
    path("tenants/jobs/", tenants.JobsView.as_view()),
    path("tenants/jobs/<uuid:job_id>/", tenants.JobView.as_view()),
    path("tenants/jobs/<uuid:job_id>/cancel/", tenants.CancelView.as_view()),
    path("tenants/jobs/<uuid:job_id>/retry/", tenants.RetryView.as_view()),
    path("tenants/jobs/<uuid:job_id>/archive/", tenants.ArchiveView.as_view()),
    path("tenants/<slug:slug>/", tenants.TenantView.as_view()),
    path("tenants/<slug:slug>/suspend/", tenants.SuspendView.as_view()),
    path("tenants/<slug:slug>/resume/", tenants.ResumeView.as_view()),
    path("tenants/<slug:slug>/limits/", tenants.LimitsView.as_view()),
    path("tenants/<slug:slug>/delete/", tenants.LeaveView.as_view()),
    path("tenants/<slug:slug>/export/", tenants.ExportView.as_view()),
    path("modules/", modules.ModulesView.as_view()),
    path("modules/<slug:slug>/", modules.ModuleView.as_view()),
    path("settings/", settings.SettingsView.as_view()),
    path("domains/", settings.DomainsView.as_view()),
    path("domains/<uuid:domain_id>/", settings.DomainView.as_view()),
    path("domains/<uuid:domain_id>/verify/", settings.VerifyDomainView.as_view()),
    path("domains/<uuid:domain_id>/primary/", settings.PrimaryDomainView.as_view()),
]
