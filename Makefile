# Everything a newcomer needs: `make demo` and `make test`. Each makes .venv when it is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= auto

.PHONY: demo test check lint types imports slow bench bench-scale bench-reports bench-explorer bench-keys bench-advice pages pictures fixtures clean

demo: $(READY)  ## open the demonstration image
	$(BIN)/layerscope fixtures/demo.tar.gz

test: $(READY)  ## the fast tests, in parallel
	$(BIN)/pytest -n $(JOBS) -m "not slow and not engine"

slow: $(READY)  ## the tests that take minutes or need a real engine, umoci or dive
	$(BIN)/pytest -n $(JOBS) -m "slow or engine" -rs

check: lint types imports test  ## everything a change must pass

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

bench: $(READY)  ## make bench IMAGE=image.tar [MORE="other.tar --runs 5"]: beside dive, in one run
	$(BIN)/python -m benchmarks image $(IMAGE) $(MORE)

bench-scale: $(READY)  ## make bench-scale [DELETED=NAME-deleted.tar] [MORE="--runs 5"]: as images grow
	$(BIN)/python -m benchmarks scale $(if $(DELETED),--deleted $(DELETED)) $(MORE)

bench-reports: $(READY)  ## make bench-reports IMAGE=image.tar: each report, and all of them, as ratios of --json
	$(BIN)/python -m benchmarks reports $(IMAGE) $(MORE)

bench-explorer: $(READY)  ## make bench-explorer IMAGE=image.tar: the explorer beside dive's, until it can be used
	$(BIN)/python -m benchmarks explorer $(IMAGE) $(MORE)

bench-keys: $(READY)  ## make bench-keys: what each key of the explorer takes, and its memory
	$(BIN)/python -m benchmarks keys $(MORE)

bench-advice: $(READY)  ## make bench-advice [MORE="--base IMAGE"]: each fix built by Docker, beside what it is said to save
	$(BIN)/python -m benchmarks advice $(MORE)

pictures: $(READY)  ## take the pictures of the explorer for README.md and docs/ anew
	$(BIN)/python docs/pictures/make.py

pages: $(READY)  ## run the commands of README.md and docs/ and put their output there
	$(BIN)/python -m docs.findings_page
	$(BIN)/python -m tests.consoles

fixtures: $(READY)  ## make every small archive of fixtures/ anew
	$(BIN)/python -m fixtures.make

$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist src/*.egg-info *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
