"""What is measured: each scenario checks that the answer is right, then says what its clients send."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from benchmarks.client import Connection, Request
from benchmarks.seed import HOST, Seeded

__all__ = ["Scenario", "all_scenarios"]

FIELDS = (
    "id handle title subtitle description status vendor tags options { name values } images { url alt }"
    " priceRange { min { amount currency } max { amount currency } } onSale inStock totalInventory"
    " variants { id sku title options { name value } price { amount currency } available }"
)
LIST = "query List($first: Int) { products(first: $first) { nodes { " + FIELDS + " } pageInfo { endCursor } } }"
DETAIL = "query Detail($handle: String) { product(handle: $handle) { " + FIELDS + " } }"
ADDRESS = {"first_name": "Ann", "last_name": "Lee", "line1": "1 Hill Road", "city": "Berlin", "postal_code": "10115",
           "country": "DE"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    name: str
    source: Callable[[int], Iterator[Request]]
    expect: int = 200
    #: Answers an error text if an answer is not right.
    check: Callable[[Any], str | None] = lambda body: None
    #: Goals in CPU milliseconds of the web processes and of PostgreSQL per request; None where there is none.
    goal: tuple[float, float] | None = None
    host: str = HOST


def all_scenarios(port: int, seeded: Seeded, carts: int) -> list[Scenario]:
    """Prepare every scenario; carts are filled beforehand where a cart is only completed."""
    api = "/api/v1"
    return [
        Scenario("floor: health check", _always("GET", "/health/live"), check=_has("status", "ok")),
        Scenario("product list, REST", _always("GET", f"{api}/products/"), check=_count("results"), goal=(1.5, 0.6)),
        Scenario("product detail, REST", _each("GET", [f"{api}/products/{h}/" for h in seeded.handles]),
                 check=lambda b: None if len(b["variants"]) == 3 else "not three variants", goal=(1.2, 0.3)),
        Scenario("product list, GraphQL", _graphql(LIST, itertools.repeat({"first": 20})),
                 check=lambda b: _count("nodes")(b["data"]["products"]), goal=(2.5, 0.6)),
        Scenario("product detail, GraphQL", _graphql(DETAIL, itertools.cycle({"handle": h} for h in seeded.handles)),
                 check=lambda b: None if len(b["data"]["product"]["variants"]) == 3 else "not three", goal=(1.8, 0.3)),
        Scenario("search, 20 hits", _each("GET", [f"{api}/products/?search={w}" for w in ("tent", "lamp", "boot")]),
                 check=lambda b: None if b["results"] else "nothing found", goal=(2.5, 4.0)),
        Scenario("cart with one line", _carts_with_a_line(seeded), expect=201,
                 check=lambda b: None if len(b["lines"]) == 1 else "not one line", goal=(8.0, 2.5)),
        Scenario("line added to a cart", _lines(port, seeded), check=lambda b: None if b["lines"] else "no line",
                 expect=201, goal=(8.0, 2.5)),
        Scenario("checkout completed", _completions(port, seeded, carts), expect=201,
                 check=lambda b: None if b["payment_status"] == "pending" else b["payment_status"]),
    ]  # fmt: skip


def _has(name: str, value: str) -> Callable[[Any], str | None]:
    return lambda body: None if body[name] == value else f"{name} is {body[name]!r}"


def _count(name: str) -> Callable[[Any], str | None]:
    return lambda body: None if len(body[name]) == 20 else f"{len(body[name])} rows instead of 20"


def _always(method: str, path: str) -> Callable[[int], Iterator[Request]]:
    return lambda number: itertools.repeat(Request(method, path))


def _each(method: str, paths: list[str]) -> Callable[[int], Iterator[Request]]:
    return lambda number: itertools.cycle([Request(method, path) for path in paths[number:] + paths[:number]])


def _graphql(query: str, variables: Iterator[Any]) -> Callable[[int], Iterator[Request]]:
    def source(number: int) -> Iterator[Request]:
        for values in variables:
            yield Request("POST", "/api/graphql/", json.dumps({"query": query, "variables": values}).encode())

    return source


def _post(connection: Connection, path: str, body: Any, token: str = "") -> Any:
    headers = (("X-Cart-Token", token),) if token else ()
    answer = connection.send(Request("POST", path, json.dumps(body).encode(), headers).encode(HOST))
    assert answer.status in (200, 201), answer
    return json.loads(answer.body)


def _line(seeded: Seeded, number: int) -> dict[str, Any]:
    return {"variant_id": str(seeded.variants[number % len(seeded.variants)]), "quantity": 1}


def _carts_with_a_line(seeded: Seeded) -> Callable[[int], Iterator[Request]]:
    def source(number: int) -> Iterator[Request]:
        for step in itertools.count(number * 997):
            yield Request(
                "POST", "/api/v1/carts/", json.dumps({"currency": "USD", "lines": [_line(seeded, step)]}).encode()
            )

    return source


def _lines(port: int, seeded: Seeded) -> Callable[[int], Iterator[Request]]:
    """Add lines to a cart, and take a new one after every twenty."""

    def source(number: int) -> Iterator[Request]:
        connection = Connection(port)
        for step in itertools.count(number * 997):
            if step % 20 == number * 997 % 20:
                cart = _post(connection, "/api/v1/carts/", {"currency": "USD"})
            body = json.dumps(_line(seeded, step)).encode()
            yield Request("POST", f"/api/v1/carts/{cart['id']}/lines/", body, (("X-Cart-Token", cart["token"]),))

    return source


def _completions(port: int, seeded: Seeded, carts: int) -> Callable[[int], Iterator[Request]]:
    """Complete carts that were filled before; a client ends when its carts do."""
    ready = [_fill(Connection(port), seeded, number) for number in range(carts)]
    waiting = iter(ready)

    def source(number: int) -> Iterator[Request]:
        for cart in waiting:
            body = json.dumps({"payment": {"provider": "manual"}}).encode()
            headers = (("X-Cart-Token", cart["token"]), ("Idempotency-Key", uuid4().hex))
            yield Request("POST", f"/api/v1/carts/{cart['id']}/complete/", body, headers)

    return source


def _fill(connection: Connection, seeded: Seeded, number: int) -> Any:
    cart = _post(connection, "/api/v1/carts/", {"currency": "USD", "lines": [_line(seeded, number * 3)]})
    changes = {"email": "ann@example.com", "shipping_address": ADDRESS, "billing_address": ADDRESS,
               "shipping_method_id": str(seeded.shipping_method)}  # fmt: skip
    headers = (("X-Cart-Token", cart["token"]),)
    path = f"/api/v1/carts/{cart['id']}/"
    answer = connection.send(Request("PATCH", path, json.dumps(changes).encode(), headers).encode(HOST))
    connection.close()
    assert answer.status == 200, answer
    return cart
