# All commands of asyncsns. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .asyncsns/venv/bin
UV := .asyncsns/tools/bin/uv
KIT := $(PYTHON) -m kit.bootstrap kit
# Exported when set on the command line (`make up TARGET=...`); otherwise the values of the last `make up` apply.
export TARGET SEED TURN SFU SEARCH ASYNCSNS_PORT_OFFSET
# $(call flag,DRY_RUN,--dry-run): the second argument when the variable is yes, empty when it is no or unset.
flag = $(if $(filter-out yes no,$($(1)))$(word 2,$($(1))),$(error $(1): expected yes or no, got '$($(1))'),$(if $(filter yes,$($(1))),$(2)))
# Some containers set it. Without cached bytecode each test worker compiles every library again, which takes ten seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help up down status logs reset doctor
help: ## print the targets
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{split($$1, name, ":"); printf "  make %-15s %s\n", name[1], $$2}'

up: ## install, start, deploy and seed everything; run again: repair and update (ASYNCSNS_PORT_OFFSET=100, SEED=no, TURN=yes, SFU=yes, SEARCH=node, EMULATOR=localstack)
	@$(PYTHON) -m kit.bootstrap

down: ## stop everything, keep the state
	@$(KIT) down

status: ## the processes: pid, uptime, memory, health, URL
	@$(KIT) status

logs: ## the logs of all, or of one: make logs S=edge
	@$(KIT) logs $(S)

reset: ## stop everything and empty the state
	@$(KIT) reset

.PHONY: save load-state saves
save: ## save the state under a name (NAME=full); the network stops for it and starts again (REPLACE=yes: in place of an earlier one)
	@$(KIT) save "$(NAME)" $(call flag,REPLACE,--replace)
	@$(MAKE) up SEED=no

load-state: ## restore a saved state (NAME=full) in place of the current one; the network starts again
	@$(KIT) load-state "$(NAME)"
	@$(MAKE) up SEED=no

saves: ## the saved states
	@$(KIT) saves

doctor: ## problems of this machine, the kit or the state, and damage that was repaired
	@$(KIT) doctor

.PHONY: demo demo-check bench load
LANG_OPTION := $(if $(DEMO_LANG),--lang $(DEMO_LANG))
demo: ## the narrated walkthrough in the terminal (DEMO_LANG=ja|en); BROWSER=yes: in the browser (MINUTES=5|15|30, STEPS=yes, RESET=yes)
	@$(VENV)/python -m $(if $(call flag,BROWSER,yes),kit.demo.browser $(if $(MINUTES),--minutes $(MINUTES)) $(call flag,STEPS,--steps) $(call flag,RESET,--reset),kit.demo) $(LANG_OPTION)

demo-check: ## every scene of the browser demo, without windows and without pauses; writes its report
	@$(VENV)/python -m kit.demo.browser --check $(LANG_OPTION)

.PHONY: picture
picture: ## draw README's first screen from the running network: docs/screen.svg and docs/screen.ja.svg
	@$(VENV)/python -m kit.picture

.PHONY: drill
drill: ## inject a failure and check the result: make drill lists the drills, NAME=gateway-stops runs one, NAME=all every short one (DEMO_LANG=ja|en)
	@$(VENV)/python -m kit.drills $(NAME) $(LANG_OPTION)

bench: ## the figures of this tree, as a table and JSON; AGAINST=<commit> compares both in turns (ROUNDS=5, SUITES="gateway crowds pipeline life posts chat calls live rooms sockets timelines media trust traces console notifications memory doors durability emulators dev startup")
	@$(VENV)/python -m loadtests.bench $(if $(AGAINST),--against $(AGAINST) --rounds $(or $(ROUNDS),5),$(SUITES))

# More options for Locust itself: LOCUST="--master" or LOCUST="--worker --master-host 10.0.0.1".
load: ## Locust against the running stack, with a report (SCENARIO=mix|browsing|chat|groups|effects|media|calls USERS=20 SECONDS=60 SHAPE=ramp|spike|soak AGAINST=<report json> WEB=yes TARGET=aws)
	@$(VENV)/python -m loadtests --target "$(or $(TARGET),embedded)" --confirm "$(CONFIRM)" --scenario $(or $(SCENARIO),mix) \
		--users $(or $(USERS),20) --seconds $(or $(SECONDS),60) --shape "$(SHAPE)" --against "$(AGAINST)" \
		$(call flag,WEB,--web) $(LANG_OPTION) --locust="$(LOCUST)"

.PHONY: parity
parity: install ## the end-to-end suite and a load on each available target, one after the other; writes docs/parity.md (PLACES="embedded compose")
	@$(VENV)/python -m loadtests.parity $(PLACES)

