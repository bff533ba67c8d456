# `make demo` and `make test` do everything on a machine that has Python 3.11 to 3.13, make and a package index.
# What they install stays in .tools (uv, other Pythons, Airbyte's client) and .venv (exactly requirements.lock, and this
# project); a second call installs nothing.

UV_VERSION := 0.13.9
PYENV_ROOT ?= $(HOME)/.pyenv
MODULE_LINES := 500
# One more than the processors of the smallest machine: some of the time of the tests is spent waiting.
WORKERS := 3

# The interpreters to try, in order; `make test PYTHON=/path/to/python3.12` names one (after `make clean`, if need be).
PYTHONS = $(or $(PYTHON),python3.11 python3.12 python3.13 python3 $(foreach v,3.11 3.12 3.13,$(call pyenv,$(v))))
pyenv = $(lastword $(wildcard $(PYENV_ROOT)/versions/$(1).*/bin/python))

UV := .tools/bin/uv
BIN := .venv/bin

# Airbyte's own client and one of its sources, which the integration tests run. Each pins other versions of the same
# libraries, so each has an environment and a lock of its own.
CLIENTS := pyairbyte source-faker
pyairbyte := airbyte==0.71.3
source-faker := airbyte-source-faker==7.2.1

# What `make bench` measures beside the connector; nothing else needs it.
peers := dlt==1.31.0 drt-core==1.2.1 sageintacctrestsdk==1.9.0 airbyte-cdk==7.39.1

VERSION = $(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' setup.py)
IMAGE = airbyte/destination-sage-intacct:$(VERSION)

# uv takes the interpreters that are here; it never fetches one.
export UV_PYTHON_DOWNLOADS := never

# Tests start hundreds of processes; where Python may not keep what it has compiled, each compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo bench prove test test-coverage test-other-pythons image lint format lock clean

help:  ## This list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | awk -F '\t' '{printf "  make %-20s %s\n", $$1, $$2}'

demo: .venv/installed  ## Show a sync into an emulated Sage Intacct: what is written, what is rejected and why
	@$(BIN)/python -m demo.demo

bench: .venv/installed .tools/peers/installed  ## Measure speed, cost and memory beside their targets and other tools, in about 30 minutes
	@$(BIN)/python -m benchmarks

prove: .venv/installed  ## Run in full what `make test` runs in part: random syncs, foreign answers, kills, two connectors on a tenant, pairs of readings, dry runs
	PROVE=1 $(BIN)/pytest integration_tests/test_promises.py integration_tests/test_answers_that_prove_nothing.py \
		integration_tests/test_kills.py integration_tests/test_two_connectors.py \
		integration_tests/test_many_documents.py integration_tests/test_many_rejected_rows.py integration_tests/test_platform_play.py \
		integration_tests/test_pairs_of_readings.py integration_tests/test_dry_runs.py \
		integration_tests/test_refused_as_a_whole.py

test: test-coverage test-other-pythons  ## Run every test, with coverage, and the unit tests on the other Pythons

test-coverage: .venv/installed $(CLIENTS:%=.tools/%/installed)  ## Run every test; fail under the coverage set in pyproject.toml
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m "not alone" --numprocesses $(WORKERS) --dist loadgroup --no-loadscope-reorder
	$(BIN)/coverage run -m pytest -m alone
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-other-pythons: $(foreach v,3.11 3.12 3.13,test-python-$(v))  ## Run the unit tests on the Pythons that .venv does not have

image:  ## Build the connector's image; BASE_IMAGE names another base, IMAGE another tag
	DOCKER_BUILDKIT=1 docker build $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) --tag $(IMAGE) .

lint: .venv/installed  ## Check style, types, directions of import and the length of modules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@find destination_sage_intacct intacct_emulator demo unit_tests integration_tests benchmarks -name '*.py' -exec wc -l {} + | awk \
		'$$2 != "total" && $$1 > $(MODULE_LINES) {print $$2 ": " $$1 " lines, $(MODULE_LINES) is the limit: find its second subject"; long = 1} END {exit long}'

format: .venv/installed  ## Format the code, and fix what ruff can fix
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .tools/uv-$(UV_VERSION)  ## Write the locks anew: the newest versions that setup.py allows
	@$(with_index) $(compile) setup.py --extra dev --upgrade --output-file requirements.lock
	@$(with_index) $(call listed,RUNTIME) | $(compile) - --constraints requirements.lock --output-file requirements-image.lock
	@$(with_index) $(call listed,EMULATOR) | $(compile) - --constraints requirements.lock --output-file requirements-emulator.lock
	@$(with_index) sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | \
		$(compile) - --constraints requirements.lock --output-file requirements-build.lock
	@$(foreach client,$(CLIENTS) peers,$(with_index) printf '%s\n' $($(client)) | $(compile) - --upgrade --output-file requirements-$(client).lock || exit 1;)

