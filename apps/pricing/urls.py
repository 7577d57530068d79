"""REST paths of the pricing module, under `/api/v1/`."""

from django.urls import path

from apps.pricing import rest

urlpatterns = [path("variants/<uuid:variant_id>/prices/", rest.VariantPricesView.as_view())]
