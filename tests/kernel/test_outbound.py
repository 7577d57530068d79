"""Fetching from addresses that somebody else wrote: real servers, a real name server, and what they try."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rustok.kernel.outbound import (
    AddressRefused,
    AnswerTooLarge,
    BadAddress,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    fetch,
)
from rustok.kernel.places import find_place
from tests.dns import name_server

#: What a server does with a connection, once it has read the request.
Talk = Callable[[socket.socket, bytes], None]


class Server:
    """Speaks plain TCP on the loopback, as badly as a test wants."""

    def __init__(self, talk: Talk) -> None:
        self.requests: list[bytes] = []
        self._talk = talk
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Write the address of a path."""
        return f"http://{host}:{self.port}{path}"

    def close(self) -> None:
        """Stop."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            try:
                said = client.recv(65_536)
                self.requests.append(said)
                self._talk(client, said)
            except OSError:
                return


@contextmanager
def server(talk: Talk) -> Iterator[Server]:
    running = Server(talk)
    try:
        yield running
    finally:
        running.close()


def says(text: str, *, status: str = "200 OK", headers: str = "") -> Talk:
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda client, said: client.sendall(head + body)


@pytest.fixture
def loopback(settings):
    """The loopback may be reached, on the ports of a test."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.OUTBOUND_PORTS = range(1, 65_536)


@pytest.fixture
def dns(settings):
    with name_server() as running:
        settings.DNS_SERVERS = [running.address]
        yield running


# --- what is fetched ----------------------------------------------------------------------------------------------


def test_what_is_there_is_answered_with_the_name_that_was_asked_for(loopback, dns):
    dns.addresses["img.example.com"] = ["127.0.0.1"]
    with server(says("picture", headers="Content-Type: image/png; x=y\r\n")) as there:
        answer = fetch(there.url("/a b".replace(" ", "%20") + "?c=d#e", "img.example.com"), max_bytes=100)
        assert (answer.status, answer.content, answer.content_type) == (200, b"picture", "image/png")
        assert there.requests[0].startswith(b"GET /a%20b?c=d HTTP/1.1\r\n")
        assert f"Host: img.example.com:{there.port}\r\n".encode() in there.requests[0]


def test_another_status_is_an_answer_too(loopback):
    with server(says("no", status="404 Not Found")) as there:
        assert fetch(there.url(), max_bytes=100).status == 404


def test_chunks_are_put_together(loopback):
    def talk(client, said):
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    with server(talk) as there:
        assert fetch(there.url(), max_bytes=100).content == b"abcde"


# --- where nobody gets --------------------------------------------------------------------------------------------

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]",
    "[::ffff:0:7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::8.8.8.8]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
    "[2002:808:808::]", "[2001::1]", "[2001:db8::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]",
    "[ff02::1]", "[100::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_what_is_not_public_is_refused(host):
    with pytest.raises(AddressRefused):
        fetch(f"http://{host}/", max_bytes=100)


@pytest.mark.parametrize("host", PRIVATE)
def test_what_is_not_public_is_refused_behind_a_name(host, dns):
    dns.addresses["evil.example.com"] = [host.strip("[]")]
    with pytest.raises(AddressRefused):
        fetch("http://evil.example.com/", max_bytes=100)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "017700000001", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "127.0.0.1.", "1.2.3",
     "0x7f.0.0.0x1", "example.0x", "127.0.0.256", "[fe80::1%25eth0]", "[::1%lo]", "[127.0.0.1]", "[::1", "①②⑦.0.0.1",
     "127。0。0。1"],
)  # fmt: skip
def test_a_number_in_disguise_is_no_name(host, loopback):
    with pytest.raises((BadAddress, AddressRefused)):
        fetch(f"http://{host}/", max_bytes=100)


