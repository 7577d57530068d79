"""What events cost: publishing, the way to the effect, rest, and a claim when much waits."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from apps.outbox import stream as streams
from benchmarks.events import claiming, flow, idle, publishing
from benchmarks.events.processes import Program, environment, running
from benchmarks.events.report import Figure, show, write

__all__ = ["PARTS", "main"]


def _publish(options: argparse.Namespace) -> list[Figure]:
    return publishing.measure()


def _outbox(options: argparse.Namespace) -> list[Figure]:
    with running(["worker", "relay"], environment("outbox")) as programs:
        return _travel("L1, into the index", programs, flow.Prices(), options.sustain, ("≥ 1000", "≤ 300"))


def _stream(options: argparse.Namespace) -> list[Figure]:
    env = environment("stream")
    _empty_stream()
    with running(["consumer", "relay"], env, {"consumer": ["--group", "bench"]}) as programs:
        figures = _travel("L2, a light handler", programs, flow.Probes(), options.sustain, ("≥ 2500", "≤ 200"))
    _empty_stream()
    with running(["consumer1", "consumer2", "relay"], env, {"consumer": ["--group", "index"]}) as programs:
        return figures + _travel("L2, into the index", programs, flow.Prices(), options.sustain / 2)


def _empty_stream() -> None:
    """Spare the consumers of one group what was there for those of another while they did not run."""
    stream = streams.configured("rustok-bench")
    stream.setup(update=True)
    stream.purge()
    stream.close()


def _travel(
    label: str, programs: dict[str, Program], load: flow.Load, seconds: float, goals: tuple[str, str] = ("", "")
) -> list[Figure]:
    flow.drain(programs, 300)
    run = flow.sustain(load, programs, seconds)
    times = flow.latency(load, programs, seconds / 2)
    load.check()
    middle, slow, slowest = (_percentile(times, share) for share in (0.5, 0.95, 0.99))
    spent = ", ".join(f"{name} {milliseconds:.2f}" for name, milliseconds in run.cpu.items())
    return [
        Figure(f"{label}: events, for {run.seconds:.0f} s", run.rate, "1/s", goals[0],
               f"open meanwhile {', '.join(map(str, run.backlog))}", {"backlog": run.backlog}),
        Figure(f"{label}: CPU of all processes per event", sum(run.cpu.values()), "ms", "", spent, dict(run.cpu)),
        Figure(f"{label}: commit to commit at {flow.QUIET}/s, 95th percentile", slow, "ms", goals[1],
               f"median {middle:.0f}, 99th {slowest:.0f}, of {len(times)}",
               {"median": middle, "p99": slowest, "max": times[-1]}),
    ]  # fmt: skip


def _percentile(times: Sequence[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _rest(options: argparse.Namespace) -> list[Figure]:
    return [*idle.measure(["relay"], "outbox", 30), *idle.measure(["consumer", "relay"], "stream", 30)[:1]]


def _claims(options: argparse.Namespace) -> list[Figure]:
    return claiming.measure()


PARTS: dict[str, Callable[[argparse.Namespace], list[Figure]]] = {
    "publish": _publish, "L1": _outbox, "L2": _stream, "idle": _rest, "claim": _claims,
}  # fmt: skip


def main(options: argparse.Namespace, command: Sequence[str]) -> None:
    """Measure every part that is asked for, on a database with seeded products whose tenant is current."""
    figures = [
        figure for name, part in PARTS.items() if options.only.lower() in name.lower() for figure in part(options)
    ]
    show(figures)
    write(figures, command)
