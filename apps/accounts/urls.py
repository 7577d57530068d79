"""REST paths of the accounts module, under `/api/v1/`."""

from django.urls import path

from apps.accounts import rest

urlpatterns = [
    path("auth/register/", rest.RegisterView.as_view()),
    path("auth/login/", rest.LoginView.as_view()),
    path("auth/login/second-factor/", rest.LoginCodeView.as_view()),
    path("auth/refresh/", rest.RefreshView.as_view()),
    path("auth/logout/", rest.LogoutView.as_view()),
    path("auth/me/", rest.MeView.as_view()),
    path("auth/password/change/", rest.ChangePasswordView.as_view()),
    path("auth/password/reset/", rest.ResetView.as_view()),
    path("auth/password/reset/confirm/", rest.ResetConfirmView.as_view()),
    path("auth/email/verify/", rest.VerifyEmailView.as_view()),
    path("auth/email/verify/resend/", rest.ResendView.as_view()),
    path("auth/email/change/", rest.ChangeEmailView.as_view()),
    path("auth/email/change/confirm/", rest.ConfirmEmailChangeView.as_view()),
    path("auth/email/change/revert/", rest.RevertEmailChangeView.as_view()),
    path("auth/second-factor/", rest.SecondFactorView.as_view()),
    path("auth/second-factor/confirm/", rest.ConfirmSecondFactorView.as_view()),
    path("auth/second-factor/disable/", rest.DisableSecondFactorView.as_view()),
    path("auth/second-factor/recovery-codes/", rest.RecoveryCodesView.as_view()),
    path("auth/sessions/", rest.SessionsView.as_view()),
    path("auth/sessions/<uuid:session_id>/", rest.SessionView.as_view()),
]
