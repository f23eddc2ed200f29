# Raksa: every command a newcomer needs. Python 3.11+ with venv, git and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
FUZZ_SECONDS ?= 600

.PHONY: run setup test check services bench fuzz clean

run: $(STAMP)  ## a scripted flood night in exercise mode
	@exec $(BIN)/raksa demo

setup: $(STAMP)  ## .venv with the project in it

$(STAMP): pyproject.toml constraints.txt hatch_build.py warning/web/ui/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Raksa needs Python 3.11 or newer: set PYTHON=python3.x"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python has no venv here. Type: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

# Tests wait for servers and browsers as much as they compute: one process more than there are cores, four at most.
WORKERS := $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 3 ] && echo $$((n + 1)) || echo 4)

test: $(STAMP)  ## the tests; REQUIRE_SERVICES=1 makes a missing server a failure
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

check: $(STAMP)  ## format, lint, types, import rule
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

services:  ## the real servers of the service tests (Debian, Ubuntu; needs root)
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		postgresql kannel kannel-extras mosquitto mosquitto-clients chromium fonts-thai-tlwg \
		sip-tester baresip-core ffmpeg gammu gammu-smsd icecast2

bench: $(STAMP)  ## figures with their peers; see docs/bench.md
	$(BIN)/raksa bench

fuzz: $(STAMP)  ## ten minutes of bytes made to hurt: CAP, every reader, the config
	end=$$(( $$(date +%s) + $(FUZZ_SECONDS) )); while [ $$(date +%s) -lt $$end ]; do \
		RAKSA_FUZZ_EXAMPLES=500 $(BIN)/pytest tests/fuzz -q || exit 1; done

clean:
	rm -rf $(VENV) warning/web/static
