# RusToK. `make` lists the targets.
PYTHON ?= python3
ARGS ?=
PY := .venv/bin/python
BOOT := $(PYTHON) rustok/embedded/bootstrap.py
SERVERS := $(PY) -m rustok.embedded
PYTEST := $(PY) -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format e2e faults faults-short bench reset stop requirements

help: ## list the targets
	@printf 'RusToK: content and commerce for many tenants\n\n'
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  PORT=8010 RUSTOK_HOME=/tmp/second make demo   a second one beside the first\n'
	@printf '  make test ARGS="-k checkout -x"               pytest arguments\n'

demo: ## from nothing to a running platform with two shops; Ctrl-C stops it
	@$(BOOT) demo
	@exec $(PY) -m rustok.embedded.demo

test: ## unit and integration tests on throw-away servers
	@$(BOOT) dev
	@$(SERVERS) run --home test --throwaway -- $(PYTEST) -n 2 $(ARGS)

# The longest first: two at a time, where make keeps their output apart.
CHECKS := check-access check-types check-imports check-openapi check-migrations check-events check-rules check-format
TWO := $(if $(filter output-sync,$(.FEATURES)),--jobs 2 --output-sync=target)

check: ## ruff, import floors, types, drift of migrations and API, permissions, events
	@$(BOOT) dev
	@$(SERVERS) run --home test --throwaway -- $(MAKE) --no-print-directory --keep-going $(TWO) $(CHECKS)

lint: ## ruff only: rules and format
	@$(BOOT) dev
	@$(MAKE) --no-print-directory --keep-going check-rules check-format

.PHONY: $(CHECKS)
check-rules:
	.venv/bin/ruff check --output-format concise .
check-format:
	.venv/bin/ruff format --check --output-format concise .
check-imports:
	.venv/bin/lint-imports --no-logo
check-types:
	$(PY) -m mypy
check-migrations:
	$(PY) manage.py makemigrations --check --dry-run
check-access:
	$(PY) manage.py setup
	$(PY) manage.py audit_access --quiet --probe
check-events:
	$(PY) manage.py events check
check-openapi:
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

format: ## let ruff repair and format what it can
	@$(BOOT) dev
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

e2e: ## browser tests with the system's Chromium on a demo of their own
	@$(BOOT) dev
	@RATE_LIMIT_LOGIN=1000/m $(PY) -m rustok.embedded.demo --home e2e --free-port --then $(PYTEST) tests/e2e $(ARGS)

faults: ## kill -9 and lost servers, while it works; `make faults-short` does less of each
	@$(BOOT) dev
	@$(PYTEST) tests/faults $(ARGS)

faults-short:
	@FAULTS=short $(MAKE) --no-print-directory faults

bench: ## the benchmarks: a table here, JSON in benchmarks/results/
	@$(BOOT) dev
	@$(SERVERS) run --home bench --with nats -- $(PY) -m benchmarks $(ARGS)

stop: ## stop what runs in RUSTOK_HOME
	@test ! -x $(PY) || $(SERVERS) stop

reset: ## stop and forget the embedded data
	@test ! -x $(PY) || $(SERVERS) reset

requirements: ## compile requirements/*.in into pinned *.txt (ARGS=-U takes newer releases)
	@$(BOOT) dev
	@for name in base embedded production dev; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header --annotation-style line \
			$(ARGS) requirements/$$name.in -o requirements/$$name.txt || exit 1; \
		echo "requirements/$$name.txt"; \
	done
