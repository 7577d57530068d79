"""The first command a stranger runs answers in one line when it cannot work, and does nothing twice."""

from __future__ import annotations

import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rustok.embedded import bootstrap

SCRIPT = bootstrap.PROJECT / "rustok" / "embedded" / "bootstrap.py"


def refusal(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", *arguments])
    with pytest.raises(SystemExit) as stop:
        bootstrap.main()
    return str(stop.value)


def test_an_old_python_is_told_which_one_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, not 3\.9"):
        runpy.run_path(str(SCRIPT))


def test_it_needs_nothing_but_the_standard_library() -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), "nonsense"], capture_output=True, text=True, check=False
    )
    assert result.stderr.strip() == "usage: bootstrap.py demo|dev"


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80.5", "8000 "])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    assert refusal("demo", monkeypatch=monkeypatch).startswith("PORT must be a number")


def test_a_port_in_use_is_refused_before_anything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "install", lambda name: pytest.fail("installed"))
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        monkeypatch.setenv("PORT", str(squatter.getsockname()[1]))
        assert "is in use on 127.0.0.1" in refusal("demo", monkeypatch=monkeypatch)


def test_an_address_that_is_not_ours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")
    monkeypatch.setenv("PORT", "8123")
    assert refusal("demo", monkeypatch=monkeypatch).startswith("Cannot listen on HOST=192.0.2.1")


def test_a_stamp_of_the_same_files_skips_the_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "environment", lambda: tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert not bootstrap.is_installed("demo")
    (tmp_path / ".installed-dev").write_text(bootstrap.fingerprint(bootstrap.SETS["dev"]))
    assert bootstrap.is_installed("dev")
    assert bootstrap.is_installed("demo"), "the larger set holds the smaller one"
    (tmp_path / ".installed-dev").write_text("of other files")
    assert not bootstrap.is_installed("demo")


def test_requirements_are_pinned_and_name_no_machine() -> None:
    for path in sorted(bootstrap.REQUIREMENTS.glob("*.txt")):
        for line in path.read_text().splitlines():
            assert "==" in line.partition("#")[0], f"{path.name}: {line}"
            assert "://" not in line
            assert " @ " not in line


def test_every_package_asked_for_says_why() -> None:
    for path in sorted(bootstrap.REQUIREMENTS.glob("*.in")):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                assert line.partition("#")[2].strip(), f"{path.name}: {line}"


def test_manage_without_a_virtualenv_says_what_to_run(tmp_path: Path) -> None:
    script = tmp_path / "manage.py"
    script.write_text((bootstrap.PROJECT / "manage.py").read_text())
    command = [sys.executable, "-I", "-S", str(script), "check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "run `make demo` first" in result.stderr
