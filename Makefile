# Two commands do everything on a fresh machine: make demo, make test. The rest is for people who build.
# Needs Python 3.11 or newer with pip; everything else installs itself below this folder.

export UV_PYTHON_DOWNLOADS ?= never
# Behind a company's proxy the system knows certificates that uv does not bring.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --no-sync

.PHONY: demo test lint check bench install clean help

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

demo: install ## do the whole job on an invented company; leaves *.csv in primanota-demo/
	$(RUN) primanota demo
	@echo && echo "The first rows of primanota-demo/*.csv:" && head -n 6 primanota-demo/*.csv

test: install ## keep every promise
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

.venv/.installed: pyproject.toml uv.lock | $(UV)
	$(UV) sync --locked --quiet
	@touch $@

.tools/bin/uv:
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools uv

clean: ## remove what was installed and made here
	rm -rf .venv .tools primanota-demo .mypy_cache .ruff_cache .hypothesis dist
