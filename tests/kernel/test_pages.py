"""Keyset pagination walks every row once, forwards and back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from rustok.kernel.pages import BadCursor, BadPageSize, PageRequest, paginate


@pytest.fixture
def users(acme):
    rows = [User(email=f"u{n}@acme.test", name=f"name {n % 3}", password="!") for n in range(17)]
    return User.objects.bulk_create(rows)


@pytest.mark.parametrize("order", [("name", "id"), ("-name", "id"), ("-name", "-id"), ("id",), ("-created_at", "id")])
@pytest.mark.parametrize("size", [1, 4, 17, 100])
def test_every_row_is_seen_once_and_back_again(users, order, size):
    query = User.objects.filter(email__startswith="u")
    expected = [user.pk for user in query.order_by(*order)]
    seen, cursor, last = [], None, None
    while True:
        page = paginate(query, order, PageRequest(size=size, cursor=cursor))
        seen += [user.pk for user in page.results]
        last = page
        if page.next is None:
            break
        cursor = page.next
    assert seen == expected
    back = [user.pk for user in last.results]
    while last.previous:
        last = paginate(query, order, PageRequest(size=size, cursor=last.previous))
        back = [user.pk for user in last.results] + back
    assert back == expected
    assert last.previous is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.text(max_size=80))
def test_no_text_is_a_cursor_unless_we_wrote_it(users, text):
    try:
        paginate(User.objects.all(), ("name", "id"), PageRequest(cursor=text or None))
    except BadCursor:
        return
    assert not text


@pytest.mark.parametrize("size", ["0", "101", "-1", "1.5", "x", "", "9" * 30, "١"])
def test_page_sizes_are_bounded(size):
    with pytest.raises(BadPageSize):
        PageRequest.from_query({"page_size": size})
