"""REST paths of the cart module, under `/api/v1/`."""

from django.urls import path

from apps.cart import rest

urlpatterns = [
    path("carts/", rest.CartsView.as_view()),
    path("carts/<uuid:cart_id>/", rest.CartView.as_view()),
    path("carts/<uuid:cart_id>/lines/", rest.CartLinesView.as_view()),
    path("carts/<uuid:cart_id>/lines/<uuid:line_id>/", rest.CartLineView.as_view()),
    path("carts/<uuid:cart_id>/shipping-methods/", rest.ShippingMethodsView.as_view()),
]
