"""REST paths of the pages module, under `/api/v1/`."""

from django.urls import path

from apps.pages import rest

urlpatterns = [
    path("pages/", rest.PagesView.as_view()),
    path("pages/<path:path>/publish/", rest.PagePublishView.as_view()),
    path("pages/<path:path>/unpublish/", rest.PageUnpublishView.as_view()),
    path("pages/<path:path>/", rest.PageView.as_view()),
]
