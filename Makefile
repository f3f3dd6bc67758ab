# Two commands do everything on a fresh machine: make demo, make test. The rest is for developers.
# Needs Python 3.11 or newer with pip; everything else is installed below this folder. Only the programs that read our
# files in the tests come from Debian, where apt exists and may be used.

export UV_PYTHON_DOWNLOADS ?= never
# Behind a company's proxy the system knows certificates that uv does not bring.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif
# Every process of pytest would compile every module and every test again.
unexport PYTHONDONTWRITEBYTECODE
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --no-sync
# Python's own encoding of file names cannot be changed once it runs, so it is set before.
PYTEST := PYTHONUTF8=1 $(RUN) python -m pytest -n auto
# Many tests wait for another process, a browser or a database: half as many again as there are processors.
WAITING := -n $(shell python3 -c "import os; count = os.cpu_count() or 1; print(count + (count + 1) // 2)")
# The tests that are measured: all quick tests but those with random examples, which measure differently each time, and
# which the measuring makes twice as slow. The floor is reached without them.
MEASURED := quick and not hypothesis
PYTHONS := 3.11 3.12 3.13 3.14
PYENV := $(or $(PYENV_ROOT),$(HOME)/.pyenv)
# Programs that read our files and our page in the tests, and the packages of Debian that have them.
READERS := aqbanking-cli chromium hledger jq ledger ofxdump pdftotext qpdf xlsx2csv xmllint
PACKAGES := aqbanking-tools chromium hledger jq ledger libxml2-utils ofx poppler-utils qpdf xlsx2csv
APT := $(if $(filter 0,$(shell id -u)),,sudo -n )env DEBIAN_FRONTEND=noninteractive apt-get -qq

.PHONY: demo test rest quick cover wheel dist docs licences torture matrix picture screens tool format hook lint check bench bench-full program install readers clean help

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

demo: .venv/.program ## do the whole job on an invented company; leaves *.csv in primanota-demo/
	.venv/bin/primanota demo
	@echo && echo "The first rows of primanota-demo/*.csv:" && head -n 6 primanota-demo/*.csv

test: install readers sam ## run all tests
	$(PYTEST) $(WAITING)

# What “make cover” leaves, so that “make check” runs each test once.
rest: install readers sam
	$(PYTEST) $(WAITING) -m "not ($(MEASURED))"

quick: install ## run the unit tests that need no socket, in seconds
	$(PYTEST) tests/unit -m quick

cover: install ## measure how much of the source the quick tests run without random examples, against the floor in pyproject.toml
	rm -f .coverage .coverage.*
	PYTHONUTF8=1 $(RUN) coverage run -m pytest -n auto $(or $(TESTS),tests/unit -m "$(MEASURED)")
	$(RUN) coverage combine --quiet
	$(RUN) coverage report --sort=cover $(if $(TESTS),--fail-under=0)

wheel: | $(UV) ## install the built wheel in an empty environment, and run the demo and a part of the tests against it
	UV=$(UV) .ci/wheel

dist: install ## make wheel, sdist and bill of materials in dist/, twice the same bytes, and try them on each Python at hand
	$(RUN) python -m release.distributions

docs: .venv/.docs ## build the site, the man page and the EPUB of the documentation in build/docs
	.venv/bin/python -m website.build
	@echo "Open build/docs/html/index.html, or: man -l build/docs/man/primanota.1"

licences: install ## write docs/licences.md, and refuse a library whose licence is not allowed
	$(RUN) python -m release.licences

torture: install ## run the campaigns against the promises: 100,000 mutated answers and more (CASES=..., SEED=..., ONLY=...)
	PYTHONUTF8=1 $(RUN) python -m tests.torture $(if $(CASES),--cases $(CASES)) --seed $(or $(SEED),1) --only "$(ONLY)"

matrix: readers sam | $(UV) ## run all tests on every supported Python that this machine has, at a dumb terminal
	@failed=; for version in $(PYTHONS); do \
		python=$$($(UV) python find --no-project --system $$version 2>/dev/null \
			|| ls $(PYENV)/versions/$$version.*/bin/python 2>/dev/null | tail -n 1); \
		if [ -z "$$python" ]; then echo "Python $$version: not found"; continue; fi; \
		echo "Python $$version: $$python"; \
		UV_PROJECT_ENVIRONMENT=.venv-$$version $(UV) sync --locked --quiet --python "$$python" \
			&& TERM=dumb LC_ALL=C .venv-$$version/bin/python -m pytest -n auto $(TESTS) || failed="$$failed $$version"; \
	done; if [ "$$failed" ]; then echo "Failed on:$$failed"; exit 1; fi

picture: install readers ## draw docs/demo.svg, the picture of “make demo” in the README, and the certificate in docs/close.md
	$(RUN) python -m tests.support.screens.demo_picture
	$(RUN) python -m tests.support.screens.certificate_picture

screens: install readers ## draw the pictures of the page in the README, docs/page.md and docs/fleet.md
	$(RUN) python -m tests.support.screens.page_pictures
	$(RUN) python -m tests.support.fleets.fleet_page

tool: install ## write the golden file of the profile NAME, and run the tests of its tool in a minute
	$(PYTEST) tests/formats/test_golden.py tests/unit/profiles/test_profiles.py --update-goldens -k "$(NAME) or page"
	$(PYTEST) tests/formats tests/unit/profiles tests/docs -k "$(NAME) or profiles"

format: install ## rewrite the source as ruff formats it, and mend what it can mend
	$(RUN) ruff format
	$(RUN) ruff check --fix

# For .pre-commit-config.yaml.
hook: install
	@$(RUN) $(HOOK)

lint: install ## check the source with ruff and mypy, and the lock file
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(UV) lock --check --quiet

check: ## all that must pass before a change is merged
	$(MAKE) --jobs=2 --output-sync=target lint wheel
	$(MAKE) cover
	$(MAKE) rest

bench: install ## measure speed and memory against the baselines; rewrites the table of docs/performance.md
	$(RUN) python benchmarks/run.py

bench-full: install ## measure what depends on the size of a book, up to a million transactions, in about an hour
	$(RUN) python benchmarks/run.py --full

program: ## install the program for this user, and put the command on the path
	python3 install.py

install: .venv/.installed

# The program alone, a tenth of what the tests need.
.venv/.program: pyproject.toml uv.lock | $(UV)
	$(UV) sync --locked --quiet --no-default-groups --inexact
	@touch $@

# The program, which the API page imports, with what builds the pages.
.venv/.docs: pyproject.toml uv.lock | $(UV)
	$(UV) sync --locked --quiet --no-default-groups --group docs --inexact
	@touch $@

.venv/.installed: pyproject.toml uv.lock | $(UV)
	$(UV) sync --locked --quiet
	@touch $@

readers: ## install the programs that read our files in the tests, with apt where it may be used
	@missing() { for program in $(READERS); do command -v $$program >/dev/null || echo $$program; done; }; \
	if [ "$$(missing)" ] && command -v apt-get >/dev/null; then \
		echo Installing with apt: $$(missing); \
		$(APT) update && $(APT) install --no-install-recommends $(PACKAGES) >/dev/null; \
	fi; \
	if [ "$$(missing)" ]; then echo Not installed, so that tests are left out: $$(missing); fi

.tools/bin/uv:
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools uv

include deploy/aws/Makefile

clean: ## remove everything that was installed or made here
	rm -rf .venv .venv-* .coverage .coverage.* .tools primanota-demo .mypy_cache .ruff_cache .hypothesis build dist
