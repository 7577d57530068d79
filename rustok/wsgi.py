"""The WSGI application: sync workers, because a tenant is bound to the thread's connection."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rustok.settings")
application = get_wsgi_application()
