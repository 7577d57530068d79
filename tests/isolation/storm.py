"""Requests of many tenants over one database connection, while statements are cancelled and sessions ended.

Run as a program: prints one JSON object with what was seen. Whatever a tenant answers carries the tenant's mark, so a
row, a cache key or a log line of another tenant is seen at once.
"""

from __future__ import annotations

import json
import logging
import random
import re
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

MARK = re.compile(r"mark-(t\d+)-")
THREADS = 32

_expected = threading.local()


def noted_key(key: str, key_prefix: str, version: int) -> str:
    """Make a cache key as the platform does, and note if it carries another tenant than the request."""
    from apps.tenant.cache import make_key

    made = make_key(key, key_prefix, version)
    _note("cache_keys", made.partition(":")[0])
    return made


def _note(kind: str, schema: str) -> None:
    """Count what carries a tenant; outside of any it is `public`."""
    expected = getattr(_expected, "slug", None)
    if expected is not None and _expected.seen is not None:
        _expected.seen[kind] += 1
        if schema not in (expected, "public"):
            _expected.seen[f"foreign_{kind}"] += 1


class NotedLogs(logging.Handler):
    """Formats each line as production does, and notes whose tenant it names."""

    def emit(self, record: logging.LogRecord) -> None:
        """Note one line."""
        _note("log_labels", json.loads(self.format(record))["tenant"])


@dataclass
class Storm:
    """What is asked, and what was seen."""

    slugs: list[str]
    tokens: dict[str, str]
    left: int
    seen: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> dict[str, int]:
        """Send all requests from many threads, with a canceller beside them."""
        over = threading.Event()
        canceller = threading.Thread(target=cancel, args=(over, self.seen))
        workers = [threading.Thread(target=self._work, args=(number,)) for number in range(THREADS)]
        canceller.start()
        total = self.left
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(timeout=10)
                sys.stderr.write(f"{min(total - self.left, total):,} of {total:,} requests\n")
        over.set()
        canceller.join()
        return dict(self.seen)

    def _work(self, number: int) -> None:
        dice, seen = random.Random(number), Counter[str]()
        while self._take():
            slug = dice.choice(self.slugs)
            _expected.slug, _expected.seen = slug, seen
            ASKS[dice.choices(range(len(ASKS)), weights=(50, 25, 10, 14, 1))[0]](self, slug, dice, seen)
        with self.lock:
            self.seen += seen

    def _take(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0


def _list(storm: Storm, slug: str, dice: random.Random, seen: Counter[str]) -> None:
    judge(slug, *ask(slug, "/api/v1/categories/"), seen, right=200)


def _me(storm: Storm, slug: str, dice: random.Random, seen: Counter[str]) -> None:
    judge(slug, *ask(slug, "/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {storm.tokens[slug]}"), seen, right=200)


def _foreign_me(storm: Storm, slug: str, dice: random.Random, seen: Counter[str]) -> None:
    """Come with the token of another tenant; only a refusal is right."""
    other = dice.choice([one for one in storm.slugs if one != slug])
    status, body = ask(slug, "/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {storm.tokens[other]}")
    judge(slug, status, body, seen, right=401)
    seen["foreign_tokens_taken"] += status == 200


def _cart(storm: Storm, slug: str, dice: random.Random, seen: Counter[str]) -> None:
    """Write a row that carries the tenant's mark."""
    body = json.dumps({"email": f"mark-{slug}-{dice.randrange(10**6)}@example.com"}).encode()
    judge(slug, *ask(slug, "/api/v1/carts/", body), seen, right=201)


def _page(storm: Storm, slug: str, dice: random.Random, seen: Counter[str]) -> None:
    judge(slug, *ask(slug, "/"), seen, right=200)


ASKS = (_list, _me, _foreign_me, _cart, _page)


def judge(slug: str, status: int, body: str, seen: Counter[str], *, right: int) -> None:
    """Count an answer: right, failed (a cancelled statement may do that), and whose marks it carries."""
    seen["requests"] += 1
    seen["right" if status == right else "failed" if status >= 500 else "refused"] += 1
    seen[f"status_{status}"] += 1
    seen["foreign_rows"] += any(mark != slug for mark in MARK.findall(body))


def ask(slug: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    """Send a request through the WSGI application, as a server does."""
    from rustok.wsgi import application

    status: list[str] = []
    answer: Any = application(
        {
            "REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": "",
            "HTTP_HOST": f"{slug}.localhost", "SERVER_NAME": "storm", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr, "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), **headers,
        },
        lambda line, _headers, *_: status.append(line),
    )  # fmt: skip
    try:
        text = b"".join(answer).decode()
    finally:
        answer.close()
    return int(status[0].split(" ")[0]), text


def cancel(over: threading.Event, seen: Counter[str]) -> None:
    """Cancel what the platform runs, all the time, and now and then end its session."""
    import psycopg
    from django.conf import settings

    base, dice = settings.DATABASES["default"], random.Random(0)
    with psycopg.connect(
        host=base["HOST"], port=base["PORT"], user=base["USER"], password=base["PASSWORD"] or None,
        dbname=base["NAME"], autocommit=True, application_name="canceller",
    ) as connection:  # fmt: skip
        while not over.is_set():
            harm = "pg_terminate_backend" if dice.random() < 0.005 else "pg_cancel_backend"
            rows = connection.execute(
                f"SELECT {harm}(pid) FROM pg_stat_activity WHERE application_name = 'storm' AND datname = %s",
                [base["NAME"]],
            ).fetchall()
            seen["cancelled" if harm == "pg_cancel_backend" else "ended"] += len(rows)
            time.sleep(dice.random() * 0.008)


def rows_of_others(slugs: list[str]) -> int:
    """Count carts that stand in a schema of another tenant than their mark says."""
    from django.db import connection

    from apps.tenant.public import find, use_tenant

    foreign = 0
    for slug in slugs:
        with use_tenant(find(slug)), connection.cursor() as cursor:
            cursor.execute("SELECT email FROM cart_cart")
            foreign += sum(any(mark != slug for mark in MARK.findall(email)) for (email,) in cursor.fetchall())
    return foreign


def main(tenants: int, requests: int) -> None:
    """Weather it, and print what was seen."""
    from django.db import connection
    from django.utils import timezone

    import rustok.wsgi  # noqa: F401 (sets Django up, logging with it)
    from apps.accounts.public import log_in
    from apps.telemetry.logs import formatter
    from apps.tenant.public import find, use_tenant

    slugs, tokens = [f"t{number}" for number in range(tenants)], {}
    for slug in slugs:
        with use_tenant(find(slug)):
            login = log_in(
                email=f"mark-{slug}-me@example.com", password="correct-horse-9", device="storm", now=timezone.now()
            )
            tokens[slug] = login.access
    connection.close()
    logs = NotedLogs()
    logs.setFormatter(formatter("json"))
    logging.getLogger().handlers = [logs]
    seen = Storm(slugs, tokens, requests).run()
    _expected.slug = None
    seen["foreign_written"] = rows_of_others(slugs)
    sys.stdout.write(json.dumps(seen, sort_keys=True) + "\n")