.PHONY: crash
crash: ## kill, stop and damage the running network under traffic, then count the acknowledged writes that are lost (SEED=1 ROUNDS=10 FAULTS="pair damage")
	@$(VENV)/python -m loadtests.crash --seed $(or $(filter-out no yes,$(SEED)),1) --rounds $(or $(ROUNDS),10) $(if $(FAULTS),--faults $(FAULTS))

.PHONY: access-logs
access-logs: ## queries on the access logs: cache hits, slow and failing paths, bytes, bots, callers near the rate rule (HOURS=24, QUESTION="hit-ratio bots", DEMO_LANG=ja|en)
	@$(VENV)/python -m kit.access_logs $(QUESTION) $(if $(HOURS),--hours $(HOURS)) $(LANG_OPTION)

.PHONY: redrive
redrive: ## dead-lettered messages with their reasons; re-queue them: QUEUE=notifications-push or all (DRY_RUN=yes, TARGET=aws)
	@$(VENV)/python -m kit.redrive --target $(or $(TARGET),embedded) $(if $(QUEUE),--queue $(QUEUE)) $(call flag,DRY_RUN,--dry-run)

.PHONY: seed install
install: ## install locked packages only, start nothing
	@$(PYTHON) -m kit.bootstrap install

seed: up ## make up, and print what the seed created (safe to run twice)
	@$(VENV)/python -m kit.seed

.PHONY: test test-long test-unit test-infra test-security test-contract test-e2e test-browser test-shuffled test-compose test-compose-localstack test-versions test-interrupts test-ui check
# Suites, cheapest first; contract and later ones need the running network, so they start it.
PYTEST := $(VENV)/python -m pytest
# Test files are independent, so two workers take half the time. Tests marked `alone` disturb others on the running
# network (they kill its processes, or wait until it is idle), so they run last, one by one. Tests marked `long` have
# their own command.
SIDE_BY_SIDE := -n 2 --dist loadfile
# Files go to the workers in the order of the command, not by their number of tests: unit tests come last, whose files are
# short, so that neither worker waits for a long file of the other.
IN_ORDER := $(SIDE_BY_SIDE) --no-loadscope-reorder
# Unit tests need none of the other installed plugins; loading them takes a second in each of the three processes.
FEW_PLUGINS := PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTEST_PLUGINS=xdist.plugin,pytest_asyncio.plugin,pytest_timeout,_hypothesis_pytestplugin
SLOWEST := --durations=10 --durations-min=5
STACK_SUITES := $(wildcard tests/e2e tests/browser tests/compose tests/drills)

test: up test-ui ## all tests, on a fresh machine too: the UI's, then all of pytest's
ifeq ($(strip $(ARGS)),)
	@first=0; second=0; third=0; \
	$(PYTEST) $(SLOWEST) $(IN_ORDER) -m "not long" $(wildcard tests/contract tests/infra tests/security tests/unit) || first=$$?; \
	$(PYTEST) $(SLOWEST) $(SIDE_BY_SIDE) -m "not long and not alone" $(STACK_SUITES) || second=$$?; \
	$(PYTEST) $(SLOWEST) -m "alone and not long" $(STACK_SUITES) || third=$$?; \
	[ $$((first + second)) = 0 ] || echo "There are failures further up too: each suite has its own summary."; \
	exit $$((first ? first : second ? second : third))
else
	@$(PYTEST) $(wildcard tests/unit tests/infra tests/security tests/contract) $(STACK_SUITES) $(ARGS)
endif

test-long: up ## tests that take minutes and are left out of `make test`
	@$(PYTEST) $(SLOWEST) -m long tests $(ARGS)

test-unit: install ## unit tests; they start no process and need no running network
	@$(FEW_PLUGINS) $(PYTEST) -q $(SIDE_BY_SIDE) tests/unit $(ARGS)

test-infra: install ## tests of the CloudFormation templates
	@$(PYTEST) tests/infra $(ARGS)

test-security: install ## every route called by every kind of person, hostile input, schemathesis (ASYNCSNS_FUZZ_EXAMPLES=50 searches longer)
	@ASYNCSNS_HOSTILE_SHARE=1 $(PYTEST) $(SLOWEST) $(SIDE_BY_SIDE) tests/security $(ARGS)

test-contract: up ## the contexts on the emulator; the running system compared with OpenAPI, AsyncAPI and AWS's documents
	@$(PYTEST) $(SLOWEST) $(SIDE_BY_SIDE) tests/contract $(ARGS)

test-e2e: up ## user journeys through the public API
	@$(PYTEST) tests/e2e $(ARGS)

test-browser: up ## user journeys in Chromium, with axe
	@$(PYTEST) tests/browser $(ARGS)

test-shuffled: up ## e2e and browser tests in random order (ASYNCSNS_TEST_SEED=… repeats one)
	@$(PYTEST) -p tests.support.shuffle $(wildcard tests/e2e tests/browser) $(ARGS)

