# Everything a checkout needs, and nothing installed by hand: each target makes its own .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Compiled modules are kept, whatever the shell says: without them a worker takes 7 s of CPU to start instead of 1.
export PYTHONDONTWRITEBYTECODE :=
READY  := $(VENV)/.installed

.PHONY: install demo test soak bench quality docs dashboards lint image-check clean

install: $(READY)

# uv takes a sixth of pip's time; where it cannot be had, or finds no index, pip does the same.
$(READY): pyproject.toml constraints.txt $(wildcard streams/compiled/*.[ch]) streams/compiled/build.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt uv \
	  && VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install -q -c constraints.txt -e '.[dev]' \
	  || $(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

# PAGES=FILE runs the same on your own pages, SOURCES=FILE follows your own feeds.
demo: install
	$(BIN)/rafid demo $(if $(PAGES),--pages $(PAGES)) $(if $(SOURCES),--sources $(SOURCES))

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Each process has servers of its own, which the tests that it is given share (tests/conftest.py).
test: lint
	$(BIN)/pytest -m 'not soak' -n 2
	$(BIN)/pytest -q --doctest-modules $$(grep -rl --include=*.py '>>> ' producers streams indexing deploy)

soak: install
	$(BIN)/pytest -m soak --timeout 7200

# make bench measures every part, make bench whole only the pipeline as a whole; bench-history.jsonl keeps each row.
ifeq (bench,$(firstword $(MAKECMDGOALS)))
PARTS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
ifneq (,$(PARTS))
.PHONY: $(PARTS)
$(PARTS): bench ; @:
endif
endif

bench: install
	$(BIN)/python -m tests.bench $(PARTS)

# Figures of splitting and of telling copies, by site, kind and rule, and each error with its text: quality.html.
quality: install
	$(BIN)/python -m tests.quality

# The documentation as a site, in site/; it warns of nothing, or fails.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Previews of the Kibana dashboards into docs/kibana, from the saved objects and the demonstration's data.
dashboards: install
	$(BIN)/python -m tests.previews

# The image's build steps without an engine, and its Dockerfile under a linter.
image-check: install
	$(BIN)/pytest -q tests/unit/deploy/test_image.py tests/integration/deploy/test_image.py

clean:
	rm -rf $(VENV) streams/compiled/*.so .pytest_cache .mypy_cache .ruff_cache .hypothesis site
