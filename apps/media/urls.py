"""REST paths under `/api/v1/`, and the files at the root."""

from django.urls import path

from apps.media import rest

urlpatterns = [
    path("media/", rest.AssetsView.as_view()),
    path("media/<uuid:asset_id>/", rest.AssetView.as_view()),
]
site_patterns = [path("media/<path:name>", rest.serve_file)]
