# `make demo` and `make test` need Python 3.11 or newer, make and a package index; nothing else.
# The first run of any target installs into .venv; later runs install only what pyproject.toml has gained.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test lint types check bench install clean

VENV := .venv
BIN := $(VENV)/bin

# The first of these that is 3.11 or newer. Plain python3 leads: it is the one whose packages are at hand.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)

# Which torch, in one line. Beside an NVIDIA GPU, plain `torch`: on Linux that is the build with CUDA, some GB.
# Elsewhere one exact version: where pip also sees a CPU build (an index or a folder that has 2.13.0+cpu), it takes
# that one, since `+cpu` sorts above the plain version. Where it cannot be had, plain `torch` is taken after all.
# Your own choice: make install TORCH=torch==2.9.1
TORCH ?= $(if $(shell command -v nvidia-smi 2>/dev/null),torch,torch==2.13.0)

help:  ## Show this list
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "  %-14s%s\n", $$1, $$2}'

demo: $(VENV)/.installed  ## Index a few real photos and search them
	@$(BIN)/python -m ui.demo

test: $(VENV)/.installed  ## Run every test, those that need Chromium where it is installed
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed  ## Check style, layout and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.installed  ## Check types, strictly
	$(BIN)/mypy

check: lint types test  ## lint, types and test

# The photos that a cold start is measured on; your own: make bench PHOTOS=~/Pictures
PHOTOS ?= demo/photos

bench: $(VENV)/.installed $(PHOTOS)  ## Measure embedding, matching and a cold start on this machine
	$(BIN)/python -m benchmarks.embedding
	$(BIN)/python -m benchmarks.matching
	$(BIN)/python -m benchmarks.cold_start --photos $(PHOTOS)

demo/photos: | $(VENV)/.installed
	@$(BIN)/python -c 'from pathlib import Path; from ui.demo import collect_photos; collect_photos(Path("$@"))'

install: $(VENV)/.installed  ## Set up .venv and nothing more

clean:  ## Remove what the other targets made, except .venv
	rm -rf demo dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# Stamps: a file newer than what it depends on means that the step is done.
# torch goes first and alone, so that nothing installed after it brings another one.
$(VENV)/.torch:
	@test -n "$(PYTHON)" || { echo "bridgelens needs Python 3.11 or newer, and none is on PATH." \
		"Install one, or name it: make install PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install "$(TORCH)" || { echo "$(TORCH) cannot be had here; taking plain torch."; \
		$(BIN)/python -m pip install torch; }
	@touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml
	$(BIN)/python -m pip install --editable '.[dev]'
	@touch $@
