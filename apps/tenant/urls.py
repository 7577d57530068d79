"""REST paths of tenants, under `/api/v1/`."""

from django.urls import path

from apps.tenant.rest import modules, settings

urlpatterns = [
    path("modules/", modules.ModulesView.as_view()),
    path("modules/<slug:slug>/", modules.ModuleView.as_view()),
    path("settings/", settings.SettingsView.as_view()),
    path("domains/", settings.DomainsView.as_view()),
    path("domains/<uuid:domain_id>/", settings.DomainView.as_view()),
    path("domains/<uuid:domain_id>/verify/", settings.VerifyDomainView.as_view()),
    path("domains/<uuid:domain_id>/primary/", settings.PrimaryDomainView.as_view()),
]
