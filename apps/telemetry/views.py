"""`/health/live`, `/health/ready`, `/health/modules`, `/metrics`."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver
from redis import Redis
from redis.exceptions import RedisError

from apps.telemetry import scraping
from rustok.kernel.modules import Health, all_modules, health_of

__all__ = ["live", "metrics", "modules", "ready"]
log = logging.getLogger(__name__)


def live(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers."""
    return _answer({"status": "ok"}, ok=True)


def ready(request: HttpRequest) -> HttpResponse:
    """Tell whether requests can be served: the code must load and the database answer, Valkey should."""
    checks = {
        "code": _timed(_code, critical=True),
        "database": _timed(_database, critical=True),
        "valkey": _timed(_valkey, critical=False),
    }
    ok = all(check["status"] == "ok" or not check["critical"] for check in checks.values())
    return _answer({"status": "ok" if ok else "unavailable", "checks": checks}, ok=ok)


def modules(request: HttpRequest) -> HttpResponse:
    """Tell how each module is."""
    rows = {
        module.slug: _timed(partial(health_of, module), module.critical) | {"version": module.version}
        for module in all_modules()
    }
    ok = all(row["status"] == "ok" or not row["critical"] for row in rows.values())
    return _answer({"status": "ok" if ok else "unavailable", "modules": rows}, ok=ok)


def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus what was counted and what waits."""
    status, headers, body = scraping.answer(request.META, ask_database=True)
    return HttpResponse(body, status=status, headers=headers)


def _timed(check: Any, critical: bool) -> dict[str, Any]:
    started = time.perf_counter()
    health: Health = check()
    return {
        "status": "ok" if health.ok else "unavailable",
        "latency_ms": round((time.perf_counter() - started) * 1000, 2),
        "critical": critical,
        "reason": health.reason,
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
        connection.close()
        return Health(ok=False, reason=type(error).__name__)


def _valkey() -> Health:
    try:
        client = Redis.from_url(settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
        client.ping()
        client.close()
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
