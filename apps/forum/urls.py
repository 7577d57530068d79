"""REST paths of the forum, under `/api/v1/`; topics also stand at the root, where old clients look for them."""

from django.urls import path

from apps.forum import rest

urlpatterns = [
    path("forum/categories/", rest.BoardsView.as_view()),
    path("forum/categories/<slug:slug>/", rest.BoardView.as_view()),
    path("forum/topics/", rest.TopicsView.as_view()),
    path("forum/topics/<uuid:topic_id>/", rest.TopicView.as_view()),
    path("forum/topics/<uuid:topic_id>/replies/", rest.RepliesView.as_view()),
    path("forum/topics/<uuid:topic_id>/replies/<uuid:reply_id>/", rest.ReplyView.as_view()),
    path("topics/", rest.TopicsView.as_view(schema=None)),
    path("topics/<uuid:topic_id>/", rest.TopicView.as_view(schema=None)),
    path("topics/<uuid:topic_id>/replies/", rest.RepliesView.as_view(schema=None)),
]
