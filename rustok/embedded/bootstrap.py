"""Make the virtualenv and install the pinned requirements: `python3 rustok/embedded/bootstrap.py demo|dev`.

Standard library only: this runs before anything is installed. A stamp with the hash of the requirements lets the
next run skip all of it.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets first
    sys.exit("RusToK needs Python 3.11 or newer, not {}.{}: try PYTHON=python3.11 make demo".format(*sys.version_info))

import errno
import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
REQUIREMENTS = PROJECT / "requirements"
SETS = {"demo": ("base", "embedded"), "dev": ("base", "embedded", "dev")}
NO_VENV = (
    "This Python cannot make virtual environments. Install its venv package "
    "(Debian and Ubuntu: apt-get install python3-venv) or uv, then run the command again."
)


def check_address() -> tuple[str, int]:
    """Return HOST and PORT to serve on; stop with one line if that cannot work."""
    host, text = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {text!r}")
    try:
        _bind(host, int(text))
    except OSError as error:
        if not (error.errno == errno.EADDRINUSE and _tidied() and _is_free(host, int(text))):
            sys.exit(_why_not(error, host, text))
    return host, int(text)


def _tidied() -> bool:
    """End what a killed demo of this home left running; it may hold the port."""
    home = Path(os.environ.get("RUSTOK_HOME") or PROJECT / ".rustok")
    return (home / "demo.json").exists() and _run([str(python()), "-m", "rustok.embedded", "tidy"], quiet=True)


def _is_free(host: str, port: int) -> bool:
    try:
        _bind(host, port)
    except OSError:
        return False
    return True


def _bind(host: str, port: int) -> None:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _why_not(error: OSError, host: str, port: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use on {host}. Stop what listens there or choose another: PORT=8010 make demo"
    if error.errno == errno.EACCES:
        return f"Port {port} needs root. Choose one above 1023: PORT=8010 make demo"
    return f"Cannot listen on HOST={host} PORT={port}: {error.strerror}"


def environment() -> Path:
    """Return the folder of the virtualenv."""
    return PROJECT / ".venv"


def fingerprint(names: tuple[str, ...]) -> str:
    """Hash what an installed set depends on: the pinned files and the Python that runs them."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in names:
        digest.update((REQUIREMENTS / f"{name}.txt").read_bytes())
    return digest.hexdigest()


def is_installed(name: str) -> bool:
    """Tell whether a set, or a larger one, was installed from these very files."""
    larger = [each for each, files in SETS.items() if set(SETS[name]) <= set(files)]
    return any(_stamp(each) == fingerprint(SETS[each]) for each in larger)


def _stamp(name: str) -> str:
    stamp = environment() / f".installed-{name}"
    return stamp.read_text() if stamp.exists() and python().exists() else ""


def python() -> Path:
    """Return the virtualenv's interpreter."""
    return environment() / "bin" / "python"


def install(name: str) -> None:
    """Bring the virtualenv up to a set of requirements, showing progress."""
    start = time.monotonic()
    installer = _installer()
    files = [part for each in SETS[name] for part in ("-r", str(REQUIREMENTS / f"{each}.txt"))]
    _say(f"installing {_count(name)} pinned packages into .venv")
    if not _run_telling([*installer, *files], env=_uv_settings()):
        _say("uv could not install them, trying pip")
        if not _run([*(_pip() or []), "install", *files]):
            sys.exit("The packages could not be installed; the lines above say why.")
    (environment() / f".installed-{name}").write_text(fingerprint(SETS[name]))
    _say(f"installed in {time.monotonic() - start:.0f} s")


def _installer() -> list[str]:
    """Return a command that installs into the virtualenv, making it first: uv, which pip brings if need be."""
    if not _is_usable():
        _make_environment()
    uv = _uv()
    if uv is None:
        _say("fetching uv, the installer")
        if not _run([*(_pip() or []), "install", "-qq", "--disable-pip-version-check", _pin("uv")]):
            sys.exit("uv could not be fetched; the lines above say why.")
        uv = str(environment() / "bin" / "uv")
    return [uv, "pip", "install", "--python", str(python()), "--compile-bytecode"]


