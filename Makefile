# Every target brings what it needs: a virtual environment in .venv, packages from the registries.

PYTHON ?= python3
RUN := .venv/bin/python
NPM_BIN := node_modules/.bin
ALL_CPUS := --numprocesses=auto --maxprocesses=8 --dist=worksteal

.PHONY: help demo test fuzz nightly simulator lint format test-bench e2e pictures translations benchmark benchmark-picture fault-matrix endure day clean

help:
	@echo "make demo        see punches become check-ins, against the simulator"
	@echo "make test        the tests that need no Frappe"
	@echo "make fuzz        a hundred thousand broken answers, dates, tokens and addresses; some minutes"
	@echo "make nightly     all of these tests, their properties with many more examples, new ones each time"
	@echo "make simulator   a BioTime server to play with, until Ctrl-C"
	@echo "make lint        ruff, mypy, and where npm is there, eslint and prettier"
	@echo "make format      the same tools, mending what they can"
	@echo "make test-bench BENCH=path SITE=name   the tests on a real site of a bench that exists"
	@echo "make e2e        BENCH=path SITE=name   a real browser against that site's Desk; pictures in e2e/output"
	@echo "make pictures    those of the user guide, from the last run of make e2e"
	@echo "make translations    gathers what people see into locale/main.pot and tells what the languages lack"
	@echo "make benchmark  BENCH=path SITE=name   the measurements on such a site; some 20 minutes"
	@echo "make benchmark-picture   draws those of the last make benchmark for docs/performance.md"
	@echo "make fault-matrix   every fault at every position of a cycle, as a table"
	@echo "make endure     BENCH=path SITE=name   workers killed in the middle of imports on such a site"
	@echo "make day        BENCH=path SITE=name   a day of 500 people who are enabled and disabled on such a site"

demo:
	@$(PYTHON) scripts/environment.py standalone
	@$(RUN) -m zkteco_biometric.standalone demo

test:
	@$(PYTHON) scripts/environment.py standalone,test
	@$(RUN) -m pytest -q $(ALL_CPUS)

fuzz:
	@$(PYTHON) scripts/environment.py standalone,test
	@$(RUN) -m pytest -q --hypothesis-profile=nightly --hypothesis-show-statistics tests/biotime/test_fuzz.py

nightly:
	@$(PYTHON) scripts/environment.py standalone,test
	@$(RUN) -m pytest -q $(ALL_CPUS) --hypothesis-profile=nightly tests

simulator:
	@$(PYTHON) scripts/environment.py standalone
	@$(RUN) -m zkteco_biometric.simulator

lint:
	@$(PYTHON) scripts/environment.py standalone,test,lint
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-js; else echo "npm is not here: JS not checked"; fi

.PHONY: lint-js
lint-js: node_modules
	$(NPM_BIN)/eslint zkteco_biometric
	$(NPM_BIN)/prettier --check "zkteco_biometric/**/*.{js,css}"

format: node_modules
	@$(PYTHON) scripts/environment.py standalone,test,lint
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .
	$(NPM_BIN)/prettier --write "zkteco_biometric/**/*.{js,css}"

node_modules: package.json
	npm install --no-audit --no-fund --no-package-lock
	@touch node_modules

test-bench:
	@$(PYTHON) scripts/bench_site.py test "$(BENCH)" "$(SITE)"

e2e:
	@$(PYTHON) scripts/environment.py standalone,e2e
	@$(PYTHON) scripts/bench_site.py e2e "$(BENCH)" "$(SITE)"

benchmark:
	@$(PYTHON) scripts/bench_site.py benchmark "$(BENCH)" "$(SITE)"

benchmark-picture:
	@$(PYTHON) scripts/environment.py standalone,benchmarks
	@$(RUN) -m benchmarks.picture benchmarks/output/run.json docs/images/performance.svg

pictures:
	@$(PYTHON) scripts/pictures.py

translations:
	@$(PYTHON) scripts/environment.py standalone,test
	@$(RUN) scripts/translations.py update

fault-matrix:
	@$(PYTHON) scripts/environment.py standalone,test
	@$(RUN) -m tests.faults

endure:
	@$(PYTHON) scripts/bench_site.py endure "$(BENCH)" "$(SITE)"

day:
	@$(PYTHON) scripts/bench_site.py day "$(BENCH)" "$(SITE)"

clean:
	rm -rf .venv node_modules .mypy_cache .ruff_cache .hypothesis