test-versions: install ## `make up` and `make smoke` in copies with Python 3.11 to 3.13 and Node 20 to 24; names missing versions (minutes)
	@$(PYTEST) -m long tests/contract/test_versions.py $(ARGS)

test-interrupts: install ## interrupt `make up`, `down` and `reset` at random moments in a copy; the next `make up` must repair it (ASYNCSNS_TEST_SEED=1 ASYNCSNS_TEST_ROUNDS=4)
	@$(PYTEST) -m long tests/contract/test_interrupted_commands.py $(ARGS)

test-compose: install ## the network on Docker: build, start, deploy, use, restart (minutes)
	@ASYNCSNS_TEST_COMPOSE=1 $(PYTEST) tests/compose $(ARGS)

test-compose-localstack: install ## the network on Docker with LocalStack in place of MiniStack: two people use it (minutes)
	@ASYNCSNS_TEST_COMPOSE=localstack $(PYTEST) tests/compose/test_localstack.py $(ARGS)

test-ui: install ## the UI's own unit tests (vitest)
	@cd frontend-static && npm run --silent test -- --reporter=dot

check: install ## the gate for every change: lint, types, import contracts, unit and template tests
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@PYTHONPATH=. $(VENV)/lint-imports --no-logo
	@cd frontend-static && npm run --silent check
	@$(PYTEST) -q $(IN_ORDER) $(wildcard tests/infra tests/unit) $(ARGS)

.PHONY: mutants
mutants: .asyncsns/venv-mutants/made-from.txt ## mutation testing: list the small code changes that no unit test detects: PACKAGE="common/wire+entry chat pump" or all (thousands, a few a second; run again to continue) WORKERS=1
	@$(VENV)/python -m kit.mutants $(if $(WORKERS),--children $(WORKERS)) $(PACKAGE)

.asyncsns/venv-mutants/made-from.txt: requirements/mutants.txt | install
	@$(UV) venv -q --clear --python $(VENV)/python .asyncsns/venv-mutants
	@$(UV) pip install -q --require-hashes -r requirements/mutants.txt --python .asyncsns/venv-mutants/bin/python
	@cp requirements/mutants.txt $@

.PHONY: deploy named-target clean
deploy: named-target install ## deploy to AWS with the credentials of your environment: make deploy TARGET=aws
	@$(VENV)/python -m kit.deploy all --target $(TARGET)

# Checked before anything is installed: without a target the app is the embedded one, which cannot be deployed to AWS.
named-target:
	@test -n "$(TARGET)" || { echo "make $(firstword $(MAKECMDGOALS)): TARGET is missing, expected aws. Say: make $(firstword $(MAKECMDGOALS)) TARGET=aws" >&2; exit 2; }

clean: ## stop everything and remove everything installed and built, and the state
	@$(KIT) clean

.PHONY: api
api: install ## regenerate the description of the API: docs/openapi.json, docs/api.md, docs/asyncapi.json and the UI's types
	@$(VENV)/python -m services.openapi
	@$(VENV)/python -m services.asyncapi
	@$(VENV)/python -m services.calls.table
	@node tools/api-types/generate.mjs

.PHONY: access
access: install ## write docs/access.md: the rights of each role on AWS
	@$(VENV)/python -m infra.access.page

.PHONY: dev debug
dev: ## update the running network on every save in services/ and frontend-static/ (Ctrl-C ends it)
	@$(VENV)/python -m kit.dev

debug: .asyncsns/venv-debug/bin/python ## make a function wait for a debugger: make debug FN=post (port 5678 or DEBUG_PORT; .vscode/launch.json attaches)
	@$(VENV)/python -m kit.debug $(FN) --port $(or $(DEBUG_PORT),5678)

.asyncsns/venv-debug/bin/python: requirements/debug.txt | install
	@$(UV) venv -q --clear --python $(VENV)/python .asyncsns/venv-debug
	@$(UV) pip install -q --require-hashes -r requirements/debug.txt --python $@
	@touch $@

.PHONY: new-context
new-context: ## create a context from the worked example of the docs: make new-context NAME=recipes (ONE=story: an irregular singular)
	@$(VENV)/python -m kit.new_context "$(NAME)" $(if $(ONE),--one "$(ONE)")

.PHONY: audit
audit: install ## known vulnerabilities, secrets in the tree, licences; lists sources that could not be reached (exit code 2)
	@test -x .asyncsns/venv-audit/bin/pip-audit || { $(UV) venv -q .asyncsns/venv-audit && \
		$(UV) pip install -q --require-hashes -r requirements/audit.txt --python .asyncsns/venv-audit/bin/python; }
	@$(VENV)/python -m kit.audit

