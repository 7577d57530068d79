"""Command line of the embedded servers: `python -m rustok.embedded run|status|stop|reset`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from rustok.embedded import processes, servers
from rustok.embedded.home import PROJECT, EmbeddedError, Home, current_home, forget, secret_key


def run(options: argparse.Namespace) -> int:
    """Run a command with servers and stop them after it."""
    home = current_home() / options.home if options.home else current_home()
    with servers.running(home, throwaway=options.throwaway, extra=options.extra) as urls:
        (home / "static").mkdir(exist_ok=True)  # or WhiteNoise warns that it is not there
        env = {"SECRET_KEY": secret_key(home), **os.environ, **urls, "RUSTOK_HOME": str(home)}
        with subprocess.Popen(options.command, env=env) as child:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the child too
            signal.signal(signal.SIGTERM, lambda *_: child.terminate())
            return child.wait()


def status(options: argparse.Namespace) -> int:
    """Print the URLs of running servers as JSON; exit 1 if none run."""
    urls = servers.discover()
    print(json.dumps(urls, indent=1))
    return 0 if urls else 1


def stop(options: argparse.Namespace) -> int:
    """Stop a demo and the servers of this home."""
    home = current_home()
    stopped = [_stop_demo(home), servers.stop(home)]
    print(f"stopped what ran in {home}" if any(stopped) else f"nothing runs in {home}")
    return 0


def reset(options: argparse.Namespace) -> int:
    """Stop everything and forget the data of this home and of the homes in it."""
    stop(options)
    home = current_home()
    for each in [*(memory.parent for memory in home.glob("*/embedded.json")), home]:
        servers.stop(each)
        if (each / "embedded.json").exists():
            Home.open(each).forget()
    forget(home)
    print(f"forgot the data in {home}")
    return 0


def tidy(options: argparse.Namespace) -> int:
    """End what a killed demo of this home left running."""
    from rustok.embedded.demo import end_leftovers, only_demo

    with only_demo(current_home()):
        end_leftovers(current_home())
    return 0


def _stop_demo(home: Path) -> bool:
    """Ask the supervisor of `make demo` to stop, and wait for it."""
    try:
        state = json.loads((home / "demo.json").read_text())
    except (OSError, ValueError):
        return False
    if not processes.is_running(state["pid"], state["started"]):
        return False
    os.kill(state["pid"], signal.SIGTERM)
    return processes.wait_gone(state["pid"], state["started"], seconds=20)


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m rustok.embedded", description=__doc__)
    commands = parser.add_subparsers(required=True)
    runner = commands.add_parser("run", help=run.__doc__)
    runner.add_argument("--home", default="", help="a home of its own below RUSTOK_HOME, such as test")
    runner.add_argument("--throwaway", action="store_true", help="trade durability for speed")
    runner.add_argument("--with", dest="extra", action="append", default=[], choices=["nats"], help="run it too")
    runner.add_argument("command", nargs="+")
    runner.set_defaults(action=run)
    for action in (status, stop, reset, tidy):
        commands.add_parser(action.__name__, help=action.__doc__).set_defaults(action=action)
    options = parser.parse_args()
    try:
        return int(options.action(options))
    except EmbeddedError as error:
        return _fail(str(error))


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    sys.exit(main())
