"""`make demo`: servers, data, then web, relay, worker and beat in the foreground until Ctrl-C.

With EVENT_TRANSPORT=stream NATS and a consumer run, too.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from rustok.embedded import processes, servers
from rustok.embedded.bootstrap import check_address
from rustok.embedded.home import PROJECT, EmbeddedError, current_home, make_home, secret_key, write_private
from rustok.embedded.keeper import free_port
from rustok.embedded.supervisor import Printer, Program, Supervisor, stdout_printer

MARK = "RUSTOK_DEMO_HOME"  # in the environment of all we start: the next start knows what a killed one left
PASSWORD = "demo-pass-2026!"  # of the demo only, printed for everybody to see


class Demo:
    """One run of the platform in one home."""

    def __init__(self, home: Path, host: str, port: int, then: list[str]) -> None:
        self.home = home
        self.host = host
        self.port = port
        self.then = then
        self.printer: Printer = stdout_printer()
        self.supervisor = Supervisor(self.printer, PROJECT)
        self.begun = time.monotonic()

    def run(self) -> int:
        """Serve until asked to stop, or until the command given with --then ends."""
        self.supervisor.listen()
        make_home(self.home)
        with self._alone():
            end_leftovers(self.home)
            with servers.running(self.home) as urls:
                self._tell_servers(urls)
                self.env = self._environment(urls)
                try:
                    return self._serve()
                finally:
                    self.printer.say("demo", "stopping")
                    self.supervisor.stop()

    def _serve(self) -> int:
        code = self._prepare()
        if code or self.supervisor.stopping:
            return code
        web, *others = self._programs()
        self.supervisor.add(web)  # first, so that it has the processor to itself
        if not self.supervisor.wait(lambda: self._is_ready() or bool(self.supervisor.failing())):
            return 0
        if failing := self.supervisor.failing():
            self.printer.say("demo", f"{' and '.join(failing)} cannot start; the lines above say why")
            return 1
        for program in others:
            self.supervisor.add(program)
        self._announce()
        if self.then:
            return self.supervisor.run_once("then", self.then, self.env, plain=True)
        self.supervisor.wait(self._servers_gone)
        return 0

    def _tell_servers(self, urls: dict[str, str]) -> None:
        for name in ("DATABASE_URL", "VALKEY_URL", *(["NATS_URL"] if self._has_stream() else [])):
            address = urlsplit((urls.get(name) or os.environ[name]).split(",")[0])
            source = "embedded" if name in urls else "from the environment"
            self.printer.say("servers", f"{name}: {address.hostname}:{address.port or ''} ({source})")

    def _prepare(self) -> int:
        """Migrate and fill in one process, which loads Django once; quick when there is nothing to do."""
        code = self.supervisor.run_once("setup", [sys.executable, "-m", "rustok.demo.prepare"], self.env)
        if code and not self.supervisor.stopping:
            self.printer.say("demo", "setup failed; the lines above say why")
        return 0 if self.supervisor.stopping else code

    def _environment(self, urls: dict[str, str]) -> dict[str, str]:
        """Return the environment of what we start: what the user set wins."""
        ours = {
            "SECRET_KEY": secret_key(self.home),
            "RUSTOK_DEMO": "1",
            "ALLOWED_HOSTS": "localhost,.localhost,127.0.0.1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }
        fixed = {"RUSTOK_HOME": str(self.home), MARK: str(self.home), "RUSTOK_URL": self._url(), "PORT": str(self.port)}
        return ours | dict(os.environ) | urls | fixed

    def _programs(self) -> list[Program]:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "rustok", "-q"]
        beat = self.home / "beat"  # remembers when scheduled work ran last
        for folder in (beat, self.home / "static"):  # WhiteNoise warns if its folder is not there
            folder.mkdir(exist_ok=True)
        commands = {
            "web": [
                *python, "granian", "--interface", "wsgi", "--host", self.host, "--port", str(self.port), "--no-ws",
                "--workers", str(min(2, os.cpu_count() or 1)), "--blocking-threads", "4", "--workers-kill-timeout", "3",
                "--respawn-failed-workers", "--log-level", "warning", "rustok.wsgi:application",
            ],
            "relay": [sys.executable, "manage.py", "relay"],
            "worker": [
                *celery, "worker", "--concurrency", "2", "--loglevel", "WARNING",
                "--without-gossip", "--without-mingle",
            ],
            "beat": [*celery, "beat", "--loglevel", "WARNING", "--schedule", str(beat / "schedule"), "--pidfile", ""],
        }  # fmt: skip
        if self._has_stream():
            commands["consumer"] = [sys.executable, "manage.py", "consume"]
        return [Program(name, command, self.env | {"PROCESS_NAME": name}) for name, command in commands.items()]

    @staticmethod
    def _has_stream() -> bool:
        return os.environ.get("EVENT_TRANSPORT") == "stream"

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(self._address(), self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _servers_gone(self) -> bool:
        """Bring the servers' keeper back if it was killed; never true, so that waiting on it goes on."""
        if servers.needed() and not servers.discover(self.home):
            self.printer.say("servers", "gone; starting them again")
            try:
                servers.ensure(self.home, servers.needed())
            except EmbeddedError as error:
                self.printer.say("servers", str(error))
        return False

    def _announce(self) -> None:
        took = time.monotonic() - self.begun
        self.printer.plain(f"\nready in {took:.0f} s: {self._url()}  (password of every login: {PASSWORD})\n")
        for label, url, login, shows in self._places():
            self.printer.plain(f"  {label:<9}{url:<40} {login:<22}{shows}".rstrip())
        if not self.host.startswith("127."):
            self.printer.plain(f"\n  HOST={self.host} lets others in, and these passwords are public")
        self.printer.plain("\n  Ctrl-C stops it all; the data stays until `make reset`\n")

    def _places(self) -> list[tuple[str, str, str, str]]:
        """List what there is to see: a name, an address, who logs in there, and what that shows."""
        platform, acme, globex, initech = (self._url(prefix) for prefix in ("", "acme.", "globex.", "initech."))
        return [
            ("acme", acme, "customer@acme.test", "a shop; one's own orders"),
            ("", f"{acme}admin/", "admin@acme.test", "all of it: policies, audit log, a dead letter, a domain"),
            ("", "", "manager@acme.test", "the day's work; a policy forbids to change large orders"),
            ("", "", "warehouse@acme.test", "a role that the shop made: stock"),
            ("", "", "vendor@acme.test", "a policy that allows: the products of one vendor"),
            ("", "", "editor@acme.test", "no role: one page, that was shared"),
            ("globex", globex, "customer@globex.test", "a second shop, in English and Russian"),
            ("", f"{globex}admin/", "admin@globex.test", "its forum is switched off, under Modules"),
            ("initech", initech, "", "a third one, suspended"),
            ("platform", f"{platform}admin/", "operator@rustok.test", "all tenants, and the jobs on them"),
            ("mails", f"{platform}mailbox/", "", "what would be sent; an invitation waits there"),
            ("REST", f"{acme}api/docs/", "", "tried out in the browser"),
            ("GraphQL", f"{acme}api/graphql/", "", "with GraphiQL"),
        ]

    def _url(self, prefix: str = "") -> str:
        return f"http://{prefix}localhost:{self.port}/"

    def _address(self) -> str:
        return "127.0.0.1" if self.host in ("0.0.0.0", "") else self.host

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only demo of this home; say who we are to `make stop` and `make reset`."""
        with only_demo(self.home):
            me = {"pid": os.getpid(), "started": processes.started_at(os.getpid()), "port": self.port}
            write_private(self.home / "demo.json", json.dumps(me))
            yield
            (self.home / "demo.json").unlink(missing_ok=True)


@contextlib.contextmanager
def only_demo(home: Path) -> Iterator[None]:
    """Hold the lock that the demo of a home holds while it runs.

    :raises EmbeddedError: if a demo runs there
    """
    with (home / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedError(
                f"`make demo` already runs in {home}; "
                "another one needs its own: PORT=8010 RUSTOK_HOME=/tmp/second make demo"
            ) from None
        yield


def end_leftovers(home: Path) -> None:
    """End what a killed supervisor of this home left running."""
    processes.end(processes.found_with(MARK, str(home)), first=signal.SIGTERM, patience=3)


def _end_with_make() -> None:
    """Stop when `make` is killed: nobody would be left to press Ctrl-C."""
    parent = psutil.Process(os.getppid())
    if sys.platform == "linux" and parent.name() in ("make", "gmake"):
        ctypes.CDLL(None).prctl(processes.PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    """Run the demo of the home, HOST and PORT that the environment names."""
    parser = argparse.ArgumentParser(prog="python -m rustok.embedded.demo", description=__doc__)
    parser.add_argument("--home", default="", help="a home of its own below RUSTOK_HOME")
    parser.add_argument("--free-port", action="store_true", help="serve on any free port")
    parser.add_argument("--then", nargs=argparse.REMAINDER, default=[], help="when ready, run this command and stop")
    options = parser.parse_args()
    if options.free_port:
        os.environ["PORT"] = str(free_port())
    host, port = check_address()
    _end_with_make()
    try:
        return Demo(current_home() / options.home, host, port, options.then).run()
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
