"""REST paths of the inventory module, under `/api/v1/`."""

from django.urls import path

from apps.inventory import rest

urlpatterns = [
    path("variants/<uuid:variant_id>/inventory/", rest.VariantInventoryView.as_view()),
    path("inventory/adjustments/", rest.AdjustmentsView.as_view()),
    path("inventory/check/", rest.CheckView.as_view()),
    path("locations/", rest.LocationsView.as_view()),
    path("locations/<uuid:location_id>/", rest.LocationView.as_view()),
]
