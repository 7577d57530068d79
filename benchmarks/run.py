"""`make bench`: starts the platform as in production, checks answers, measures, prints a table, writes JSON."""

from __future__ import annotations

import argparse
import json
import platform as machine
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks import client
from benchmarks.platform import cpu_seconds, database_url, postgres_pids, resident_megabytes, serving
from benchmarks.scenarios import Scenario, all_scenarios
from benchmarks.seed import seed

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run."""
    options = _options()
    if options.what in ("all", "web"):
        _requests(options)
    if options.what in ("all", "events"):
        _events(options)
    if options.what in ("all", "resolver"):
        _resolver(options)
    if options.what in ("all", "restrict"):
        _restrict(options)
    if options.what in ("all", "provisioning"):
        _provisioning(options)
    if options.what in ("all", "audit"):
        _audit(options)
    if options.what in ("all", "limits"):
        _limits(options)


def _audit(options: argparse.Namespace) -> None:
    from apps.product.public import products_of_variants
    from apps.tenant.public import find, use_tenant
    from benchmarks import auditing

    _own_database("rustok_bench_audit")
    call_command("setup")
    seeded = seed(60)
    with use_tenant(find("bench")):
        products = sorted(set(products_of_variants(seeded.variants).values()))
        auditing.main(options, sys.argv[1:], seeded, products)


def _limits(options: argparse.Namespace) -> None:
    from benchmarks import limits

    _own_database("rustok_bench_limits")
    call_command("setup")
    seed(60)
    limits.main(options, sys.argv[1:])


def _provisioning(options: argparse.Namespace) -> None:
    from benchmarks import provisioning

    _own_database("rustok_bench_provisioning")
    call_command("setup")
    provisioning.main(options, sys.argv[1:])


def _restrict(options: argparse.Namespace) -> None:
    from apps.tenant.public import find, use_tenant
    from benchmarks import restrict

    _own_database("rustok_bench_restrict")
    call_command("setup")
    seed(10)
    with use_tenant(find("bench")):
        restrict.main(options, sys.argv[1:])


def _resolver(options: argparse.Namespace) -> None:
    from benchmarks import resolver

    _own_database("rustok_bench_resolver")
    call_command("setup")
    resolver.main(options, sys.argv[1:])


def _events(options: argparse.Namespace) -> None:
    from apps.tenant.public import find, use_tenant
    from benchmarks import events

    _own_database("rustok_bench_events")
    call_command("setup")
    seed(1000)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE public.outbox_delivery")  # the seed has brought the index up to date itself
    with use_tenant(find("bench")):
        events.main(options, sys.argv[1:])


def _requests(options: argparse.Namespace) -> None:
    _own_database(f"rustok_bench_{options.size}")
    call_command("setup")
    seeded = seed(options.size)
    name = f"rustok_bench_{options.size}"
    environment = {
        "DATABASE_URL": database_url(name),
        "SECRET_KEY": settings.SECRET_KEY, "DEBUG": "0", "RUSTOK_DEMO": "0", "HTTPS": "0", "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "json", "DJANGO_SETTINGS_MODULE": "rustok.settings", "RATE_LIMIT_CHECKOUT": "100000000/m",
        "RATE_LIMIT_API": "100000000/m", "RATE_LIMIT_GRAPHQL": "100000000/m",
    }  # fmt: skip
    with serving(options.port, environment) as web:
        postgres = postgres_pids()
        scenarios = all_scenarios(options.port, seeded, options.carts)
        rows = [_measure(scenario, web, postgres, options) for scenario in scenarios if options.only in scenario.name]
        memory = resident_megabytes(web.pids())
    _print(rows, memory, options)
    _write(rows, memory, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parts = ("all", "web", "events", "resolver", "restrict", "provisioning", "audit", "limits")
    parser.add_argument("what", nargs="?", default="all", choices=parts)
    parser.add_argument("--size", type=int, default=1000, help="products (1000)")
    parser.add_argument("--seconds", type=float, default=4, help="of one round (4)")
    parser.add_argument("--rounds", type=int, default=5, help="the median of which counts (5)")
    parser.add_argument("--clients", type=int, default=8, help="keep-alive connections (8)")
    parser.add_argument("--carts", type=int, default=400, help="filled for the checkout (400)")
    parser.add_argument("--port", type=int, default=8077)
    parser.add_argument("--only", default="", help="only scenarios or parts whose name has this text")
    parser.add_argument("--sustain", type=float, default=60, help="seconds of events at full load (60)")
    return parser.parse_args()


def _own_database(name: str) -> None:
    """Measure on a database of our own, made anew."""
    from psycopg import sql

    from tests.database import maintenance, use

    with maintenance() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    use(name)


def _measure(scenario: Scenario, web: Any, postgres: list[int], options: argparse.Namespace) -> dict[str, Any]:
    """Check one answer, warm up, and take the median of the rounds."""
    sys.stderr.write(f"  {scenario.name}\n")
    _check(scenario, web.port)
    once = scenario.name.startswith("checkout")
    if not once:
        _round(scenario, web, postgres, options, seconds=1)
    rounds = [_round(scenario, web, postgres, options, options.seconds) for _ in range(1 if once else options.rounds)]
    failures = [failure for one in rounds for failure in one["failures"]]
    if failures:
        raise SystemExit(f"benchmarks: {scenario.name}: {len(failures)} wrong answers, first {failures[0]}")
    figures = ("rate", "p50", "p99", "web_cpu_ms", "postgres_cpu_ms")
    row: dict[str, Any] = {name: statistics.median(one[name] for one in rounds) for name in figures}
    spread = [one["web_cpu_ms"] for one in rounds]
    return row | {"name": scenario.name, "goal": scenario.goal, "spread": [min(spread), max(spread)],
                  "requests": sum(one["requests"] for one in rounds)}  # fmt: skip


def _check(scenario: Scenario, port: int) -> None:
    request = next(iter(scenario.source(0)))
    answer = client.Connection(port).send(request.encode(scenario.host))
    wrong = scenario.check(json.loads(answer.body)) if answer.status == scenario.expect else f"status {answer.status}"
    if wrong:
        raise SystemExit(f"benchmarks: {scenario.name} answers wrongly: {wrong}: {answer.body[:300]!r}")


def _round(
    scenario: Scenario, web: Any, postgres: list[int], options: argparse.Namespace, seconds: float
) -> dict[str, Any]:
    pids = web.pids()
    before, stored = cpu_seconds(pids), cpu_seconds(_with_children(postgres))
    run = client.run(
        web.port, scenario.host, scenario.source, clients=options.clients, seconds=seconds, expect=scenario.expect
    )
    count = max(len(run.latencies), 1)
    return {
        "rate": run.rate,
        "p50": run.percentile(0.5),
        "p99": run.percentile(0.99),
        "web_cpu_ms": (cpu_seconds(pids) - before) * 1000 / count,
        "postgres_cpu_ms": (cpu_seconds(_with_children(postgres)) - stored) * 1000 / count,
        "requests": count,
        "failures": run.failures,
    }


def _with_children(postgres: list[int]) -> list[int]:
    """Look again which backends there are: connections come and go."""
    from benchmarks.platform import children

    return [postgres[0], *children(postgres[0])] if postgres else []


def _print(rows: list[dict[str, Any]], memory: float, options: argparse.Namespace) -> None:
    setting = f"{options.clients} clients, 2 web workers, median of {options.rounds} rounds"
    print(f"\n{options.size} products with 3 variants, {setting}")
    print(f"{'':<26}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'web CPU ms':>12}{'(spread)':>14}{'pg CPU ms':>11}   goal")
    for row in rows:
        low, high = row["spread"]
        goal = f"{row['goal'][0]} + {row['goal'][1]}" if row["goal"] else "-"
        print(
            f"{row['name']:<26}{row['rate']:>8.0f}{row['p50']:>9.2f}{row['p99']:>9.2f}{row['web_cpu_ms']:>12.2f}"
            f"{f'{low:.2f}-{high:.2f}':>14}{row['postgres_cpu_ms']:>11.2f}   {goal}"
        )
    print(f"memory of the web processes: {memory:.0f} MB")
    floor = next((row["web_cpu_ms"] for row in rows if row["name"].startswith("floor")), None)
    if floor:
        ratios = ", ".join(f"{row['name']} {row['web_cpu_ms'] / floor:.1f}" for row in rows[1:])
        print(f"ratio of web CPU to a bare Django view in the same run: {ratios}")


def _write(rows: list[dict[str, Any]], memory: float, options: argparse.Namespace) -> None:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    document = {
        "at": now.isoformat(), "command": " ".join(["make bench", *sys.argv[1:]]), "python": machine.python_version(),
        "size": options.size, "clients": options.clients, "memory_mb": round(memory), "rows": rows,
    }  # fmt: skip
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}-{options.size}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    print(f"written to benchmarks/results/{path.name}")
