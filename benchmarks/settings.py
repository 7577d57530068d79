"""The platform's settings, and one more event with a light handler."""

from rustok.settings import *  # noqa: F403
from rustok.settings import INSTALLED_APPS as _PLATFORM

INSTALLED_APPS = [*_PLATFORM[:-1], "benchmarks.probe.ProbeConfig", _PLATFORM[-1]]