@pytest.mark.parametrize(
    "url",
    ["", "x", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "http:/etc",
     "http://", "http://user@example.com/", "http://user:secret@example.com/", "http://example.com@127.0.0.1/",
     "http://example.com:22/", "http://example.com:6379/", "http://example.com:99999/", "http://example.com:x/",
     "http://exa mple.com/", "http://example.com/\r\nHost: x", "http://example.com\\@127.0.0.1/", "http://exämple.com/",
     "http://-example.com/", "http://a..b/", "http://" + "a" * 64 + ".com/", "http://example.com/" + "a" * 2_000],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(BadAddress):
        fetch(url, max_bytes=100)


@pytest.mark.parametrize("url", ["http://s3.example.com", "https://8.8.8.8/x", "https://[2606:4700::1111]:443/?q"])
def test_public_places_are_found(url, dns):
    dns.addresses["s3.example.com"] = ["93.184.216.34"]
    assert find_place(url, seconds=5).addresses[0] in ("93.184.216.34", "8.8.8.8", "2606:4700::1111")


def test_the_loopback_is_closed_unless_a_setting_opens_it(settings):
    with server(says("secret")) as there:
        settings.OUTBOUND_PORTS = [there.port]
        with pytest.raises(AddressRefused):
            fetch(there.url(), max_bytes=100)
        assert there.requests == []


# --- names --------------------------------------------------------------------------------------------------------


def test_a_name_that_changes_its_mind_is_asked_once(loopback, settings, dns):
    """Rebinding: harmless at the first question, the loopback at every other; what was looked at is connected to."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.2/32"]
    dns.addresses["flips.example.com"] = ["127.0.0.2", "127.0.0.1"]
    with server(says("secret")) as there:
        with pytest.raises(Unreachable):
            fetch(there.url("/", "flips.example.com"), max_bytes=100)
        assert dns.asked == ["flips.example.com"]
        assert there.requests == []
        with pytest.raises(AddressRefused):
            fetch(there.url("/", "flips.example.com"), max_bytes=100)


@pytest.mark.parametrize("trouble", ["nothing", "broken", "silent"])
def test_a_name_that_nobody_knows_is_unreachable(loopback, dns, trouble):
    if trouble != "nothing":
        getattr(dns, trouble).add("lost.example.com")
    began = time.monotonic()
    with pytest.raises((Unreachable, TooSlow)):
        fetch("http://lost.example.com/", max_bytes=100, seconds=1)
    assert time.monotonic() - began < 3


# --- redirects ----------------------------------------------------------------------------------------------------


def leads(to: str) -> Talk:
    return says("", status="302 Found", headers=f"Location: {to}\r\n")


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data/", "//10.0.0.1/", "http://[::1]/"])
def test_a_redirect_leads_to_nothing_that_is_not_public(loopback, target):
    with server(leads(target)) as there, pytest.raises(AddressRefused):
        fetch(there.url(), max_bytes=100)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://u:p@example.com/", "gopher://example.com/"])
def test_a_redirect_leads_to_nothing_that_is_no_plain_address(loopback, target):
    with server(leads(target)) as there, pytest.raises(BadAddress):
        fetch(there.url(), max_bytes=100)


def test_three_redirects_are_followed_and_no_more(loopback):
    def talk(client, said):
        path = said.split()[1].decode()
        hops = int(path.strip("/"))
        (leads(f"/{hops - 1}") if hops else says("there"))(client, said)

    with server(talk) as there:
        answer = fetch(there.url("/3"), max_bytes=100)
        assert (answer.content, answer.url) == (b"there", there.url("/0"))
        with pytest.raises(TooManyRedirects):
            fetch(there.url("/4"), max_bytes=100)


# --- bounds -------------------------------------------------------------------------------------------------------


def drips(client: socket.socket, what: bytes) -> None:
    for byte in what:
        client.sendall(bytes([byte]))
        time.sleep(0.1)


@pytest.mark.parametrize("where", ["the status", "the headers", "a body with a length", "a body without", "chunks"])
def test_who_drips_is_cut_off(loopback, where):
    started = {
        "the status": b"",
        "the headers": b"HTTP/1.1 200 OK\r\n",
        "a body with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "a body without": b"HTTP/1.1 200 OK\r\n\r\n",
        "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    }[where]
    drop = {"the status": b"HTTP/1.1 200 " + b"O" * 1_000, "chunks": b"1\r\nx\r\n" * 1_000}.get(where, b"x" * 1_000)

    def talk(client, said):
        client.sendall(started)
        drips(client, drop)

    with server(talk) as there:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            fetch(there.url(), max_bytes=10_000, seconds=1)
        assert 0.9 < time.monotonic() - began < 2


def test_a_handshake_that_drips_is_cut_off(loopback):
    def talk(client, said):
        drips(client, b"\x16\x03\x03\x40\x00" + b"\x02" * 1_000)

    with server(talk) as there:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            fetch(there.url().replace("http:", "https:"), max_bytes=100, seconds=1)
        assert time.monotonic() - began < 2


def test_who_is_silent_is_cut_off_before_the_end(loopback, monkeypatch):
    monkeypatch.setattr("rustok.kernel.outbound.SILENCE", 0.3)
    with server(lambda client, said: time.sleep(3)) as there:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            fetch(there.url(), max_bytes=100, seconds=10)
        assert time.monotonic() - began < 2


def test_redirects_do_not_give_more_time(loopback):
    def talk(client, said):
        time.sleep(0.4)
        leads("/on")(client, said)

    with server(talk) as there, pytest.raises(TooSlow):
        fetch(there.url(), max_bytes=100, seconds=1)


@pytest.mark.parametrize("head", [b"", b"Content-Length: 100000000000\r\n"])
def test_an_endless_body_is_not_read_to_its_end(loopback, head):
    sent = []

    def talk(client, said):
        client.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        while True:
            sent.append(client.send(b"x" * 65_536))

    with server(talk) as there:
        with pytest.raises(AnswerTooLarge):
            fetch(there.url(), max_bytes=1_000_000)
        time.sleep(0.2)
        assert sum(sent) < 20_000_000


def test_endless_headers_are_not_read(loopback):
    def talk(client, said):
        client.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            client.sendall(b"X: y\r\n" * 1_000)

    with server(talk) as there, pytest.raises(Unreachable):
        fetch(there.url(), max_bytes=100)


def test_an_answer_that_breaks_off_is_none(loopback):
    def talk(client, said):
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with server(talk) as there, pytest.raises(Unreachable, match="breaks off"):
        fetch(there.url(), max_bytes=1_000)


def test_nothing_is_left_running(loopback):
    with server(says("picture")) as there:
        before = threading.active_count()
        for _ in range(5):
            fetch(there.url(), max_bytes=100)
        time.sleep(0.1)
        assert threading.active_count() <= before + 1


def test_a_certificate_of_nobody_is_not_believed(loopback, tmp_path):
    import ssl
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listening.accept()
        with pytest.raises(OSError), context.wrap_socket(client, server_side=True) as safe:
            safe.recv(1)

    threading.Thread(target=serve, daemon=True).start()
    with listening, pytest.raises(Unreachable, match="SSLCertVerificationError"):
        fetch(f"https://127.0.0.1:{listening.getsockname()[1]}/", max_bytes=100)
