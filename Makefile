# PumpLedger. Two commands: `make demo` shows the main job, `make test` runs the tests.
# Both install what they need on a Debian 12 with Swift 6.3.

SHELL := /bin/bash
SWIFT := swift
PROGRAMS := pumpledger pumpledgerd pumpsim

.PHONY: help build test torture test-usb test-deb demo bench peers peers-full lint format man udev deb deps clean

help:
	@echo "make demo    two simulated pumps, the daemon, a pulled cable, and a month from raw bytes to a number and back"
	@echo "make test    every test (installs what is missing)"
	@echo "make torture  power cuts, kills, failing disks, each with a control that must lose (TORTURE_SIZE=release: hours)"
	@echo "make test-usb  simulated USB pumps in front of a stock Debian kernel in QEMU: plug, yank, replug, counts equal"
	@echo "make build   release programs in .build/release"
	@echo "make bench   speed and memory, as ratios against named peers"
	@echo "make peers   other people's readers read the simulated pumps (peers-full: the whole ring, every model)"
	@echo "make man     man pages and completions in .build/man and .build/completions"
	@echo "make deb     a Debian package in .build-deb; its programs need no Swift"
	@echo "make test-deb   installs it in a Debian 12 guest, plugs pumps into that, pulls them, restarts, cuts the power"
	@echo "make lint    format and source checks"

deps:
	@scripts/install-dependencies

build: deps
	@echo "== release programs (the first build takes some minutes)"
	@for program in $(PROGRAMS); do $(SWIFT) build -c release --product $$program || exit 1; done

lint:
	@scripts/lint

format:
	@$(SWIFT) format -i -r --parallel Package.swift Sources Simulator Tests

test: deps lint
	@scripts/test

torture: deps
	@scripts/torture

test-usb: deps
	@for program in $(PROGRAMS); do $(SWIFT) build --product $$program || exit 1; done
	@scripts/test-usb

demo: build
	@scripts/demo

bench: build
	@scripts/bench

peers: build
	@python3 Tests/Peers/peers.py --pumpsim .build/release/pumpsim

peers-full: build
	@python3 Tests/Peers/peers.py --pumpsim .build/release/pumpsim --full

man: build
	@scripts/man $(PROGRAMS)

udev: build
	@scripts/print-driver-table

deb: deps
	@scripts/deb

test-deb: deps
	@scripts/test-deb

clean:
	rm -rf .build .build-*
