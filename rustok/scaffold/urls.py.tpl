"""REST paths of the $module module, under `/api/v1/`."""

from django.urls import path

from apps.$module import rest

urlpatterns = [path("$path/", rest.${Model}sView.as_view())]
