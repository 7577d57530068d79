"""REST paths of the roles module, under `/api/v1/`."""

from django.urls import path

from apps.rbac import rest

urlpatterns = [
    path("api-keys/", rest.ApiKeysView.as_view()),
    path("api-keys/<uuid:key_id>/", rest.ApiKeyView.as_view()),
    path("invitations/", rest.InvitationsView.as_view()),
    path("invitations/accept/", rest.AcceptInvitationView.as_view()),
    path("invitations/<uuid:invitation_id>/", rest.InvitationView.as_view()),
    path("invitations/<uuid:invitation_id>/resend/", rest.ResendInvitationView.as_view()),
    path("users/", rest.PeopleView.as_view()),
    path("users/<uuid:user_id>/", rest.PersonView.as_view()),
    path("users/<uuid:user_id>/roles/", rest.PersonRolesView.as_view()),
    path("users/<uuid:user_id>/roles/<slug:slug>/", rest.PersonRoleView.as_view()),
    path("users/<uuid:user_id>/grants/", rest.SharedWithView.as_view()),
    path("users/<uuid:user_id>/attributes/", rest.AttributesView.as_view()),
    path("policies/", rest.PoliciesView.as_view()),
    path("policies/check/", rest.PolicyCheckView.as_view()),
    path("policies/attributes/<slug:resource>/", rest.PolicyAttributesView.as_view()),
    path("policies/<uuid:policy_id>/", rest.PolicyView.as_view()),
    path("roles/", rest.RolesView.as_view()),
    path("roles/<slug:slug>/", rest.RoleView.as_view()),
    path("roles/<slug:slug>/users/", rest.RoleHoldersView.as_view()),
    path("grants/", rest.GrantsView.as_view()),
    path("teams/", rest.TeamsView.as_view()),
    path("teams/<int:team_id>/", rest.TeamView.as_view()),
]
