"""The platform with the probes installed, for the processes that the fault tests start and kill."""

from rustok.settings import *  # noqa: F403

SHARED_APPS = [*SHARED_APPS, "tests.faults.probes"]  # noqa: F405
INSTALLED_APPS = [*INSTALLED_APPS[:-1], "tests.faults.probes", INSTALLED_APPS[-1]]  # noqa: F405
ROOT_URLCONF = "tests.faults.urls"
