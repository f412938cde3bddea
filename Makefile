# The one front door: people and CI call the same targets. `make` prints them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# QGIS lives in the system's Python; another one may come first on PATH.
SYSTEM_PYTHON := /usr/bin/python3
export PATH := /usr/bin:/bin:$(PATH)
export QT_QPA_PLATFORM := offscreen
export PYTHONDONTWRITEBYTECODE := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

VENV := .venv
LINT := .venv-lint
PYTHON := $(VENV)/bin/python
# Minutes for a whole run; a single test has its own limit in tests/pytest.ini.
LIMIT ?= 40
PYTEST = timeout -k 30 $(LIMIT)m $(PYTHON) -m pytest -c tests/pytest.ini
ARGS ?=

# Parts full of widgets (Any to the checker) are checked less strictly.
TYPED_STRICT := aoi.py aoi_repairs.py aoi_wkb.py evalscripts rasters providers jobs presets
TYPED := __init__.py plugin.py accounts.py network.py results toolbox ui
TYPES := scripts/types.sh "$(TYPED_STRICT)" "$(TYPED)"
VERSION := $(shell sed -n 's/^version=//p' metadata.txt)
ZIP := build/groundtrack-$(VERSION).zip

.PHONY: help deps venv venv-lint lint types test test-unit test-contract test-qgis test-package \
        simulator demo bench zip verify-zip resources docs clean distclean

help: ## this list
	@echo "Groundtrack $(VERSION): targets (extra pytest arguments: ARGS=...)"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done

deps: ## install the system packages that are missing (QGIS and friends)
	@scripts/deps.sh

venv: $(VENV)/.stamp ## the test environment on top of the system's QGIS
venv-lint: $(LINT)/.stamp ## the environment of the static checks

$(VENV)/.stamp: requirements.txt requirements-dev.txt constraints.txt scripts/check_venv.py
	$(SYSTEM_PYTHON) -m venv --system-site-packages $(VENV)
	$(PYTHON) -m pip install -q --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
	$(PYTHON) scripts/check_venv.py
	@touch $@

$(LINT)/.stamp: requirements-lint.txt
	$(SYSTEM_PYTHON) -m venv $(LINT)
	$(LINT)/bin/python -m pip install -q --disable-pip-version-check -r requirements-lint.txt
	@touch $@

lint: venv-lint ## ruff, flake8-qgis and the plugin site's security gate
	@scripts/lint.sh

types: venv-lint ## mypy, strict where no widget is involved
	@$(TYPES)

test: deps venv venv-lint ## everything, as CI runs it; ends with pytest's summary
	@status=0; \
	scripts/lint.sh || status=1; \
	$(TYPES) || status=1; \
	$(PYTEST) tests $(ARGS) || status=1; \
	exit $$status

test-unit: venv ## fast tests without QGIS
	@$(PYTEST) tests/unit $(ARGS)

test-contract: venv ## every provider against the simulator
	@$(PYTEST) tests/contract $(ARGS)

test-qgis: venv ## tests inside a real QGIS, offscreen
	@$(PYTEST) tests/qgis $(ARGS)

test-package: venv venv-lint ## tests of a zip built from the files as they are
	@$(PYTEST) tests/package $(ARGS)

simulator: venv ## run the simulated services by hand; prints what runs without a window need
	@$(PYTHON) tests/simulator --buckets $(ARGS)

demo: deps venv ## the whole way of a job in a real QGIS, with pictures
	@tests/demo/run.sh $(ARGS)

bench: venv ## measure start-up, stalls, conversion
	@$(PYTHON) tests/bench $(ARGS)

zip: ## build/groundtrack-<version>.zip from the last commit
	@$(SYSTEM_PYTHON) scripts/build_zip.py

verify-zip: zip venv venv-lint ## security gate and structure tests on the zip
	@$(LINT)/bin/python scripts/gate.py $(ZIP)
	@PLUGIN_ZIP=$(ZIP) $(PYTEST) tests/package $(ARGS)

resources: ## compile resources.qrc (optional: icons also load from disk)
	@command -v pyrcc5 >/dev/null || { echo "pyrcc5 is in the package pyqt5-dev-tools" >&2; exit 1; }
	@pyrcc5 resources.qrc | sed 's/^from PyQt5 import/from qgis.PyQt import/' > resources_rc.py

docs: venv ## refresh the generated page of the documentation
	@$(PYTHON) scripts/build_docs.py

clean: ## remove what was built, keep the environments
	@rm -rf build resources_rc.py .mypy_cache .ruff_cache .hypothesis tests/.hypothesis
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

distclean: clean ## remove the environments too
	@rm -rf $(VENV) $(LINT)
