# twc-bridge: `make help` lists what there is. Everything is installed into this folder.

PYTHON ?= python3
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
UMQTT := build/umqtt/simple.py

# What simulator/options.py and the tools read; given as `make run BROKER=...` or in the environment.
export BROKER SLAVES HTTP DAY SPEED SUN SERIAL CONFIG NEW HEAP MICROPYTHON

# $(call need,goal,NAME,sentence): stop before anything is done when the goal lacks this variable.
need = $(if $(filter $(1),$(MAKECMDGOALS)),$(if $(strip $($(2))),,$(error $(2) is missing: $(3))))
$(call need,deploy,PORT,name the serial port of the board as in make deploy PORT=/dev/ttyUSB0)
$(call need,flash,PORT,name the serial port of the board as in make flash PORT=/dev/ttyUSB0 IMAGE=file.bin)
$(call need,flash,IMAGE,name the MicroPython image (ESP32_GENERIC from micropython.org) as in make flash PORT=/dev/ttyUSB0 IMAGE=file.bin)

# make test runs three processes. Tests that only compute give way to the others, and those with a
# browser, one after the other, to those with simulated lines in real time, side by side in one.
LINES := $(sort $(shell grep -l '"firmware_bench"' host_tests/test_*.py))
CALM := host_tests/pure host_tests/test_gate_properties.py host_tests/test_questions_properties.py \
	host_tests/test_fuzz.py $(wildcard host_tests/test_bench_*.py host_tests/test_simulator_referee*.py) \
	host_tests/test_pure_micropython.py host_tests/test_virtual_world.py

.DEFAULT_GOAL := help
.PHONY: help run test test-ha lint format docs screenshots bench deploy flash setup clean distclean
# A failed recipe leaves no half-written target behind.
.DELETE_ON_ERROR:

help:
	@echo 'make run      the firmware on this machine: broker, wall connectors, cars and a sun, simulated'
	@echo '   BROKER=host:port   use this MQTT broker         SLAVES=0..5   wall connectors (2)'
	@echo '   HTTP=port          of the page (8080)           SUN=off       you publish the surplus'
	@echo '   DAY=file.csv       seconds,solar_w,house_w      SPEED=n       times as fast (a DAY: 1, else 20)'
	@echo '   SERIAL=/dev/...    a real line (or a pty), no simulated connectors and, without DAY, no sun'
	@echo '   CONFIG=file.json   in place of the one of the bench (32 A, short times)'
	@echo '   NEW=on             a board that nobody has set up yet: its page asks for Wi-Fi and all else'
	@echo '   MICROPYTHON=path   another unix port of MicroPython, where the package index has none'
	@echo '   HEAP=size          of MicroPython (112wK, what an ESP32 has without taking from its network)'
	@echo 'make test     all tests; ARGS="-k name" is passed on to pytest'
	@echo 'make test-ha  with a real Home Assistant (once: some minutes, 700 MB); HA=2024 an older one'
	@echo 'make lint     check form and style;  make format  puts right what can be'
	@echo 'make docs     the tables of README.md and docs/ anew from firmware/*.txt'
	@echo 'make bench    how the law does on ten days, beside others; how steady the heartbeats are'
	@echo '   ARGS=seconds   of each line about heartbeats (60)'
	@echo '   TRACES=folder  only the days, and those of its CSV files: seconds,solar_w,house_w'
	@echo 'make flash PORT=/dev/... IMAGE=file.bin   erase an ESP32 and write MicroPython'
	@echo 'make deploy PORT=/dev/...   put the firmware on the board; its own config.json stays'
	@echo '   CONFIG=file.json   for a board that has none yet (config.json)'
	@echo 'make clean    remove build/;  make distclean  also the installed packages'

run: $(VENV)/run.stamp $(UMQTT)
	@exec $(PY) -m simulator.run

test: $(VENV)/dev.stamp $(VENV)/run.stamp $(VENV)/board.stamp $(UMQTT)
ifeq ($(strip $(ARGS)),)
	@mkdir -p build
	@nice -n 10 $(PY) -m pytest -q $(CALM) >build/calm.log 2>&1 & calm=$$!; \
	$(PY) -m pytest -q $(LINES) >build/lines.log 2>&1 & lines=$$!; \
	nice -n 5 $(PY) -m pytest host_tests $(addprefix --ignore=,$(CALM) $(LINES)); rest=$$?; \
	wait $$lines; code=$$?; cat build/lines.log; rest=$$((rest || code)); \
	wait $$calm; code=$$?; cat build/calm.log; exit $$((rest || code))
else
	@$(PY) -m pytest host_tests $(ARGS)
endif

# Both forms of discovery side by side; Home Assistant has a folder of its own, see the tool.
test-ha: $(VENV)/dev.stamp $(VENV)/run.stamp $(UMQTT)
	@$(PYTHON) tools/homeassistant.py $(HA)
	@mkdir -p build
	@$(PY) -m pytest host_tests_ha '--ha=$(HA)' --form=device $(ARGS) >build/ha.log 2>&1 & device=$$!; \
	$(PY) -m pytest host_tests_ha '--ha=$(HA)' --form=entity $(ARGS); entity=$$?; \
	wait $$device; code=$$?; cat build/ha.log; exit $$((entity || code))

lint: $(VENV)/dev.stamp
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: $(VENV)/dev.stamp
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

docs: $(VENV)/run.stamp
	@$(PY) -m tools.docs_tables

screenshots: $(VENV)/dev.stamp
	@$(PY) -m tools.screenshots

# With recorded days only their table; else the ten days, then the bus.
bench: $(VENV)/run.stamp $(if $(TRACES),,$(UMQTT))
	@$(PY) -m tools.bench_days $(if $(TRACES),'$(TRACES)')
ifeq ($(strip $(TRACES)),)
	@$(PY) -m tools.bench $(ARGS)
endif

deploy: $(VENV)/run.stamp $(VENV)/board.stamp $(UMQTT)
	@$(PY) -m tools.deploy --port '$(PORT)' $(if $(CONFIG),--config '$(CONFIG)')

flash: $(VENV)/board.stamp
	@$(PY) -m tools.flash --port '$(PORT)' --image '$(IMAGE)'

setup: $(VENV)/run.stamp $(VENV)/dev.stamp $(VENV)/board.stamp $(UMQTT)

$(VENV)/run.stamp: requirements.txt requirements-micropython.txt tools/bootstrap.py
	@$(PYTHON) tools/bootstrap.py run

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt requirements-browser.txt tools/bootstrap.py | $(VENV)/run.stamp
	@$(PYTHON) tools/bootstrap.py dev

$(VENV)/board.stamp: requirements-board.txt tools/bootstrap.py | $(VENV)/run.stamp
	@$(PYTHON) tools/bootstrap.py board

$(UMQTT): tools/fetch_umqtt.py | $(VENV)/run.stamp
	@$(PY) tools/fetch_umqtt.py

clean:
	rm -rf build .pytest_cache .ruff_cache .hypothesis

distclean: clean
	rm -rf $(VENV) .venv-ha-*
