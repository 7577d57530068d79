"""REST paths of the roles module, under `/api/v1/`."""

from django.urls import path

from apps.rbac import rest

urlpatterns = [
    path("invitations/", rest.InvitationsView.as_view()),
    path("invitations/accept/", rest.AcceptInvitationView.as_view()),
    path("invitations/<uuid:invitation_id>/", rest.InvitationView.as_view()),
    path("invitations/<uuid:invitation_id>/resend/", rest.ResendInvitationView.as_view()),
]
