"""The platform's URLs, and one more: the page that commits and dies."""

from django.urls import path

from rustok import urls
from tests.faults.probes.views import commit_and_die

urlpatterns = [path("probe/", commit_and_die), *urls.urlpatterns]
handler400, handler404, handler500 = urls.handler400, urls.handler404, urls.handler500
