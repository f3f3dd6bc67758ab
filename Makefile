# Two commands do everything on a fresh machine: make demo, make test. The rest is for people who build.
# Needs Python 3.11 or newer with pip; everything else installs itself below this folder. Only what the tests let read
# our files comes from Debian, where it is and we may.

export UV_PYTHON_DOWNLOADS ?= never
# Behind a company's proxy the system knows certificates that uv does not bring.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --no-sync
# Programs that read our files in the tests, and the packages of Debian that have them.
READERS := aqbanking-cli hledger jq ledger ofxdump xlsx2csv xmllint
PACKAGES := aqbanking-tools hledger jq ledger libxml2-utils ofx xlsx2csv
APT := $(if $(filter 0,$(shell id -u)),,sudo -n )env DEBIAN_FRONTEND=noninteractive apt-get -qq

.PHONY: demo test lint check bench install readers clean help

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

demo: .venv/.program ## do the whole job on an invented company; leaves *.csv in primanota-demo/
	$(RUN) primanota demo
	@echo && echo "The first rows of primanota-demo/*.csv:" && head -n 6 primanota-demo/*.csv

test: install readers sam ## keep every promise
	$(RUN) pytest -n auto

lint: install ## read the code as a stranger would: ruff, mypy, the lock file
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(UV) lock --check --quiet

check: lint test ## what must be green before anything lands

bench: install ## measure speed and memory against the baselines; rewrites the table of docs/performance.md
	$(RUN) python benchmarks/run.py

install: .venv/.installed

# The program alone, a tenth of what the tests need.
.venv/.program: pyproject.toml uv.lock | $(UV)
	$(UV) sync --locked --quiet --no-default-groups --inexact
	@touch $@

.venv/.installed: pyproject.toml uv.lock | $(UV)
	$(UV) sync --locked --quiet
	@touch $@

readers: ## let apt install the programs that read our files in the tests, where it is there and we may
	@missing() { for program in $(READERS); do command -v $$program >/dev/null || echo $$program; done; }; \
	if [ "$$(missing)" ] && command -v apt-get >/dev/null; then \
		echo Installing with apt: $$(missing); \
		$(APT) update && $(APT) install --no-install-recommends $(PACKAGES) >/dev/null; \
	fi; \
	if [ "$$(missing)" ]; then echo Not installed, so that tests are left out: $$(missing); fi

.tools/bin/uv:
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools uv

include deploy/aws/Makefile

clean: ## remove what was installed and made here
	rm -rf .venv .tools primanota-demo .mypy_cache .ruff_cache .hypothesis dist
