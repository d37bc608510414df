# The tags leave out databases that Caddy's standard modules would bring along.
TAGS := nobadger,nomysql,nopgx
PORT ?= 8080
FUZZTIME ?= 1m
TESTFLAGS ?=
BENCHFLAGS ?=
# The race detector is for our code. In SQLite and in password hashes, which are
# others' and pure computation, it takes half of the time of all tests.
UNRACED := -gcflags=modernc.org/...=-race=false -gcflags=golang.org/x/crypto/argon2=-race=false -gcflags=golang.org/x/crypto/blake2b=-race=false
# Some forty test binaries have all of Caddy in them: without symbols for debuggers
# they are linked in two thirds of the time. make lint has vetted them.
LINKED := -ldflags='-s -w' -vet=off
GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOFUMPT := go run mvdan.cc/gofumpt@v0.12.0

.DEFAULT_GOAL := help
.PHONY: help build run xcaddy test faults lint fuzz mutate bench clean

help: ## print this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 16

build: ## make bin/caddy
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -tags $(TAGS) -o bin/caddy ./cmd/caddy

run: build ## start the example with a demo user: PORT=8080
	@PORT=$(PORT) cmd/run/run.sh

xcaddy: ## make bin/caddy with xcaddy, from xcaddy.json
	go run ./cmd/build -o bin/caddy xcaddy.json

test: ## run every test with the race detector, and count them: TESTFLAGS='-run …'
	.ci/deps
	.ci/axe
	.ci/test -race $(UNRACED) $(LINKED) -timeout 15m -tags $(TAGS) $(TESTFLAGS) ./caddymodule/integration ./caddymodule/faults ./... # the longest first

faults: ## put whole gateways into bad weather, half an hour, into docs/faults.md
	.ci/deps
	.ci/test -timeout 90m -tags $(TAGS),faults $(TESTFLAGS) ./caddymodule/faults $(if $(TESTFLAGS),,| go run .ci/faults.go)

lint: build ## check style, the arrows between packages, and common mistakes
	@unformatted=$$($(GOFUMPT) -l .) && if [ -n "$$unformatted" ]; then echo "run gofumpt -w on:"; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	go vet -tags $(TAGS) ./...
	$(GOLANGCI) run ./...
	@if [ -e Caddyfile.example ]; then bin/caddy fmt --diff Caddyfile.example; fi

fuzz: ## run every fuzz target for FUZZTIME=1m
	.ci/fuzz $(FUZZTIME) -tags $(TAGS)

mutate: ## break each rule of docs/mutations.json and see a test fail
	go run ./cmd/mutate -tags $(TAGS)

bench: build ## measure what doorward costs, into docs/benchmarks.md: BENCHFLAGS='-rounds 1 …'
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -tags $(TAGS) -o bin/stock-caddy ./cmd/bench/stock
	go run -tags $(TAGS) ./cmd/bench $(BENCHFLAGS)

clean: ## remove what make build and make run made
	rm -rf bin .doorward
