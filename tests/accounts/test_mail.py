"""What mails look like, and what happens when they cannot be sent."""

import os
import smtplib
import socketserver
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core import mail
from django.utils import timezone

from apps.outbox.models import DeadLetter, Delivery
from rustok.environment import Environment, InvalidSetting
from rustok.kernel.mail import Undeliverable, send
from tests.accounts.letters import letters
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

NAMES = sorted(path.name for path in Path(configured.TEMPLATES[0]["DIRS"][0], "mail").iterdir() if path.is_dir())
VALUES = {
    "link": "https://shop.test/account/?token=abc:def", "new_email": "new@shop.test", "inviter": "Ada Admin",
    "roles": "Admin", "moment": timezone.now(),
}  # fmt: skip


def sent(name="confirm_address", locale="en", **context):
    send(name, to="jo@shop.test", locale=locale, context=VALUES | context, key="1")
    return mail.outbox[-1]


def html_of(letter):
    return letter.alternatives[0][0]


@pytest.mark.parametrize("locale", ["en", "de", "ru"])
@pytest.mark.parametrize("name", NAMES)
def test_every_mail_says_everything_in_both_parts_in_every_language(acme, name, locale):
    letter = sent(name, locale)
    assert letter.extra_headers["Content-Language"] == locale
    assert "Acme" in letter.subject
    for text in (letter.body, html_of(letter)):
        assert "{{" not in text
        assert "{%" not in text
        assert "https://shop.test/account/?token=abc:def" in text
    assert f'lang="{locale}"' in html_of(letter)


@pytest.mark.parametrize("name", NAMES)
def test_no_language_is_left_out(name):
    folder = Path(configured.TEMPLATES[0]["DIRS"][0], "mail", name)
    assert sorted(path.name for path in folder.iterdir()) == ["de.txt", "en.txt", "ru.txt"]


def test_the_language_is_the_wanted_one_else_the_shops_else_english(acme):
    assert sent(locale="de-AT").extra_headers["Content-Language"] == "de"
    assert sent(locale="fr").extra_headers["Content-Language"] == "en"
    acme.default_locale = "de"
    assert sent(locale="fr").extra_headers["Content-Language"] == "de"
    assert sent(locale="../../x").extra_headers["Content-Language"] == "de"


def test_a_mail_is_the_shops_in_name_and_colour(acme):
    acme.theme = {"accent": "#ffee00"}
    letter = sent()
    assert letter.from_email == f"{acme.name} <no-reply@localhost>"
    assert "background:#ffee00;color:#050505" in html_of(letter)
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert letter.extra_headers["Message-ID"] == "<1@acme.localhost>"


def test_no_value_adds_a_line_a_header_a_link_or_markup(acme):
    acme.name = 'Shop\r\nBcc: all@evil.test\n\n[Click](https://evil.test/) <script>"'
    letter = sent("invitation", inviter="Eve\n\n[Free money](https://evil.test/)\n# Buy", roles="<b>x</b>")
    raw = letter.message().as_string()
    assert "\nBcc:" not in raw
    assert letter.message()["Bcc"] is None
    assert "<script>" not in html_of(letter)
    assert "<b>" not in html_of(letter)
    assert 'href="https://evil.test/"' not in html_of(letter)
    assert [line for line in letter.body.splitlines() if line.startswith(("https://evil", "Free money:", "Buy"))] == []


# --- sending ---------------------------------------------------------------------------------------------------------