def _is_usable() -> bool:
    """Tell whether the virtualenv runs and there is something to install into it with."""
    return _works(python()) and bool(_uv() or _pip())


def _make_environment() -> None:
    """Make the virtualenv, without a pip of its own if this Python has one, which is seconds faster.

    Debian's Python comes without, and as root we may fetch it.
    """
    _say(f"making .venv with Python {sys.version.split()[0]}")
    target = str(environment())
    with_pip = [sys.executable, "-m", "venv", "--clear", target]
    without_pip = [sys.executable, "-m", "venv", "--clear", "--without-pip", target]
    by_uv = [_uv() or "uv", "venv", "--clear", "--python", sys.executable, target]
    if any(_run(way, quiet=True) and _is_usable() for way in (without_pip, with_pip, by_uv)):
        return
    if _apt_get(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv") and _run(with_pip, quiet=True):
        return
    shutil.rmtree(environment(), ignore_errors=True)
    sys.exit(NO_VENV)


def _apt_get(package: str) -> bool:
    """Install a package of the system, where we are root and the system's own Python runs."""
    if os.geteuid() != 0 or not shutil.which("apt-get") or not sys.executable.startswith("/usr/bin/"):
        return False
    _say(f"this Python has no pip: apt-get install {package}")
    install = ["apt-get", "install", "--yes", "--no-install-recommends", package]
    return _run(install, quiet=True) or (_run(["apt-get", "update"], quiet=True) and _run(install, quiet=True))


def _uv() -> str | None:
    found = shutil.which("uv", path=f"{environment() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    return found if found and _works(Path(found)) else None


def _pip() -> list[str] | None:
    """Return a pip that installs into the virtualenv: its own, or that of the Python we run in."""
    if _run([str(python()), "-m", "pip", "--version"], quiet=True):
        return [str(python()), "-m", "pip"]
    if _run([sys.executable, "-m", "pip", "--version"], quiet=True):
        return [sys.executable, "-m", "pip", "--python", str(python())]
    return None


def _works(program: Path) -> bool:
    return program.exists() and _run([str(program), "--version"], quiet=True)


def _pin(package: str) -> str:
    pinned = re.search(rf"^{package}==\S+", (REQUIREMENTS / "dev.txt").read_text(), re.MULTILINE)
    assert pinned, f"{package} is not pinned in requirements/dev.txt"
    return pinned.group()


def _count(name: str) -> int:
    lines = [line for each in SETS[name] for line in (REQUIREMENTS / f"{each}.txt").read_text().splitlines()]
    return len({line.split("==")[0] for line in lines if "==" in line})


def _uv_settings() -> dict[str, str]:
    """Pass on what pip was told by its environment: uv does not read it."""
    names = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX", "PIP_CERT": "SSL_CERT_FILE"}
    known = {theirs: os.environ[ours] for ours, theirs in names.items() if os.environ.get(ours)}
    return known | dict(os.environ)


def _run(command: list[str], *, env: dict[str, str] | None = None, quiet: bool = False) -> bool:
    """Run a command; true if it went well. A program that is not there did not go well."""
    sink = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, env=env, stdout=sink, stderr=sink, cwd=PROJECT, check=False).returncode == 0
    except OSError:
        return False


def _run_telling(command: list[str], *, env: dict[str, str]) -> bool:
    """Run the installer and show its steps, but not the list of all it installed."""
    with subprocess.Popen(
        command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.startswith((" + ", " - ", " ~ ")):
                _say(line.strip())
    return process.returncode == 0


def _say(line: str) -> None:
    print(f"setup    | {line}", flush=True)


def main() -> None:
    """Install the set named on the command line, unless that was done."""
    name = sys.argv[1] if len(sys.argv) > 1 else "demo"
    if name not in SETS:
        sys.exit(f"usage: bootstrap.py {'|'.join(SETS)}")
    if name == "demo":
        check_address()
    if is_installed(name):
        return
    with (PROJECT / ".venv.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two demos may start at once from one checkout
        if not is_installed(name):
            install(name)


if __name__ == "__main__":
    main()
