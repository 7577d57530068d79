"""REST paths of the accounts module, under `/api/v1/`."""

from django.urls import path

from apps.accounts import rest

urlpatterns = [
    path("auth/register/", rest.RegisterView.as_view()),
    path("auth/login/", rest.LoginView.as_view()),
    path("auth/refresh/", rest.RefreshView.as_view()),
    path("auth/logout/", rest.LogoutView.as_view()),
    path("auth/me/", rest.MeView.as_view()),
    path("auth/password/change/", rest.ChangePasswordView.as_view()),
    path("auth/sessions/", rest.SessionsView.as_view()),
    path("auth/sessions/<uuid:session_id>/", rest.SessionView.as_view()),
]
