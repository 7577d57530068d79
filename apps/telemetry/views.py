"""`/health/live`, `/health/ready`, `/health/modules`, `/metrics`."""

from __future__ import annotations

import logging
from contextlib import closing
from functools import partial
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from apps.telemetry import scraping
from apps.telemetry.asking import Answer, ask_all
from rustok.kernel.modules import Health, all_modules, health_of

__all__ = ["live", "metrics", "modules", "ready"]
log = logging.getLogger(__name__)


def live(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers."""
    return _answer({"status": "ok"}, ok=True)


def ready(request: HttpRequest) -> HttpResponse:
    """Tell whether requests can be served: the code must load and the database answer, Valkey should.

    Whatever hangs, the answer is there after two seconds, and names it.
    """
    asked = ask_all({"code": _code, "database": _database, "valkey": _valkey})
    checks = {name: _row(one, critical=name != "valkey") for name, one in asked.items()}
    ok = all(check["status"] == "ok" or not check["critical"] for check in checks.values())
    return _answer({"status": "ok" if ok else "unavailable", "checks": checks}, ok=ok)


def modules(request: HttpRequest) -> HttpResponse:
    """Tell how each module is."""
    found = {module.slug: module for module in all_modules()}
    asked = ask_all({f"module {slug}": partial(health_of, module) for slug, module in found.items() if module.asks})
    well = Answer(Health(ok=True), 0)
    rows = {
        slug: _row(asked.get(f"module {slug}", well), critical=module.critical) | {"version": module.version}
        for slug, module in found.items()
    }
    ok = all(row["status"] == "ok" or not row["critical"] for row in rows.values())
    return _answer({"status": "ok" if ok else "unavailable", "modules": rows}, ok=ok)


def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus what was counted and what waits."""
    status, headers, body = scraping.answer(request.META, ask_database=True)
    return HttpResponse(body, status=status, headers=headers)


def _row(answer: Answer, *, critical: bool) -> dict[str, Any]:
    return {
        "status": "ok" if answer.health.ok else "unavailable",
        "latency_ms": answer.latency_ms,
        "critical": critical,
        "reason": answer.health.reason,
    }


def _code() -> Health:
    try:
        return Health(ok=bool(get_resolver().url_patterns))
    except Exception as error:
        log.exception("code_does_not_load")
        return Health(ok=False, reason=type(error).__name__)


def _database() -> Health:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Health(ok=True)
    except Exception as error:
        return Health(ok=False, reason=type(error).__name__)


def _valkey() -> Health:
    once = Retry(NoBackoff(), 0)
    try:
        with closing(
            Redis.from_url(settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=once)
        ) as client:
            client.ping()
        return Health(ok=True)
    except RedisError as error:
        return Health(ok=False, reason=type(error).__name__)


def _answer(body: dict[str, Any], *, ok: bool) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(body),
        status=200 if ok else 503,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
