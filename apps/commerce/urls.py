"""REST paths of the checkout, under `/api/v1/`."""

from django.urls import path

from apps.commerce import rest

urlpatterns = [
    path("carts/<uuid:cart_id>/complete/", rest.CompleteCartView.as_view()),
    path("payments/test/webhook/", rest.TestNoticeView.as_view()),
]
