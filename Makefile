# One line each into the Python below; `make` alone says what there is.
SITE ?= local
CONTEXT ?=
ARGS ?=
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help up down status plan diff draw check journey test lint format bench venv pulumi

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1\t/' | expand -t 18

up: venv  ## bring the site SITE up (default: local, on a disposable Kubernetes on this machine)
	@$(PYTHON) -m stacks up $(SITE) $(if $(CONTEXT),--context $(CONTEXT)) $(ARGS)

down: venv  ## take SITE down; homes and what else it keeps stay (ARGS=--everything: nothing stays)
	@$(PYTHON) -m stacks down $(SITE) $(if $(CONTEXT),--context $(CONTEXT)) $(ARGS)

status: venv  ## what SITE is, and who is working on it
	@$(PYTHON) -m stacks status $(SITE) $(ARGS)

plan: venv  ## what `up` would declare for SITE, without contacting anything
	@$(PYTHON) -m stacks plan $(SITE) $(ARGS)

diff: venv  ## what the working tree would do to every site, compared with where the branch left main
	@$(PYTHON) -m stacks diff $(ARGS)

draw: venv  ## a picture of SITE (ARGS="--base main" colours what changed since)
	@$(PYTHON) -m stacks draw $(SITE) $(ARGS)

check: venv  ## check every site file
	@$(PYTHON) -m stacks check $(ARGS)

journey: venv  ## a user's day on SITE, over real HTTP
	@$(PYTHON) -m stacks journey $(SITE) $(ARGS)

test: venv  ## everything: lint, unit tests, then the real cluster, journeys and browser
	@$(PYTHON) -m tests.run $(ARGS)

lint: venv  ## ruff and pyright
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check . && $(PYTHON) -m pyright

format: venv  ## put the code into its one form
	@$(PYTHON) -m ruff check --fix . && $(PYTHON) -m ruff format .

bench: venv  ## figures: plan, up, spawn, memory, each beside its floor
	@$(PYTHON) -m tests.bench $(ARGS)

venv: .venv/.ready  ## the Python environment in .venv

.venv/.ready: requirements.txt requirements-dev.txt constraints.txt
	@sh infra/venv.sh

pulumi: venv  ## install the pinned Pulumi CLI, where the network allows
	@$(PYTHON) -m stacks install-pulumi
