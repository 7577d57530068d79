"""Accounts, posts and comments, the forum."""

import pytest

from tests.content.factories import NASTY, TRACES, make_board, make_page, make_post, make_topic

PASSWORD = "correct-horse-9"


def text(answer):
    return answer.content.decode()


@pytest.fixture
def member(reader, customer):
    """The reader, logged in as the customer."""
    reader.post("/account/login/", {"email": customer.email, "password": PASSWORD})
    return reader


def test_the_account_asks_who_one_is_and_comes_back(reader, customer):
    assert reader.get("/account/").url == "/account/login/?next=/account/"
    said = {"email": customer.email, "password": PASSWORD, "next": "/account/"}
    assert reader.post("/account/login/", said).url == "/account/"
    assert customer.email in text(reader.get("/account/"))


def test_a_wrong_password_says_no_more_than_that(reader, customer):
    for email in (customer.email, "nobody@acme.test"):
        answer = reader.post("/account/login/", {"email": email, "password": "wrong"})
        assert answer.status_code == 400
        assert "The email address or the password is wrong." in text(answer)


@pytest.mark.parametrize("next_page", ["https://evil.test/", "//evil.test"])
def test_login_leads_nowhere_else(reader, customer, next_page):
    said = {"email": customer.email, "password": PASSWORD, "next": next_page}
    assert reader.post("/account/login/", said).url == "/account/"


def test_registering_logs_in(reader, acme):
    said = {"name": "Ann", "email": "ann@example.com", "password": "long-enough-and-odd-7"}
    assert reader.post("/account/register/", said).url == "/account/"
    assert "No orders yet" in text(reader.get("/account/"))


@pytest.mark.parametrize(
    ("said", "field"),
    [({"password": "short"}, "password"), ({"email": "customer@acme.test"}, "email"), ({"email": "nonsense"}, "email")],
)
def test_what_is_wrong_with_a_registration_is_named(reader, customer, said, field):
    given = {"name": "Ann", "email": "ann@example.com", "password": "long-enough-and-odd-7"} | said
    answer = reader.post("/account/register/", given)
    assert answer.status_code in (400, 409)
    assert f'id="field-{field}-error"' in text(answer)


def test_logging_out_is_a_post(member):
    assert member.get("/account/logout/").status_code == 405
    member.post("/account/logout/")
    assert member.get("/account/").status_code == 302


def test_a_comment_waits_for_a_moderator(member, reader, acme):
    make_post(translations={"en": {"title": "Rain", "body": "Wet."}})
    answer = member.post("/blog/rain/", {"body": "So true."}, follow=True)
    assert "So true." in text(answer)
    assert "Waits for a moderator" in text(answer)


def test_an_empty_comment_is_refused_in_words(member, acme):
    make_post(translations={"en": {"title": "Rain", "body": "Wet."}})
    answer = member.post("/blog/rain/", {"body": " "})
    assert answer.status_code == 400
    assert "Write something" in text(answer)


def test_a_stranger_is_asked_to_log_in(reader, acme):
    make_post(translations={"en": {"title": "Rain", "body": "Wet."}})
    assert "/account/login/?next=/blog/rain/" in text(reader.get("/blog/rain/"))
    assert reader.post("/blog/rain/", {"body": "Hi"}).status_code == 401


def test_nobody_writes_a_script_into_a_page(member, acme, deliver_events):
    make_post(translations={"en": {"title": "Rain", "body": NASTY}})
    member.post("/blog/rain/", {"body": NASTY})
    said = text(member.get("/blog/rain/")).partition("<article")[2].partition('id="field-body"')[0]
    assert "Hello" in said
    assert not [trace for trace in TRACES if trace in said.replace('<svg class="icon', "")]


def test_the_forum_is_read_by_all_and_written_by_members(member, acme):
    topic = make_topic()
    assert "General" in text(member.get("/forum/"))
    assert "Which tent?" in text(member.get("/forum/general/"))
    answer = member.post(f"/forum/topics/{topic.pk}/", {"body": "The small one."}, follow=True)
    assert "The small one." in text(answer)
    opened = member.post("/forum/general/", {"title": "Which stove?", "body": "For one."})
    assert opened.status_code in (302, 403)


def test_a_strangers_reply_is_refused(reader, acme):
    topic = make_topic()
    assert reader.post(f"/forum/topics/{topic.pk}/", {"body": "Hi"}).status_code == 401


def test_a_page_shows_its_blocks(reader, jacket):
    blocks = [
        {"type": "hero", "data": {"title": "About us", "cta_label": "Look", "cta_url": "/search/"}},
        {"type": "text", "data": {"body": "## How it began\n\nWith *rain*."}},
        {"type": "product_grid", "data": {"title": "Ours", "handles": ["jacket"]}},
    ]
    make_page(path="about/us", blocks={"en": blocks})
    html = text(reader.get("/de/about/us/"))
    assert "<h1>About us</h1>" in html
    assert '<a class="button pop" href="/de/search/">' in html
    assert "<em>rain</em>" in html
    assert "/de/products/jacket/" in html


def test_an_empty_board_asks_for_its_first_topic(reader, acme):
    make_board("quiet")
    assert "No topics yet" in text(reader.get("/forum/quiet/"))
