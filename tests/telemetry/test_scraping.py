"""`/metrics`: who may read it, and that nothing that is away takes the rest with it."""

import http.client

import pytest
from django.db import DatabaseError
from django.test import Client

from apps.telemetry import scraping
from apps.telemetry.metrics import Gauge, collectors

PRODUCTION = {"DEBUG": False, "DEMO": False}


@pytest.fixture(autouse=True)
def production(settings):
    settings.DEBUG = settings.DEMO = False
    settings.METRICS_TOKEN, settings.METRICS_PORT = "", 0


@pytest.fixture
def found(monkeypatch):
    """Have one collector only, whose gauges a test sets."""
    gauges = []

    def collect():
        if isinstance(gauges[0], Exception):
            raise gauges[0]
        asked.append(1)
        return gauges

    asked = []
    monkeypatch.setattr(scraping, "_finders", {})
    monkeypatch.setattr(scraping, "collectors", {"tests": collect})
    gauges.append(Gauge("things", "Things", ("kind",), {("odd",): 3}))
    collect.asked, collect.gauges = asked, gauges
    return collect


def get(path="/metrics", **environ):
    return Client().get(path, **{"HTTP_HOST": "nobody.test", **environ})


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.1.2.3", "172.18.0.5", "192.168.1.9", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1"],
)
def test_who_is_in_a_private_network_may_read(found, address):
    answer = get(REMOTE_ADDR=address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer["Cache-Control"] == "no-store"
    assert 'things{kind="odd"} 3.0' in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "172.32.0.1", "100.64.0.1", "2001:db8::1", "::ffff:93.184.216.34", "", "unix:", "127.0.0.1 "],
)
def test_anybody_else_finds_nothing(found, address):
    assert get(REMOTE_ADDR=address).status_code == 404
    assert not found.asked


@pytest.mark.parametrize("header", ["X_FORWARDED_FOR", "FORWARDED", "X_REAL_IP", "X_FORWARDED_PROTO", "VIA"])
@pytest.mark.parametrize("value", ["127.0.0.1", "93.184.216.34", ""])
def test_a_proxy_nearby_does_not_make_its_clients_near(found, header, value):
    assert get(REMOTE_ADDR="127.0.0.1", **{f"HTTP_{header}": value}).status_code == 404


def test_a_developers_machine_answers_itself_alone(found, settings):
    settings.DEMO = True
    assert get(REMOTE_ADDR="127.0.0.1").status_code == 200
    assert get(REMOTE_ADDR="192.168.1.9").status_code == 404


@pytest.mark.parametrize("header", ["Bearer s3cret-of-prometheus", "bearer  s3cret-of-prometheus"])
def test_the_token_opens_from_anywhere(found, settings, header):
    settings.METRICS_TOKEN = "s3cret-of-prometheus"
    answer = get(REMOTE_ADDR="93.184.216.34", HTTP_X_FORWARDED_FOR="1.1.1.1", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic s3cret-of-prometheus", "s3cret-of-prometheus", "Bearer ü\udce4"],
)
def test_with_a_token_only_the_token_counts(found, settings, header):
    settings.METRICS_TOKEN = "s3cret-of-prometheus"
    answer = get(REMOTE_ADDR="127.0.0.1", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 403
    assert b"s3cret" not in answer.content


def test_the_metrics_are_only_read(found):
    answer = Client().post("/metrics", REMOTE_ADDR="127.0.0.1")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_the_slash_at_the_end_does_not_matter(found):
    assert get("/metrics/", REMOTE_ADDR="127.0.0.1").status_code == 200


def test_prometheus_gets_open_metrics_when_it_asks_for_them(found):
    answer = get(REMOTE_ADDR="127.0.0.1", HTTP_ACCEPT="application/openmetrics-text;version=1.0.0")
    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")


def test_a_collector_is_not_asked_more_often_than_every_few_seconds(found):
    for _ in range(3):
        get(REMOTE_ADDR="127.0.0.1")
    assert len(found.asked) == 1


def test_a_collector_that_takes_long_is_asked_less_often(found, monkeypatch):
    finder = scraping._Finder(found)
    clock = iter([100.0, 100.0, 100.0, 102.0, 102.0])
    monkeypatch.setattr(scraping.time, "monotonic", lambda: next(clock))
    finder.families()
    assert finder._until == 102.0 + 2.0 * scraping.SHARE


def test_a_collector_that_fails_shows_as_down_and_takes_nothing_with_it(found):
    found.gauges[0] = DatabaseError("the database is away")
    text = get(REMOTE_ADDR="127.0.0.1").content.decode()
    assert 'rustok_collector_up{collector="tests"} 0.0' in text
    assert "things" not in text


def test_a_folder_that_cannot_be_read_leaves_what_the_database_knows(found, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "file"))
    answer = get(REMOTE_ADDR="127.0.0.1")
    assert answer.status_code == 200
    assert "things" in answer.content.decode()


def test_the_events_have_a_collector():
    assert "outbox" in collectors


# --- the server of a process of its own -------------------------------------------------------------------------


@pytest.fixture
def server(settings, monkeypatch):
    """The little server at a free port."""
    monkeypatch.setattr(scraping, "make_server", lambda host, port, *rest: _make_server("127.0.0.1", 0, *rest))
    settings.METRICS_PORT = 9100
    server = scraping.serve()
    yield server.server_port
    server.shutdown()
    server.server_close()


_make_server = scraping.make_server


def ask(port, method="GET", path="/metrics", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_process_of_its_own_answers_what_was_counted_without_the_database(server, found):
    from apps.telemetry.metrics import Counter

    Counter("alone_total", "Counted alone", ()).inc()
    status, text = ask(server)
    assert status == 200
    assert "alone_total 1.0" in text
    assert "things" not in text
    assert not found.asked


def test_a_process_of_its_own_keeps_the_same_rules(server, settings):
    assert ask(server, path="/")[0] == 404
    assert ask(server, method="POST")[0] == 405
    assert ask(server, **{"X-Forwarded-For": "127.0.0.1"})[0] == 404
    settings.METRICS_TOKEN = "s3cret-of-prometheus"
    assert ask(server)[0] == 403
    assert ask(server, Authorization="Bearer s3cret-of-prometheus")[0] == 200


def test_no_port_means_no_server():
    assert scraping.serve() is None


def test_a_port_that_is_taken_is_logged_and_the_process_goes_on(server, settings, monkeypatch, caplog):
    monkeypatch.setattr(scraping, "make_server", lambda host, port, *rest: _make_server("127.0.0.1", server, *rest))
    settings.METRICS_PORT = server
    assert scraping.serve() is None
    assert "metrics_port_unusable" in caplog.text
