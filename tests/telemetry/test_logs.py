"""How a line of the log looks."""

import logging
import sys

from apps.telemetry.logs import formatter


def test_a_traceback_on_the_console_is_the_plain_one_without_the_values_of_variables():
    secret = "never on a screen"  # noqa: F841 - what a traceback with variables would show
    try:
        raise ValueError("out of paper")
    except ValueError:
        record = logging.LogRecord("printer", logging.ERROR, "", 1, "print_failed", (), sys.exc_info())
    line = formatter("console").format(record)
    assert 'raise ValueError("out of paper")' in line
    assert "locals" not in line
    assert line.count("never on a screen") == 0