class Server(socketserver.StreamRequestHandler):
    """A mail server that answers every recipient as it is told."""

    def handle(self):
        self.reply("220 ready")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.reply("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                self.server.received.append(body)
                self.reply("250 taken")
            elif word == b"RCPT":
                self.reply(self.server.verdict)
            elif word == b"QUIT":
                self.reply("221 bye")
                return
            else:
                self.reply("250 fine")

    def reply(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def smtp(settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        server.received, server.verdict = [], "250 welcome"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server
        server.shutdown()


def test_a_mail_goes_over_smtp(acme, smtp):
    send("confirm_address", to="jo@shop.test", locale="en", context=VALUES, key="1")
    assert b"Message-ID: <1@acme.localhost>" in smtp.received[0]


def test_an_address_that_is_refused_for_good_is_a_dead_letter_at_once(acme, smtp, deliver_events):
    smtp.verdict = "550 no such user"
    with pytest.raises(Undeliverable, match="550"):
        send("confirm_address", to="jo@shop.test", locale="en", context=VALUES, key="1")
    user = make_user("gone@acme.test")
    deliver_events()
    letter = DeadLetter.objects.get(handler="accounts.confirm_address")
    assert letter.attempts == 1
    assert "token=" not in str(vars(letter))
    assert not Delivery.objects.filter(handler="accounts.confirm_address", event__aggregate_id=user.pk).exists()


@pytest.mark.parametrize("verdict", ["450 later", "421 busy"])
def test_a_server_that_says_later_is_tried_later(acme, smtp, deliver_events, verdict):
    smtp.verdict = verdict
    with pytest.raises((smtplib.SMTPException, OSError)):
        send("confirm_address", to="jo@shop.test", locale="en", context=VALUES, key="1")
    make_user("slow@acme.test")
    deliver_events()
    assert not DeadLetter.objects.filter(handler="accounts.confirm_address").exists()
    waiting = Delivery.objects.get(handler="accounts.confirm_address")
    assert (waiting.attempts, waiting.next_at > timezone.now()) == (1, True)


def test_a_server_that_is_away_holds_no_request_back(acme, settings, api, deliver_events):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = api().post("/api/v1/auth/register/", {"email": "ann@example.com", "password": "blue-canoe-77"})
    assert answer.status_code == 201
    deliver_events()
    assert Delivery.objects.get(handler="accounts.confirm_address").attempts == 1


def test_an_address_that_is_none_is_never_tried_again(acme):
    with pytest.raises(Undeliverable):
        send("confirm_address", to="jo@shop.test\nBcc: x@evil.test", locale="en", context=VALUES, key="1")


# --- the mailbox -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "rustok.mailbox.backend.MailboxBackend"
    settings.MAILBOX_DIR, settings.MAILBOX = tmp_path, True
    return tmp_path


@pytest.fixture
def page(api):
    return lambda path="/mailbox/", host="localhost": api(host=host).get(path)


def test_the_mailbox_shows_mails_as_designed_and_as_text(acme, mailbox, page):
    send("reset_password", to="jo@shop.test", locale="de", context=VALUES, key="1")
    name = next(mailbox.glob("acme/*.eml")).stem
    overview = page().content.decode()
    assert "Ein neues Passwort" in overview
    shown = page(f"/mailbox/acme/{name}/")
    assert f'src="/mailbox/acme/{name}/body/"' in shown.content.decode()
    assert "sandbox=" in shown.content.decode()
    assert "Der Link gilt einmal" in page(f"/mailbox/acme/{name}/?view=text").content.decode()
    frame = page(f"/mailbox/acme/{name}/body/")
    assert "Neues Passwort wählen" in frame.content.decode()
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert "sandbox" in frame["Content-Security-Policy"]


def test_the_mailbox_is_filtered_by_shop_and_bounded(acme, globex, mailbox, page, monkeypatch):
    from apps.tenant.public import use_tenant

    monkeypatch.setattr("rustok.mailbox.store.KEPT", 3)
    for _ in range(5):
        send("reset_password", to="jo@shop.test", locale="en", context=VALUES, key="1")
    with use_tenant(globex):
        send("reset_password", to="bo@shop.test", locale="en", context=VALUES, key="1")
    assert len(list(mailbox.glob("acme/*.eml"))) == 3
    assert "bo@shop.test" not in page("/mailbox/?tenant=acme").content.decode()
    assert "bo@shop.test" in page().content.decode()


@pytest.mark.parametrize("path", ["/mailbox/acme/00000000-0000-0000-0000-000000000000/", "/mailbox/x/y/"])
def test_there_is_no_mail_but_those_there_are(mailbox, page, path):
    assert page(path).status_code == 404


def test_there_is_no_mailbox_at_a_shop_or_in_production(mailbox, page, settings):
    assert page().status_code == 200
    assert page(host="acme.localhost").status_code == 404
    settings.MAILBOX = False
    assert page().status_code == 404


# --- settings --------------------------------------------------------------------------------------------------------


def test_where_mail_goes_is_one_url():
    read = Environment({"A": "smtp://me:p%40ss@mx.test:587?starttls=1", "B": "smtps://mx.test", "C": "file:///tmp/x"})
    a, b, c, d = (read.mail(name, "console:") for name in "ABCD")
    assert (a["HOST"], a["PORT"], a["USER"], a["PASSWORD"], a["STARTTLS"]) == ("mx.test", 587, "me", "p@ss", True)
    assert (b["PORT"], b["SSL"], b["STARTTLS"]) == (465, True, False)
    assert (c["FOLDER"], d["BACKEND"]) == ("/tmp/x", "django.core.mail.backends.console.EmailBackend")


@pytest.mark.parametrize(
    "url", ["smtp://", "imap://mx.test", "smtp://mx.test:99999", "smtp://u:secret@mx?x=1", "file:"]
)
def test_a_wrong_url_stops_the_start_and_shows_no_password(url):
    with pytest.raises(InvalidSetting) as stopped:
        Environment({"EMAIL_URL": url}).mail("EMAIL_URL", "console:")
    assert "secret" not in str(stopped.value)


def test_a_short_secret_stops_the_start_and_is_not_shown():
    with pytest.raises(InvalidSetting) as stopped:
        Environment({"JWT_KEYS": "short-secret"}).secrets("JWT_KEYS")
    assert "short-secret" not in str(stopped.value)


def test_production_starts_with_localhost_as_its_mail_server():
    env = os.environ | {"SECRET_KEY": "x" * 40, "DEBUG": "0", "RUSTOK_DEMO": "0", "EMAIL_URL": ""}
    code = (
        "from rustok import settings as s; print(s.EMAIL_BACKEND, s.EMAIL_HOST, s.EMAIL_PORT, s.MAILBOX, s.SITE_PORT)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["django.core.mail.backends.smtp.EmailBackend", "localhost", "25", "False", "0"]


def test_sending_is_no_work_of_the_request(acme, api, deliver_events):
    api().post("/api/v1/auth/register/", {"email": "ann@example.com", "password": "blue-canoe-77"})
    assert letters("ann@example.com") == []
    deliver_events()
    assert len(letters("ann@example.com")) == 1
