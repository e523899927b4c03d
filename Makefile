# Everything a developer types. `make` alone prints the verbs.
PYTHON ?= python3
BIN := .venv/bin
MEMBERS := libs/common $(sort $(wildcard services/*))
STAMP := .venv/.installed
SOAK = $(if $(SEED),--seed $(SEED)) $(if $(OUTPUT),--output $(OUTPUT))

.DEFAULT_GOAL := help
.PHONY: help setup demo run backfill test check fmt bench soak faults docs lock screenshot clean
.PHONY: secrets up down logs backup restore compose-check

# What a server is set to stands in .env. Over it: DEMO=1, a simulated market with a project, and so
# volumes, of its own; CLUSTER=1, three brokers. Whoever brings it up with one says so to every verb.
COMPOSE ?= docker compose
SETTINGS = $(wildcard .env) $(if $(DEMO),deploy/demo.env) $(if $(CLUSTER),deploy/cluster.env)
PROJECT = $(COMPOSE) $(addprefix --env-file ,$(SETTINGS))

help: ## print these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv with everything the project needs, hash-checked

$(STAMP): requirements.lock pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS))
	@test -x .tools/bin/uv || ($(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv)
	@test -x $(BIN)/python || .tools/bin/uv venv --quiet --python $(PYTHON) .venv
	@echo "installing the locked requirements …"
	@.tools/bin/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@.tools/bin/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix --editable=,$(MEMBERS))
	@touch $@

# indicators compile once per change of their code; when nothing changed it takes a moment
demo: $(STAMP) ## the whole scanner on a simulated market; CANDLES=folder replays candle files
	@$(BIN)/python -m indicators compile
	@$(BIN)/python -m standalone demo $(if $(CANDLES),--candles "$(CANDLES)")

run: $(STAMP) ## the whole scanner on the live venue: VENUE=binance
	@$(BIN)/python -m indicators compile
	@$(BIN)/python -m standalone run --venue $(or $(VENUE),binance)

secrets: ## draw the passwords of a server, once, into deploy/secrets/
	@deploy/secrets.sh

up: secrets ## build and start the containers and wait until they are healthy; DEMO=1, CLUSTER=1
	$(PROJECT) up --detach --build --wait

down: ## end the containers; everything is kept
	$(PROJECT) --profile '*' down

logs: ## follow what the containers say; SERVICE=planner: one of them
	$(PROJECT) logs --follow --tail 100 $(SERVICE)

backup: ## keep Postgres and the streams in backups/
	@COMPOSE="$(PROJECT)" deploy/backup.sh

restore: ## put a backup in the place of what is there: FROM=backups/…
	@COMPOSE="$(PROJECT)" deploy/restore.sh "$(FROM)"

compose-check: DEMO = 1
compose-check: $(STAMP) ## build the containers and try them by hand: up, scan, restarts, scale, backup; CLUSTER=1
	$(BIN)/python -m tests.compose_check $(SETTINGS)

backfill: $(STAMP) ## history into Postgres: FROM=2024-01 SYMBOLS=BTCUSDT,ETHUSDT TIMEFRAMES=4h,1h TO=… MARKET=live
	@$(BIN)/python -m standalone backfill $(if $(MARKET),--market "$(MARKET)") $(if $(CANDLES),--candles "$(CANDLES)") \
	  $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)") $(if $(SYMBOLS),--symbols "$(SYMBOLS)") \
	  $(if $(TIMEFRAMES),--timeframes "$(TIMEFRAMES)") $(if $(METRICS),--metrics) $(ARGS)

test: $(STAMP) ## all tests, against the real nats-server and Postgres
	@$(BIN)/python -m indicators compile
	$(BIN)/pytest --numprocesses 2 --dist loadgroup $(ARGS)

check: $(STAMP) ## formatting, lint, types, import contracts, stale documents, secrets, advisories
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy libs services tests examples
	$(BIN)/lint-imports
	$(BIN)/python -m common.documentation | diff - docs/messages.md
	$(BIN)/python -m common.bus.accounts | diff - deploy/nats/accounts.conf
	git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --no-verify --baseline .secrets.baseline
	$(BIN)/python -m tests.support.audit

fmt: $(STAMP) ## format and mend what can be mended
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(STAMP) ## measure: ratios against references in the same run
	$(BIN)/python -m tests.bench

soak: $(STAMP) ## simulated time in lockstep: PROFILE=month, week or short; SEED=, OUTPUT=folder
	@$(BIN)/python -m indicators compile
	$(BIN)/python -m tests.soak $(or $(PROFILE),month) $(SOAK)

faults: $(STAMP) ## break one thing after another while it scans; SEED= repeats a run
	@$(BIN)/python -m indicators compile
	$(BIN)/python -m tests.soak faults $(SOAK)

docs: $(STAMP) ## write the generated documents
	$(BIN)/python -m common.documentation docs/messages.md
	$(BIN)/python -m common.bus.accounts deploy/nats/accounts.conf

lock: $(STAMP) ## resolve requirements.lock again
	.tools/bin/uv pip compile $(addsuffix /pyproject.toml,$(MEMBERS)) --all-extras --group dev --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  $(foreach member,$(MEMBERS),--no-emit-package scanner-$(notdir $(member))) -o requirements.lock

screenshot: $(STAMP) ## take the README's picture of a running dashboard
	$(BIN)/python -m tests.support.screenshot --output docs/images/dashboard.png

clean: ## remove environments, caches and the demo's data
	rm -rf .venv .tools .scanner .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
