"""REST paths of the audit log, under `/api/v1/`."""

from django.urls import path

from apps.audit import rest

urlpatterns = [
    path("audit/", rest.EntriesView.as_view()),
    path("audit/<uuid:entry_id>/", rest.EntryView.as_view()),
]
