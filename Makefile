# Two commands do everything on a machine with Python (3.10 or newer) and make: `make course` and `make test`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.10 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/ready
export UV_HTTP_TIMEOUT := 600
override REPO := $(value REPO)
export REPO

.PHONY: help course lab test lint bench exercises book page publish refresh train leaderboard colab lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

course: $(READY) ## run every notebook; pictures and tables land in artifacts/runs/
	@$(BIN)/python -m tools course

lab: $(READY) ## open the course in JupyterLab, which asks the network for no news
	$(BIN)/jupyter lab --notebook-dir=. --LabApp.app_settings_dir="$(CURDIR)/tools/lab" notebooks/00_start_here.ipynb

test: lint ## everything that is tested, two at a time: lint, unit tests, notebooks, sliders
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder --nbval --nbval-current-env \
		--nbval-cell-timeout=300 --nbval-sanitize-with tests/sanitize.cfg --durations=20 tests notebooks

lint: $(READY) ## ruff: lint and format, notebooks too; and the notebooks' template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools check

bench: $(READY) ## how fast the data is, as a table
	$(BIN)/python -m helpers bench data

exercises: $(READY) ## the notebooks with their solutions blanked, in artifacts/runs/exercises/
	$(BIN)/python -m tools exercises

book: $(READY) ## the course as a static site, in artifacts/runs/book/; no network needed
	@$(BIN)/python -m tools book

page: $(READY) ## the page to try the network in a browser, in artifacts/runs/page/; needs node and, once, the network
	@$(BIN)/python -m tools page

publish: $(READY) ## stamp the address: make publish REPO=owner/name
	@$(BIN)/python -m tools publish

refresh: $(READY) ## run every notebook and store its outputs in it
	$(BIN)/python -m tools refresh

train: $(READY) ## train the weights that ship, from nothing: about 85 minutes, may be stopped and started again
	$(BIN)/python -m helpers ship

leaderboard: $(READY) ## every network for two minutes, three seeds: about an hour and a half of one core, may be stopped
	$(BIN)/python -m helpers leaderboard

colab: $(READY) ## each notebook alone with Colab's packages: the first time 5 GB, then as long as the notebooks take
	$(BIN)/python -m tools colab

lock: ## renew requirements.lock with the newest versions
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; }
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-annotate --group dev \
		--custom-compile-command "make lock" -o requirements.lock requirements.txt requirements-more.txt

clean: ## remove what was made: runs, caches, the environment
	rm -rf .venv artifacts/runs data/cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.10 or newer is needed: https://www.python.org/downloads/"; exit 1; }
	@echo "Installing the course into .venv (about two minutes, 5.8 GB)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { \
		echo "Python could not make an environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	@$(BIN)/python -c "import matplotlib.font_manager"  # its font cache: else the first notebook speaks of it
	@touch $(READY)
