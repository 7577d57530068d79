"""REST paths of the content module, under `/api/v1/`."""

from django.urls import path

from apps.content import rest

urlpatterns = [
    path("nodes/", rest.NodesView.as_view()),
    path("nodes/render/", rest.RenderView.as_view()),
    path("nodes/<uuid:node_id>/", rest.NodeView.as_view()),
    path("nodes/<uuid:node_id>/publish/", rest.NodePublishView.as_view()),
    path("nodes/<uuid:node_id>/unpublish/", rest.NodeUnpublishView.as_view()),
]
