"""REST paths of the outbox, under `/api/v1/`."""

from django.urls import path

from apps.outbox import rest

urlpatterns = [
    path("events/", rest.EventsView.as_view()),
    path("events/dead-letters/", rest.LettersView.as_view()),
    path("events/dead-letters/retry/", rest.BulkRetryView.as_view()),
    path("events/dead-letters/discard/", rest.BulkDiscardView.as_view()),
    path("events/dead-letters/<uuid:letter_id>/", rest.LetterView.as_view()),
    path("events/dead-letters/<uuid:letter_id>/retry/", rest.RetryView.as_view()),
    path("events/dead-letters/<uuid:letter_id>/discard/", rest.DiscardView.as_view()),
    path("events/<uuid:event_id>/", rest.EventView.as_view()),
    path("events/<uuid:event_id>/replay/", rest.ReplayView.as_view()),
]
