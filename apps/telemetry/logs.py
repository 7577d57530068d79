"""Logs: one JSON object a line, with the trace, the tenant and the actor; or a short line for people."""

from __future__ import annotations

import logging
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from rustok.kernel.context import current_work
from rustok.kernel.tenancy import current_schema

__all__ = ["formatter"]


def _add_work(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    work = current_work()
    event["trace_id"] = work.trace_id
    event["tenant"] = current_schema()
    event["actor_id"] = str(work.actor_id) if work.actor_id else None
    return event


def _dumps(value: Any, default: Any = None, **options: Any) -> str:
    return orjson.dumps(value, default=default or str).decode()


def formatter(style: str = "json") -> logging.Formatter:
    """Build the one formatter of every log line."""
    chain: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_work,
    ]
    last: list[Any]
    if style == "json":
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps)]
    else:
        # Its own choice of a traceback shows every variable, and takes a tenth of a second for it.
        last = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
