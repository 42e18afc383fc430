# SPDX-License-Identifier: MIT
# Everything a developer runs. Each target prepares what it needs: a fresh machine needs only Python 3.11+ and make.
#   make demo | test | lint | bench | runtime | lock | clean      (PYTHON=/path/to/python3.12 chooses the interpreter)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# Tests and demo start many processes; without byte code each would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

# Stamps are named after the content they stand for, so a new clone time or a touched file installs nothing.
sum = $(shell cat $(1) | cksum | cut -d' ' -f1)
LOCKED := $(VENV)/.locked-$(call sum,requirements/dev.txt)
PROJECT := $(VENV)/.project-$(call sum,requirements/dev.txt pyproject.toml hatch_build.py)
BENCH := $(VENV)/.bench-$(call sum,requirements/bench.txt)
ZIG := $(VENV)/.zig-$(call sum,requirements/runtime.txt)
PIP := $(PY) -m pip --disable-pip-version-check --quiet install
COMPILER := $(VENV)/.assemblyscript-$(call sum,attenuators/assemblyscript/pinned.py)
# Installing must never look at the index for something the lock does not name.
FROM_LOCK := $(PIP) --require-hashes --no-deps -r

.PHONY: race-campaign help demo test lint format check package-test bench bench-lua bench-assemblyscript lua-campaign gc-stress lua-memory engine-campaigns corpus truth mutants runtime runtime-check lock clean environment

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(PY):
	@test -n "$(PYTHON)" || { echo "munition needs Python 3.11 or newer on the PATH (or PYTHON=...)" >&2; exit 1; }
	@echo "making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv "$(VENV)"

$(LOCKED): | $(PY)
	@echo "installing the locked development environment"
	@$(FROM_LOCK) requirements/dev.txt
	@rm -f $(VENV)/.locked-*; touch $@

$(PROJECT): $(LOCKED)
	@$(PIP) --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.project-*; touch $@

$(BENCH): $(PROJECT)
	@echo "installing the peers of the benchmarks"
	@$(FROM_LOCK) requirements/bench.txt
	@rm -f $(VENV)/.bench-*; touch $@

$(ZIG): $(PROJECT)
	@echo "installing the C compiler of the guest runtime"
	@$(FROM_LOCK) requirements/runtime.txt
	@rm -f $(VENV)/.zig-*; touch $@

$(COMPILER): $(PROJECT)
	@echo "bringing the AssemblyScript compiler"
	@$(BIN)/munition setup assemblyscript
	@rm -f $(VENV)/.assemblyscript-*; touch $@

## make environment    create .venv from the lock, with this project in editable form
environment: $(PROJECT)

## make demo           compile and fire a few of examples/, and show a denied and an endless script
demo: $(COMPILER)
	@$(PY) examples/demo.py

## make test           linters, types, tests, packages; CI runs this and runtime-check
test: lint check package-test

## make check          the test suite alone
check: $(COMPILER)
	$(PY) -m pytest -q -n auto --maxprocesses 4 -m "not package and not nightly"

## make package-test   wheel, sdist and editable installs in clean environments
package-test: $(PROJECT)
	$(PY) -m pytest -q -m package tests

## make lint           ruff, format, mypy --strict, pyright strict, import directions
lint: $(PROJECT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	$(BIN)/lint-imports --no-logo

## make format         rewrite the sources as the formatter wants them
format: $(PROJECT)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

## make bench          ratios against the peers: table, plot and JSON under bench/results
bench: $(BENCH)
	$(PY) -m bench.run

## make bench-lua      twenty Lua programs against native Lua 5.4, LuaJIT and others that are installed: bench/results/lua.md
bench-lua: $(BENCH)
	$(PY) -m bench.lua.run --against munition,JIT,wasm

## make bench-assemblyscript  compiling beside the compiler's own interface, and the result beside Lua, native Lua and V8
bench-assemblyscript: $(BENCH) $(COMPILER)
	$(PY) -m bench.assemblyscript.run

## make corpus         bring the published modules the analyzer is measured on (reaches package registries)
corpus: $(PROJECT)
	$(PY) -m tests.corpus.fetch

## make lua-campaign   random programs against the reference implementation of Lua (SECONDS=3600, SEED=1)
lua-campaign: $(PROJECT)
	$(PY) -m tests.support.campaign --seconds $(or $(SECONDS),3600) --seed $(or $(SEED),1)

## make gc-stress      all Lua tests with modules that collect garbage at every allocation
gc-stress: $(PROJECT)
	GC_STRESS=1 $(PY) -m pytest -q -n auto --maxprocesses 4 -m "not package and not nightly" tests/programs tests/unit/runtime \
		tests/unit/runtime_lib tests/attacks/lua tests/properties/test_lua_differential.py

## make lua-memory     100 GB allocated in total within a limit of 16 MiB (half an hour)
lua-memory: $(PROJECT)
	$(PY) -m pytest -q -s -m nightly tests/programs/test_memory.py

## make truth          precision, recall and speed of the analyzer, on shapes and on the corpus if it is there
truth: $(PROJECT)
	$(PY) -m tests.corpus.measure

## make race-campaign  60 seconds of symbolic links that are swapped while files are opened through them
race-campaign: $(PROJECT)
	$(PY) -m tests.campaigns.links 60

## make engine-campaigns  100,000 random modules, 100,000 fires with host exceptions, 1,000,000 fires of all ends
engine-campaigns: $(PROJECT)
	MUNITION_CACHE= $(PY) -m tests.campaigns.engine modules --count 100000
	MUNITION_CACHE= $(PY) -m tests.campaigns.engine faults --count 100000
	MUNITION_CACHE= $(PY) -m tests.campaigns.engine soak --count 1000000

## make mutants        two minutes of damaged modules and components for the analyzer
mutants: $(PROJECT)
	$(PY) -m tests.corpus.mutate

## make runtime        rebuild the guest runtime from C (munition/runtime)
runtime: $(ZIG)
	$(PY) -m munition.runtime.build

## make runtime-check  rebuild it elsewhere and compare with the shipped one, byte for byte
runtime-check: $(ZIG)
	$(PY) -m munition.runtime.build --check

## make lock           resolve the newest versions into requirements/*.txt (reaches the package index)
lock: $(PROJECT)
	$(PIP) uv
	for extra in dev bench runtime assemblyscript assemblyscript-v8 http; do \
		$(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --no-header --no-annotate \
			--extra $$extra -o requirements/$$extra.txt pyproject.toml; done

## make clean          remove what was built (the environment included)
clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
