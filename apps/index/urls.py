"""REST paths of the index module, under `/api/v1/`."""

from django.urls import path

from apps.index import rest

urlpatterns = [
    path("search/", rest.SearchView.as_view()),
    path("search/suggest/", rest.SuggestView.as_view()),
]
