"""The order flow as types: what a state cannot do, it does not have."""

import subprocess
import sys
import textwrap
from itertools import product
from types import SimpleNamespace

import pytest

from apps.order import states

LEGAL = {
    ("pending", "confirmed"), ("confirmed", "paid"), ("paid", "shipped"), ("shipped", "delivered"),
    ("pending", "cancelled"), ("confirmed", "cancelled"), ("paid", "cancelled"),
}  # fmt: skip
STEPS = {
    "confirm": lambda state: state.confirm(),
    "pay": lambda state: state.pay(),
    "ship": lambda state: state.ship(),
    "deliver": lambda state: state.deliver(),
    "cancel": lambda state: state.cancel("cancelled"),
}


def row(status):
    return SimpleNamespace(status=status, payment_status="pending", fulfillment_status="unfulfilled")


def test_states_offer_the_legal_transitions_and_no_others():
    found = set()
    for status, (name, step) in product(states.FLOW, STEPS.items()):
        state = states.state_of(row(status))
        if hasattr(state, name):
            after = step(state)
            assert after.status == after.order.status
            found.add((status, after.status))
    assert found == LEGAL == {(a, b) for a, following in states.FLOW.items() for b in following}


def test_expecting_another_state_is_a_conflict():
    with pytest.raises(states.IllegalTransition) as refusal:
        states.expect(row("pending"), states.PaidOrder)
    assert (refusal.value.status, refusal.value.code) == (409, "illegal_transition")


@pytest.mark.parametrize("status", ["shipped", "delivered", "cancelled"])
def test_what_has_left_cannot_be_cancelled(status):
    with pytest.raises(states.IllegalTransition):
        states.expect_cancellable(row(status))


def mypy(tmp_path, body):
    snippet = tmp_path / "snippet.py"
    source = (
        f"from apps.order import states as s\n\n\ndef walk(order: s.OrderRow) -> None:\n{textwrap.indent(body, '    ')}"
    )
    snippet.write_text(source)
    command = [
        sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}",
        "--explicit-package-bases", str(snippet),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_legal_way_passes_mypy(tmp_path):
    result = mypy(tmp_path, "s.PendingOrder(order).confirm().pay().ship().deliver()\n")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "step",
    ["PendingOrder(order).ship()", "ShippedOrder(order).cancel('cancelled')", "PendingOrder(order).confirm().ship()"],
)
def test_mypy_refuses_an_illegal_step(tmp_path, step):
    result = mypy(tmp_path, f"s.{step}\n")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "[attr-defined]" in result.stdout
