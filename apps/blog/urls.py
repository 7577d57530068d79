"""REST paths of the blog, under `/api/v1/`."""

from django.urls import path

from apps.blog import rest

urlpatterns = [
    path("posts/", rest.PostsView.as_view()),
    path("posts/<slug:slug>/", rest.PostView.as_view()),
    path("posts/<slug:slug>/publish/", rest.PostPublishView.as_view()),
    path("posts/<slug:slug>/unpublish/", rest.PostUnpublishView.as_view()),
    path("posts/<slug:slug>/comments/", rest.PostCommentsView.as_view()),
]
