"""Whatever is sent to an address of the OpenAPI document: an answer, never a defect; a refusal is a problem document."""

from functools import cache
from typing import Any

import orjson
import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rustok.kernel.tenancy import current_tenant, use_tenant
from tests.conftest import make_user

METHODS = ("get", "post", "put", "patch", "delete")
ODD = [
    None, True, -1, 0, 1, 1.5, 10**9, 2**63, "", "\0", "a\0b", "\x01\x7f", "NaN", "x" * 20_000, "\U0001f4a9", "\uff11",
    [], {}, [[]], {"a": {"b": []}}, "'; --", "<script>", "en", "USD", "1e5", "0198c0de-0000-7000-8000-000000000000",
]  # fmt: skip
PARTS = ["%00", "a%00b", "..%2f", "%ff", "x" * 300, "0", "-1", "9" * 30, "%F0%9F%92%A9", "'%22%3E", "a-b", ODD[-1]]
HEADERS = {
    "HTTP_IF_MATCH": ['"1"', '"', "\xff", '"9999999999"'],
    "HTTP_IDEMPOTENCY_KEY": ["", "\xff", "x" * 300, "key"],
    "HTTP_X_CART_TOKEN": ["\xff", "x" * 300],
    "HTTP_ACCEPT_LANGUAGE": ["x" * 3000, "en;q=abc", "*"],
    "HTTP_ACCEPT": ["text/html", "*/*;q=NaN"],
    "HTTP_COOKIE": [r'session="aaaaaaaa\000"', "session=\xff"],
    "HTTP_X_TENANT": ["globex", "\xff"],
}
json = st.recursive(
    st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


@cache
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """List path, method and the schema of the body's fields of everything in the document."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    schemas = document["components"]["schemas"]
    found = []
    for path, item in sorted(document["paths"].items()):
        for method in METHODS & item.keys():
            content = item[method].get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            found.append((path, method, schemas.get(reference.rpartition("/")[2], {}).get("properties", {})))
    return sorted(found, key=lambda one: one[:2])


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a request to one of the operations: the right fields with odd values, or anything at all."""
    path, method, fields = draw(st.sampled_from(operations()))
    while "{" in path:
        path = path[: path.index("{")] + draw(st.sampled_from(PARTS)) + path[path.index("}") + 1 :]
    names = st.sampled_from(
        ["cursor", "page_size", "locale", "currency", "sort", "search", "q", "price_min", "status", "category"]
    )
    query = draw(
        st.dictionaries(names, st.sampled_from([*PARTS, "", "en", "USD", "%", "bixh", "WyJuIiwxXQ"]), max_size=2)
    )
    known = st.fixed_dictionaries({}, optional=dict.fromkeys(fields, json))
    body = draw(
        st.one_of(
            known.map(orjson_or_text), json.map(orjson_or_text), st.sampled_from([b"", b"{", b"\xff", b"[" * 999])
        )
    )
    header = draw(st.none() | st.sampled_from([(name, value) for name, values in HEADERS.items() for value in values]))
    return {
        "path": f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}",
        "method": method.upper(),
        "body": b"" if method == "get" else body,
        "headers": dict([header] if header else []),
        "logged_in": draw(st.booleans()),
    }


def orjson_or_text(value: Any) -> bytes:
    """Write JSON; a number that orjson does not write stays text."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


def send(asked: dict[str, Any], token: str) -> Any:
    """Send a request as a server would take it, and come back to the test's tenant."""
    client = Client(HTTP_HOST="acme.localhost", raise_request_exception=False)
    login = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if asked["logged_in"] else {}
    with use_tenant(current_tenant()):
        return client.generic(
            asked["method"], asked["path"], asked["body"], content_type="application/json", **login, **asked["headers"]
        )


@pytest.fixture
def token(acme: Any) -> str:
    """An admin's access token: the widest way in."""
    user = make_user("fuzz@acme.test", role="admin", is_staff=True)
    said = {"email": user.email, "password": "correct-horse-9"}
    with use_tenant(acme):
        client = Client(HTTP_HOST="acme.localhost")
        return str(client.post("/api/v1/auth/login/", said, content_type="application/json").json()["access"])


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck], database=None)
@given(asked=requests())
def test_every_request_has_an_answer(token: str, asked: dict[str, Any]) -> None:
    answer = send(asked, token)
    assert answer.status_code < 500, answer.content[:500]
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["code"]
        assert "Traceback" not in answer.content.decode()
