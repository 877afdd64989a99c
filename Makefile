# The front door of asyncsns. `make` alone prints what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .asyncsns/venv/bin
UV := .asyncsns/tools/bin/uv
KIT := $(PYTHON) -m kit
# Given on the command line (`make up TARGET=...`) they reach the programs; otherwise the last `make up` is remembered.
export TARGET SEED ASYNCSNS_PORT_OFFSET

.PHONY: help up down status logs reset doctor
help: ## print the targets
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{split($$1, name, ":"); printf "  make %-15s %s\n", name[1], $$2}'

up: ## install, start, deploy and seed everything; again: heal and update (ASYNCSNS_PORT_OFFSET=100, SEED=no)
	@$(PYTHON) -m kit.bootstrap

down: ## stop everything, keep the state
	@$(KIT) down

status: ## the processes: pid, uptime, memory, health, URL
	@$(KIT) status

logs: ## the logs of all, or of one: make logs S=edge
	@$(KIT) logs $(S)

reset: ## stop everything and empty the state
	@$(KIT) reset

doctor: ## what is wrong with this machine or with the kit
	@$(KIT) doctor

.PHONY: demo bench load
LANG_OPTION := $(if $(DEMO_LANG),--lang $(DEMO_LANG))
demo: ## the narrated walkthrough in the terminal (DEMO_LANG=ja|en)
	@$(VENV)/python -m kit.demo $(LANG_OPTION)

bench: ## the figures of this tree, as a table and JSON (SUITES="gateway pipeline life posts chat sockets timelines media trust notifications memory startup")
	@$(VENV)/python -m loadtests.bench $(SUITES)

# More to Locust itself by LOCUST="--master" or LOCUST="--worker --master-host 10.0.0.1".
load: ## Locust against the running stack (SCENARIO=mix|posting|search|chat|notifications|calls USERS=20 SECONDS=60)
	@ASYNCSNS_LOAD_SCENARIO=$(or $(SCENARIO),mix) PYTHONPATH=. $(VENV)/locust -f loadtests/locustfile.py --headless --only-summary \
		--users $(or $(USERS),20) --spawn-rate 5 --run-time $(or $(SECONDS),60)s $(LOCUST)

.PHONY: redrive
redrive: ## what was given up and why; give it back: QUEUE=notifications-push or all (DRY_RUN=yes, TARGET=aws)
	@$(VENV)/python -m kit.redrive --target $(or $(TARGET),embedded) $(if $(QUEUE),--queue $(QUEUE)) $(if $(DRY_RUN),--dry-run)

.PHONY: seed install
install: ## install locked packages only, start nothing
	@$(PYTHON) -m kit.bootstrap install

seed: up ## up, and print what the seed made (twice does no more than once)
	@$(VENV)/python -m kit.seed

.PHONY: test test-unit test-infra test-contract test-e2e test-browser test-shuffled test-ui check
# Suites by what they cost; those from contract on need the running network, so they bring it up.
PYTEST := $(VENV)/python -m pytest
# These share nothing but their file: two workers take half the time.
SIDE_BY_SIDE := -n 2 --dist loadfile
SLOWEST := --durations=10 --durations-min=5
STACK_SUITES := $(wildcard tests/e2e tests/browser tests/compose)

test: up test-ui ## all tests, on a fresh machine too: the UI's, then everything pytest has
ifeq ($(strip $(ARGS)),)
	@first=0; second=0; \
	$(PYTEST) $(SLOWEST) $(SIDE_BY_SIDE) $(wildcard tests/unit tests/infra tests/contract) || first=$$?; \
	$(PYTEST) $(SLOWEST) $(STACK_SUITES) || second=$$?; \
	[ $$first = 0 ] || echo "Failures in unit, infra or contract tests too: their summary is above that of the others."; \
	exit $$((first ? first : second))
else
	@$(PYTEST) $(wildcard tests/unit tests/infra tests/contract) $(STACK_SUITES) $(ARGS)
endif

test-unit: install ## the rules; needs no running network, starts processes of its own (minutes)
	@$(PYTEST) -q tests/unit $(ARGS)

test-infra: install ## the wiring of the templates
	@$(PYTEST) tests/infra $(ARGS)

test-contract: up ## the running system against OpenAPI, AsyncAPI and AWS's documents
	@$(PYTEST) tests/contract $(ARGS)

test-e2e: up ## a person's paths through the public API
	@$(PYTEST) tests/e2e $(ARGS)

test-browser: up ## a person's paths in Chromium, with axe
	@$(PYTEST) tests/browser $(ARGS)

test-shuffled: up ## e2e and browser tests in random order (ASYNCSNS_TEST_SEED=… repeats one)
	@$(PYTEST) -p tests.support.shuffle $(wildcard tests/e2e tests/browser) $(ARGS)

test-compose: install ## the network on Docker: build, start, deploy, use, restart (minutes)
	@ASYNCSNS_TEST_COMPOSE=1 $(PYTEST) tests/compose $(ARGS)

test-ui: install ## the UI's own unit tests (vitest)
	@cd frontend-static && npm run --silent test -- --reporter=dot

check: install ## the gate of every change: lint, types, borders, unit and template tests
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@PYTHONPATH=. $(VENV)/lint-imports --no-logo
	@cd frontend-static && npm run --silent check
	@$(PYTEST) -q $(wildcard tests/unit tests/infra) $(ARGS)

.PHONY: deploy named-target clean
deploy: named-target install ## deploy to AWS with the account of your environment: make deploy TARGET=aws
	@$(VENV)/python -m kit.deploy all --target $(TARGET)

# Before anything is installed: an app without a target is the embedded one, which is not for an account.
named-target:
	@test -n "$(TARGET)" || { echo "make deploy: TARGET is missing, expected aws. Say: make deploy TARGET=aws" >&2; exit 2; }

clean: ## stop everything and remove all that was installed and built; the state goes too
	@$(KIT) clean

.PHONY: api
api: install ## describe the API anew: docs/openapi.json, docs/api.md, docs/asyncapi.json and the UI's types
	@$(VENV)/python -m services.openapi
	@$(VENV)/python -m services.asyncapi
	@node tools/api-types/generate.mjs

.PHONY: lock
# botocore and boto3 are in the Lambda runtime: the layers leave them out.
RUNTIME_HAS := --no-emit-package boto3 --no-emit-package botocore --no-emit-package s3transfer --no-emit-package jmespath
LOCK := pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: ## write requirements/*.txt anew from the *.in files
	for name in tools project emulator compose-plugin; do $(UV) $(LOCK) requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	for name in layer-api layer-search layer-push layer-media layer-redis layer-signing layer-video; do $(UV) $(LOCK) $(RUNTIME_HAS) requirements/$$name.in -o requirements/$$name.txt || exit 1; done

.PHONY: search-node search-contract reindex
reindex: install ## every search index anew from the tables, with a progress bar and no downtime (TARGET=aws for your account)
	@$(VENV)/python -m kit.reindex --target $(or $(TARGET),embedded)

search-node: install ## a real OpenSearch node beside the embedded engine, from Maven Central (Java 17, Maven; Ctrl-C ends it)
	@$(VENV)/python -m kit.opensearch_node run

search-contract: install ## one search contract, two columns: the embedded engine and a real OpenSearch node
	@$(VENV)/python -m kit.opensearch_node contract

.PHONY: bench-search
bench-search: install ## figures of search on both engines, and how alike they rank (POSTS=100000)
	@$(VENV)/python -m loadtests.bench.search --posts $(or $(POSTS),100000)
