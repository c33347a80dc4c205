# Every target sets up what it needs: Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
UV := $(VENV)/bin/uv
CHECK_SCHEMA := $(VENV)/bin/check-jsonschema --quiet --builtin-schema
SAMPLE := sample-output

.DEFAULT_GOAL := help
.PHONY: help run sample validate rerender prompt test check fresh dates format schema golden lock fuzz bench faults longrun mutants coverage clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: $(VENV)/run ## Today's papers into README.md (summaries if DASHSCOPE_API_KEY is set)
	$(RUN) fetch_papers.py

sample: $(VENV)/run ## A page from invented papers in sample-output/, without network or key
	$(RUN) fetch_papers.py --sample --root $(SAMPLE)

validate: $(VENV)/run ## Check config.json, and show what each keyword finds
	$(RUN) fetch_papers.py --check

rerender: $(VENV)/run ## Render all pages from the archive again, without a network
	$(RUN) fetch_papers.py --rerender

prompt: $(VENV)/run ## Show what a model would get for one paper: make prompt ID=2512.20276
	$(RUN) -m paperbot.show_prompt $(ID)

test: $(VENV)/dev ## Run the tests
	$(VENV)/bin/pytest -n auto

check: $(VENV)/dev ## Lint, types, workflow files and tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/zizmor --quiet --offline --pedantic .github action.yml docs/example-workflow.yml
	$(CHECK_SCHEMA) vendor.github-workflows .github/workflows/*.yml docs/example-workflow.yml
	$(CHECK_SCHEMA) vendor.github-actions action.yml .github/update/action.yml
	$(CHECK_SCHEMA) vendor.dependabot .github/dependabot.yml
	$(MAKE) --no-print-directory test

fresh: ## What a newcomer does, on a clone of HEAD: empty home, no caches, few programs
	$(PYTHON) tools/fresh.py

dates: $(VENV)/dev ## The tests on other dates (needs libfaketime)
	$(RUN) tools/dates.py

format: $(VENV)/dev ## Format the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

schema: $(VENV)/run ## Write config.schema.json from the config's model
	$(RUN) -m paperbot.config > config.schema.json

golden: $(VENV)/dev ## Draw the golden pages, the front page, its picture and the generated lists again
	$(RUN) -m tools.golden
	$(RUN) -m tools.template_docs

lock: $(VENV)/run ## Pin the three requirements*.txt files again, with hashes
	for name in requirements-uv requirements requirements-dev; do \
		$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras \
			--no-emit-index-url --custom-compile-command "make lock" $$name.in -o $$name.txt || exit 1; \
	done

fuzz: $(VENV)/dev ## 100,000 random summaries from the answer to page and feeds (some 20 minutes)
	$(RUN) -m tools.fuzz

bench: $(VENV)/dev ## What a run costs, measured: docs/performance.md (some 15 minutes)
	$(RUN) -m tools.bench

faults: $(VENV)/dev ## What happens when something goes wrong: every fault, and kills (some 15 minutes)
	$(RUN) -m tools.faults

longrun: $(VENV)/dev ## A year of working days, two runs a day (some 12 minutes)
	$(RUN) -m tools.long_run

mutants: $(VENV)/dev ## Small changes of the code: do the tests notice? (some 20 minutes)
	$(RUN) -m pip install --quiet --disable-pip-version-check --upgrade --target build/mutants/tool mutmut==3.8.1
	$(RUN) -m tools.mutants --tool build/mutants/tool

coverage: $(VENV)/dev ## Which lines and branches no test takes
	$(VENV)/bin/pytest -n auto --cov --cov-report=json:build/coverage.json
	$(RUN) -m tools.coverage build/coverage.json

clean: ## Remove what these targets made
	rm -rf $(VENV) $(SAMPLE) build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

# A pinned uv installs: the machine's own pip, old or new, only has to fetch uv. Where uv can't (a mirror or a
# certificate that only pip's settings name), pip takes the same locked files; --no-deps, because they are complete.
INSTALL = { $(RUN) -m pip install $(PIP_FLAGS) -r requirements-uv.txt \
	&& VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r $(1); } \
	|| $(RUN) -m pip install $(PIP_FLAGS) --no-deps -r $(1)
PIP_FLAGS := --quiet --disable-pip-version-check --require-hashes

$(VENV)/run: $(VENV)/bin/python requirements-uv.txt requirements.txt
	$(call INSTALL,requirements.txt)
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	$(call INSTALL,requirements-dev.txt)
	@touch $@