compile = $(UV) pip compile --universal --python-version 3.11 --python .tools/bin/python --generate-hashes --no-header --no-annotate --quiet
# What a list of setup.py holds.
listed = sed -n '/^$(1) = \[/,/^\]/s/^ *"\([^"]*\)".*/\1/p' setup.py

clean:  ## Remove what make, the tests and the linters made
	rm -rf .tools .venv .tmp build dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv does not read pip's settings. Where pip is configured with another index, uv gets it too.
define with_index
index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$(.tools/bin/python -m pip config get global.index-url 2>/dev/null)}}; \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index";
endef

# Installs requirements.lock, or the lock $(2), into the environment $(1): by uv; where uv cannot reach the index (a
# proxy, a certificate or a folder of packages that only pip knows), by pip.
define install_lock
{ $(with_index) $(UV) pip sync --quiet --python $(1)/bin/python --require-hashes $(or $(2),requirements.lock); } || { \
	echo "uv could not install the packages; trying pip with its own settings."; \
	.tools/bin/python -m pip --python $(1)/bin/python install -qq --require-hashes --no-deps -r $(or $(2),requirements.lock); } || { \
	echo "make: the packages of $(or $(2),requirements.lock) cannot be installed: check that the package index is reachable (PIP_INDEX_URL, PIP_CERT, HTTPS_PROXY), then run make again." >&2; \
	exit 1; }
endef

.tools/uv-$(UV_VERSION):
	@rm -rf .tools; for python in $(PYTHONS); do \
		"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || continue; \
		found=$$python; "$$python" -c 'import ensurepip, venv' 2>/dev/null && venv=yes && break; done; \
	if [ -z "$$found" ]; then \
		echo "make: Python 3.11, 3.12 or 3.13 is needed and none was found (tried: $(PYTHONS)): install one, or name it with PYTHON=/path/to/python." >&2; exit 1; \
	elif [ -z "$$venv" ]; then \
		echo "make: $$found cannot make virtual environments, its venv module is missing: install it (on Debian and Ubuntu the package python3-venv)." >&2; exit 1; \
	fi; \
	"$$found" -m venv .tools || exit 1; \
	.tools/bin/python -m pip install -qq --disable-pip-version-check --retries 2 uv==$(UV_VERSION) || { \
		echo "make: uv cannot be installed: check that the package index is reachable (PIP_INDEX_URL, PIP_CERT, HTTPS_PROXY), then run make again." >&2; exit 1; }
	@touch $@

# Built without isolation: setuptools is in the lock, so that nothing is fetched a second time.
.venv/installed: requirements.lock setup.py .tools/uv-$(UV_VERSION)
	@echo "Installing the packages of requirements.lock into .venv"
	@$(UV) venv --quiet --clear --python .tools/bin/python .venv
	@$(call install_lock,.venv)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Neither runs on Python 3.13. Where there is no other, nothing is installed, and the tests say why they are skipped.
$(CLIENTS:%=.tools/%/installed) .tools/peers/installed: .tools/%/installed: requirements-%.lock .tools/uv-$(UV_VERSION)
	@for candidate in .tools/bin/python python3.12 python3.11 $(call pyenv,3.12) $(call pyenv,3.11); do \
		"$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] not in {(3, 11), (3, 12)})' 2>/dev/null && python=$$candidate && break; done; \
	if [ -z "$$python" ]; then echo "$*: Python 3.11 or 3.12 is needed, what uses it is skipped."; exit; fi; \
	echo "Installing the packages of requirements-$*.lock into .tools/$*"; \
	$(UV) venv --quiet --clear --python "$$("$$python" -c 'import sys; print(sys.executable)')" .tools/$* || exit 1; \
	$(call install_lock,.tools/$*,requirements-$*.lock) && touch $@

# The package as users get it: built into a wheel and installed, with the checkout off the import path.
test-python-%: .venv/installed
	@if $(BIN)/python -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$*")'; then \
		echo "Python $*: has run every test already."; exit; fi; \
	for candidate in python$* $(call pyenv,$*); do \
		"$$candidate" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$*")' 2>/dev/null && python=$$candidate && break; done; \
	if [ -z "$$python" ]; then echo "Python $*: not installed on this machine, not tested."; exit; fi; \
	venv=.tools/python$*; set -e; \
	if [ ! $$venv/installed -nt requirements.lock ]; then \
		echo "Python $*: installing the packages of requirements.lock"; \
		$(UV) venv --quiet --clear --python "$$("$$python" -c 'import sys; print(sys.executable)')" $$venv; \
		$(call install_lock,$$venv); \
		touch $$venv/installed; fi; \
	rm -rf build .tools/wheel; \
	$(UV) build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir .tools/wheel .; \
	rm -rf build; \
	$(UV) pip install --quiet --python $$venv/bin/python --no-deps --reinstall .tools/wheel/*.whl; \
	echo "Python $*: unit tests"; \
	$$venv/bin/pytest --quiet --override-ini pythonpath= --override-ini cache_dir=.tools/pytest-$* \
		--numprocesses $(WORKERS) --dist loadfile unit_tests
