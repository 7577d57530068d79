"""REST paths of the order module, under `/api/v1/`."""

from django.urls import path

from apps.order import rest

urlpatterns = [
    path("orders/", rest.OrdersView.as_view()),
    path("orders/<slug:number>/", rest.OrderView.as_view()),
    path("orders/<slug:number>/confirm/", rest.ConfirmView.as_view()),
    path("orders/<slug:number>/pay/", rest.PayView.as_view()),
    path("orders/<slug:number>/capture/", rest.CaptureView.as_view()),
    path("orders/<slug:number>/ship/", rest.ShipView.as_view()),
    path("orders/<slug:number>/deliver/", rest.DeliverView.as_view()),
    path("orders/<slug:number>/cancel/", rest.CancelView.as_view()),
]
