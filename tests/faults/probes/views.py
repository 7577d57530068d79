"""A page that commits events and is killed before anything else can happen."""

from __future__ import annotations

import os
import signal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from rustok.kernel.access import PUBLIC
from rustok.kernel.edges.declared import declared
from tests.faults.probes.events import ProbeHappened
from tests.faults.probes.models import say

__all__ = ["commit_and_die"]


@csrf_exempt
@declared(PUBLIC)
def commit_and_die(request: HttpRequest) -> HttpResponse:
    """Publish an event of the probe named in the query; then die as a process or with the whole group, if asked to."""
    number, probe = int(request.GET["number"]), UUID(request.GET["probe"])
    with transaction.atomic():
        # First in the queue: nothing that follows COMMIT runs, not even what the publisher wants done.
        transaction.on_commit(lambda: _die(request.GET.get("die", "")))
        (event_id,) = say([(ProbeHappened(number=number, name="web"), probe)])
    return HttpResponse(str(event_id), content_type="text/plain")


def _die(whom: str) -> None:
    if whom == "process":
        os.kill(os.getpid(), signal.SIGKILL)
    if whom == "group":
        os.killpg(0, signal.SIGKILL)
