# What one does with this project. `make` alone lists it. ARGS goes to what is run: make test ARGS="tests/core -x"

PYTHON ?= python3
VENV := .venv
# A Python that is named has an environment of its own beside the usual one: make check PYTHON=python3.13
ifneq ($(PYTHON),python3)
  VENV := $(VENV)-$(notdir $(PYTHON))
endif
RUN := $(VENV)/bin/python
PIP := $(VENV)/bin/pip
# Each is newer than the lock that was installed last, so that a changed lock is installed again.
BOT := $(VENV)/installed-bot
TOOLS := $(VENV)/installed-tools
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes -r

# No header that names a command of one machine, no index addresses. Versions stay unless ARGS=--upgrade.
COMPILE := -m uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

# Each of the many processes of the tests would compile the bot again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check lint run docs texts faults soak fuzz bench lock screenshots

help: ## Lists what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(BOT) ## Runs the bot between a stand-in for Clust and one for Slack, without accounts
	@$(RUN) -m bot demo $(ARGS)

test: $(TOOLS) ## Runs the tests, or some with ARGS="tests/core -x"
	$(RUN) -m pytest $(ARGS)

check: lint ## Checks format, lint, types and import rules, then that the tests pass and take every branch they must
	$(RUN) -m pytest -p tests.branch_coverage

lint: $(TOOLS) ## Checks format, lint, types and import rules alone
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(RUN) -m mypy --python-version 3.13
	$(RUN) $(VENV)/bin/lint-imports

run: $(BOT) ## Runs the bot, web and worker in one process, with the settings in .env
	@$(RUN) -m bot run $(ARGS)

docs: $(TOOLS) ## Writes the tables in docs/, .env.example and manifest.yml from the tables in code
	$(RUN) -m tests.docs_tables
	$(RUN) -m bot manifest --write

texts: $(TOOLS) ## Prints every text that people read, with the place where it is shown. ARGS=--template prints a template for catalogues
	@$(RUN) -m tests.texts $(ARGS)

faults: $(TOOLS) ## Crashes and kills the bot again and again, takes each security control out, and counts what was lost. ARGS names controls
	$(RUN) -m tests.faults.state_machine_runs
	$(RUN) -m tests.faults.kills
	$(RUN) -m tests.faults.kills --sqlite --kills 20
	$(RUN) -m tests.faults.kills --by pause --kills 8
	$(RUN) -m tests.faults.kills --workspaces 30 --kills 20
	$(RUN) -m tests.controls $(ARGS)
	$(RUN) -m pytest -m long
	$(RUN) -m tests.mirrors
	$(RUN) -m tests.one_line

soak: $(TOOLS) ## Lets the bot live fast and in bad weather for half an hour. ARGS="--minutes 5" is shorter
	@$(RUN) -m tests.faults.soak $(ARGS)

fuzz: $(TOOLS) ## Sends the bot what no one should, for minutes, and prints figures. ARGS="--examples 5000 --seconds 600"
	$(RUN) -m tests.fuzz $(ARGS)

screenshots: $(TOOLS) ## Retakes the README's pictures of the demo with chromium
	$(RUN) -m tests.screenshots

bench: $(TOOLS) ## Measures the bot against what it can't beat. ARGS names benchmarks or a size, see ARGS=--help
	$(RUN) -m tests.bench $(ARGS)

lock: $(TOOLS) ## Pins what pyproject.toml asks for. ARGS=--upgrade takes the newest versions
	$(RUN) $(COMPILE) $(ARGS) pyproject.toml -o requirements.txt
	$(RUN) $(COMPILE) $(ARGS) pyproject.toml --group test -c requirements.txt -o tests/requirements.txt

$(BOT): requirements.txt | $(PIP)
	$(RUN) $(INSTALL) requirements.txt
	@touch $@

# Everything the bot needs is in tests/requirements.txt too, in the same versions.
$(TOOLS): tests/requirements.txt | $(PIP)
	$(RUN) $(INSTALL) tests/requirements.txt
	@touch $(BOT) $@

# pip comes last into a new environment: without it there is none, or half of one.
$(PIP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 VENV=.venv")'
	$(PYTHON) -m venv $(VENV)
