"""REST paths of the comments module, under `/api/v1/`."""

from django.urls import path

from apps.comments import rest

urlpatterns = [
    path("comments/", rest.CommentsView.as_view()),
    path("comments/<uuid:comment_id>/", rest.CommentView.as_view()),
]
