"""Counting: cheap, harmless, and the same sum whichever process is asked."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apps.telemetry import files, metrics

ROOT = Path(__file__).resolve().parents[2]
#: What a process of these tests begins with.
PREAMBLE = """
import os, sys
from apps.telemetry import files, metrics
jobs = metrics.counter("jobs_total", "Jobs", ["kind"])
took = metrics.histogram("job_seconds", "Time of a job", ["kind"], (0.1, 1.0))
def total():
    found = {sample.name: sample.value for metric in files.read() for sample in metric.samples}
    return found.get("jobs_total", 0)
"""


@pytest.fixture
def folder(tmp_path):
    """A folder of its own for the processes of one test."""
    return tmp_path / "metrics"


def start(folder, code):
    """Start a process that counts and then runs some code; its answers are lines."""
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
    )  # fmt: skip


def run(folder, code):
    """Run a process to its end; answer what it printed."""
    process = start(folder, code)
    answer, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return answer.strip()


@pytest.fixture
def living(folder):
    """Start processes that stay; they are ended with the test."""
    started = []

    def begin(code):
        process = start(folder, code + "\nprint('here', flush=True); sys.stdin.read()")
        started.append(process)
        assert process.stdout.readline() == "here\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def test_what_two_processes_count_is_added_up(folder, living):
    living("jobs.inc('mail', by=2)")
    living("jobs.inc('mail', by=3)")
    assert run(folder, "print(total())") == "5.0"


def test_observations_of_two_processes_are_added_up(folder, living):
    living("took.observe(0.05, 'mail')")
    living("took.observe(0.5, 'mail'); took.observe(7, 'mail')")
    samples = run(
        folder, "[print(s.labels.get('le'), s.value) for m in files.read() for s in m.samples if 'bucket' in s.name]"
    )
    assert samples.splitlines() == ["0.1 1.0", "1.0 2.0", "+Inf 3.0"]


def test_what_a_killed_process_counted_stays(folder, living):
    living("jobs.inc('mail')")
    killed = living("jobs.inc('mail', by=10)")
    killed.kill()
    killed.wait()
    assert run(folder, "print(total())") == "11.0"
    assert run(folder, "print(total())") == "11.0"


def test_the_folder_does_not_grow_with_the_number_of_the_dead(folder, living):
    living("jobs.inc('mail')")
    for _ in range(8):
        run(folder, "jobs.inc('mail'); took.observe(1, 'mail')")
    assert run(folder, "print(total())") == "9.0"
    left = sorted(path.name.split("_")[0] for path in folder.glob("*.db"))
    assert len(left) <= 6, "two files each of the living, the reader and the dead"


def test_a_forked_child_counts_for_itself(folder):
    code = """
jobs.inc('mail')
if not os.fork():
    jobs.inc('mail', by=4)
    os._exit(0)
os.wait()
jobs.inc('mail', by=2)
print(total())
"""
    assert run(folder, code) == "7.0"


def test_a_child_that_outlives_its_parent_does_not_keep_it_alive(folder, living):
    code = """
jobs.inc('mail')
if os.fork():
    os._exit(0)
jobs.inc('mail')
"""
    living(code)
    assert run(folder, "print(total(), len(list(files.folder().glob('*.alive'))))") == "2.0 2"


def test_counting_begins_at_zero_when_nobody_is_left_of_the_last_run(folder):
    run(folder, "jobs.inc('mail', by=100)")
    assert run(folder, "jobs.inc('mail'); print(total())") == "1.0"


def test_a_reader_keeps_what_it_has_shown(folder, living):
    run(folder, "jobs.inc('mail', by=5)")
    living("assert total() == 5")
    assert run(folder, "jobs.inc('mail'); print(total())") == "6.0"


def test_a_torn_file_of_the_dead_costs_only_itself(folder, living):
    living("jobs.inc('mail')")
    for name, content in (("counter_1-1.db", b""), ("counter_1-2.db", b"\xff" * 64), ("gauge_all_1-3.db", b"")):
        (folder / name).write_bytes(content)
    assert run(folder, "print(total())") == "1.0"


def test_a_folder_that_cannot_be_used_does_not_hurt_who_counts(tmp_path):
    (tmp_path / "file").write_text("no folder")
    code = "jobs.inc('mail'); took.observe(1, 'mail'); print('went on')"
    assert run(tmp_path / "file" / "metrics", code) == "went on"


def test_a_folder_held_by_somebody_who_hangs_does_not_stop_who_counts(folder, living):
    living(
        "import fcntl; files.folder().mkdir(); f = open(files.folder() / 'lock', 'w'); fcntl.flock(f, fcntl.LOCK_EX)"
    )
    started = time.monotonic()
    assert run(folder, "jobs.inc('mail'); jobs.inc('mail'); print('went on')") == "went on"
    assert time.monotonic() - started < 10


def test_a_wrong_number_of_labels_is_logged_and_not_raised(caplog, monkeypatch):
    monkeypatch.setattr(metrics, "_complained_at", float("-inf"))
    metrics.Counter("careless_total", "Counted without care", ["kind"]).inc()
    assert "metrics_not_written" in caplog.text


def test_labels_beyond_the_bound_are_counted_together(monkeypatch):
    monkeypatch.setattr(metrics, "MAX_SERIES", 2)
    wild = metrics.Counter("wild_total", "Counted by what anybody sends", ["word"])
    for word in ("a", "b", "c", "d", "a"):
        wild.inc(word)
    (found,) = [metric for metric in files.read() if metric.name == "wild"]
    assert {sample.labels["word"]: sample.value for sample in found.samples} == {"a": 2, "b": 1, "other": 2}


def test_two_metrics_cannot_have_one_name():
    with pytest.raises(ValueError, match="rustok_events_published_total"):
        metrics.counter("rustok_events_published_total", "Again")


def test_counting_costs_less_than_five_microseconds():
    jobs = metrics.Counter("timed_total", "Counted for time", ["kind"])
    took = metrics.Histogram("timed_seconds", "Observed for time", ["kind"], metrics.SECONDS)

    def cost():
        started = time.perf_counter()
        for _ in range(1000):
            jobs.inc("mail")
            took.observe(40.0, "mail")
        return (time.perf_counter() - started) * 1000 / 2

    assert min(cost() for _ in range(10)) < 5, "µs a call"