.PHONY: restore
restore: install ## copy items that the system's table lacks from a restored table: TABLE=posts SOURCE=asyncsns-posts-restored (DRY_RUN=yes, TARGET=aws)
	@$(VENV)/python -m kit.restore --target $(or $(TARGET),embedded) --table "$(TABLE)" --source "$(SOURCE)" --only "$(ONLY)" $(call flag,DRY_RUN,--dry-run)

.PHONY: export-people
export-people: install ## the accounts of the user pool, as JSON lines in .asyncsns/exports: Cognito has no backup (TARGET=aws)
	@$(VENV)/python -m kit.people_export --target $(or $(TARGET),embedded)

.PHONY: diff teardown smoke
diff: install ## show what a deployment would change: make diff TARGET=aws (without TARGET: the running network)
	@$(VENV)/python -m kit.deploy diff --target $(or $(TARGET),embedded)

teardown: named-target install ## list what would be deleted of an AWS deployment and what is kept; CONFIRM=yes deletes it: make teardown TARGET=aws
	@$(VENV)/python -m kit.teardown --target $(TARGET) --confirm "$(CONFIRM)"

smoke: install ## two people use a deployment for a minute and delete their accounts (TARGET=aws: with your credentials)
	@$(VENV)/python -m kit.smoke --target $(or $(TARGET),embedded)

.PHONY: token
token: ## an access token to call the API with: LOGIN=olivia, or an address with its ASYNCSNS_LOGIN_PASSWORD (TARGET=aws)
	@$(VENV)/python -m kit.access_token --login "$(LOGIN)" --target $(or $(TARGET),embedded)

.PHONY: cost
cost: install ## the AWS cost for 0 to 10 million daily users: docs/cost.md (MEASURE=yes: measure the running stack first)
	@$(VENV)/python -m loadtests.cost $(call flag,MEASURE,--measure)

.PHONY: synth check-templates
synth: install ## the templates of a target in .asyncsns/synth, without an account: make synth TARGET=aws (or embedded)
	@$(VENV)/python -m kit.deploy.synth --target $(or $(TARGET),aws)

CHECKERS := .asyncsns/venv-template-checks
check-templates: install ## check the AWS templates with cfn-lint, checkov and parliament, and the workflows with a schema; quick when unchanged
	@cmp -s requirements/template-checks.txt $(CHECKERS)/made-from.txt || { rm -rf $(CHECKERS) && $(UV) venv -q $(CHECKERS) && \
		$(UV) pip install -q --require-hashes -r requirements/template-checks.txt --python $(CHECKERS)/bin/python && \
		cp requirements/template-checks.txt $(CHECKERS)/made-from.txt; }
	@$(VENV)/python -m kit.template_checks

.PHONY: lock
# The Lambda runtime contains botocore and boto3, so the layers omit them.
RUNTIME_HAS := --no-emit-package boto3 --no-emit-package botocore --no-emit-package s3transfer --no-emit-package jmespath
LOCK := pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: ## rewrite requirements/*.txt from the *.in files
	for name in tools project kit emulator compose-plugin audit debug mutants template-checks node-22 node-24; do $(UV) $(LOCK) requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	$(UV) pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.13 --exclude-newer 2026-02-27 requirements/localstack.in -o requirements/localstack.txt
	for name in layer-api layer-search layer-push layer-media layer-redis layer-signing layer-video; do $(UV) $(LOCK) $(RUNTIME_HAS) requirements/$$name.in -o requirements/$$name.txt || exit 1; done

.PHONY: search-node search-contract reindex
reindex: install ## rebuild every search index from the tables, with a progress bar and no downtime (TARGET=aws for your account)
	@$(VENV)/python -m kit.reindex --target $(or $(TARGET),embedded)

.PHONY: verify rebuild
verify: install ## compare counters, timelines, notifications and the index with the source tables, list differences (WHAT="counters search", TARGET=aws)
	@$(VENV)/python -m kit.derived verify --target $(or $(TARGET),embedded) $(if $(WHAT),--what $(WHAT))

rebuild: install ## repair what `make verify` lists: WHAT="timelines counters notifications search" (DRY_RUN=yes, TARGET=aws)
	@$(VENV)/python -m kit.derived rebuild --target $(or $(TARGET),embedded) $(if $(WHAT),--what $(WHAT)) $(call flag,DRY_RUN,--dry-run)

search-node: install ## a real OpenSearch node beside the embedded engine, from Maven Central (Java 17, Maven; Ctrl-C ends it)
	@$(VENV)/python -m kit.opensearch_node run

search-contract: install ## one search contract against the embedded engine and a real OpenSearch node
	@$(VENV)/python -m kit.opensearch_node contract

.PHONY: bench-search
bench-search: install ## search figures of both engines, and how similarly they rank (POSTS=100000)
	@$(VENV)/python -m loadtests.bench.search --posts $(or $(POSTS),100000)
