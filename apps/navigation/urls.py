"""REST paths of the navigation module, under `/api/v1/`."""

from django.urls import path

from apps.navigation import rest

urlpatterns = [
    path("menus/", rest.MenusView.as_view()),
    path("menus/<slug:location>/", rest.MenuView.as_view()),
]
