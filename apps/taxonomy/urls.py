"""REST paths of the taxonomy, under `/api/v1/`."""

from django.urls import path

from apps.taxonomy import rest

urlpatterns = [
    path("categories/", rest.CategoriesView.as_view()),
    path("categories/tree/", rest.CategoryTreeView.as_view()),
    path("categories/<uuid:category_id>/", rest.CategoryView.as_view()),
    path("categories/<path:path>/", rest.CategoryByPathView.as_view()),
    path("tags/", rest.TagsView.as_view()),
    path("tags/<uuid:tag_id>/", rest.TagView.as_view()),
]
