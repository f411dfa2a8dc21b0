# `make demo` and `make test` need Python 3.11 or newer and nothing else: each makes .venv and installs into it.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2

.PHONY: demo miniature matrix test lint types layers docs format dataset clean

# Threads that spin while they wait make small models crawl on a machine that has other things to do as well.
demo: $(READY)
	GOMP_SPINCOUNT=2000 $(BIN)/python recipes/miniature.py --config recipes/configs/demo.yaml

# Not a test, since it takes minutes; it fails unless LEMMA beats SFT by far.
miniature: $(READY)
	GOMP_SPINCOUNT=2000 $(BIN)/python recipes/miniature.py --config recipes/configs/miniature_fast.yaml

# Two processes, a file of tests in one piece: most tests use one thread, and their fixtures are shared by file. The
# grader's tests hold deadlines, which a busy neighbor would break; they run by themselves.
test: $(READY)
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --ignore tests/grading
	$(BIN)/python -m pytest tests/grading

# The contract tests with the oldest and the newest libraries, and with those that other tools pin: an hour, and a
# package index. `make matrix CORNERS=oldest` is one of them.
matrix: $(READY)
	$(BIN)/python benchmarks/matrix.py $(CORNERS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

# The site, into site/; a broken link or a public name without a docstring fails.
docs: $(READY)
	$(BIN)/mkdocs build --strict

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The dataset that ships in the wheel; the same settings give the same bytes.
dataset: $(READY)
	$(BIN)/python recipes/make_dataset.py --config recipes/configs/world.yaml
	rm -rf lemma_hf/data/lemma
	cp -r outputs/world lemma_hf/data/lemma

clean:
	rm -rf $(VENV) build outputs site *.egg-info

$(READY): setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "lemma-hf needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@# torch alone and first: left to the resolver, a newer build with several GB of CUDA would come in.
	$(BIN)/python -m pip install --quiet "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)
