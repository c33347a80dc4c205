# Every target does its own set-up: Python 3.11 or newer and make are all that is needed.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
CHECK_SCHEMA := $(VENV)/bin/check-jsonschema --quiet --builtin-schema
SAMPLE := sample-output

.DEFAULT_GOAL := help
.PHONY: help run sample config rerender prompt test check format schema lock fuzz tools.bench faults longrun mutants coverage clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: $(VENV)/run ## Today's papers into README.md (summaries if DASHSCOPE_API_KEY is set)
	$(RUN) fetch_papers.py

sample: $(VENV)/run ## The whole job on invented papers, without network and key, in sample-output/
	$(RUN) fetch_papers.py --sample --root $(SAMPLE)

config: $(VENV)/run ## Is config.json right, and what does each keyword do?
	$(RUN) fetch_papers.py --check

rerender: $(VENV)/run ## Draw the pages of the archive again, without a network
	$(RUN) fetch_papers.py --rerender

prompt: $(VENV)/run ## What would be sent for one paper: make prompt ID=2512.20276
	$(RUN) -m paperbot.show_prompt $(ID)

test: $(VENV)/dev ## Run the tests
	$(VENV)/bin/pytest -n auto

check: $(VENV)/dev ## Everything that must hold: lint, types, workflows, tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/zizmor --quiet --offline --pedantic .github action.yml
	$(CHECK_SCHEMA) vendor.github-workflows .github/workflows/*.yml docs/example-workflow.yml
	$(CHECK_SCHEMA) vendor.github-actions action.yml
	$(CHECK_SCHEMA) vendor.dependabot .github/dependabot.yml
	$(MAKE) --no-print-directory test

format: $(VENV)/dev ## Put the code in the house's form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

schema: $(VENV)/run ## Write config.schema.json anew from the config's model
	$(RUN) -m paperbot.config > config.schema.json

lock: $(VENV)/dev ## Pin requirements.txt and requirements-dev.txt anew, with hashes
	$(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

fuzz: $(VENV)/dev ## 100,000 hostile texts against the page (takes a while)
	$(RUN) -m tools.fuzz_markup

tools.bench: $(VENV)/run ## What a run costs, measured: docs/performance.md (a quarter of an hour)
	$(RUN) -m tools.bench

faults: $(VENV)/dev ## What happens when something goes wrong: every fault, and 200 kills (half an hour)
	$(RUN) -m tools.faults

longrun: $(VENV)/dev ## A year of working days, two runs a day (a quarter of an hour)
	$(RUN) -m tools.long_run

mutants: $(VENV)/dev ## Small changes of the code: do the tests notice? (half an hour)
	$(RUN) -m pip install --quiet --disable-pip-version-check --upgrade --target build/mutants/tool mutmut==3.8.1
	$(RUN) -m tools.mutants --tool build/mutants/tool

coverage: $(VENV)/dev ## Which lines and branches no test takes
	$(VENV)/bin/pytest -n auto --cov --cov-report=json:build/coverage.json
	$(RUN) -m tools.coverage build/coverage.json

clean: ## Remove what these targets made
	rm -rf $(VENV) $(SAMPLE) build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: $(VENV)/bin/python requirements.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
