# twc-bridge: `make help` lists what there is. Everything is installed into this folder.

PYTHON ?= python3
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
UMQTT := build/umqtt/simple.py

# What simulator/options.py and the tools read; given as `make run BROKER=...` or in the environment.
export BROKER SLAVES HTTP DAY SPEED SUN SERIAL CONFIG NEW HEAP MICROPYTHON MINUTES HOURS SEED

# $(call need,goal,NAME,sentence): stop before anything is done when the goal lacks this variable.
need = $(if $(filter $(1),$(MAKECMDGOALS)),$(if $(strip $($(2))),,$(error $(2) is missing: $(3))))
$(call need,deploy,PORT,name the serial port of the board as in make deploy PORT=/dev/ttyUSB0)
$(call need,monitor,PORT,name the serial port of the board as in make monitor PORT=/dev/ttyUSB0)
$(call need,backup,PORT,name the serial port of the board as in make backup PORT=/dev/ttyUSB0)
$(call need,restore,PORT,name the serial port of the board as in make restore PORT=/dev/ttyUSB0 FILE=backups/file.zip)
$(call need,restore,FILE,name the backup as in make restore PORT=/dev/ttyUSB0 FILE=backups/file.zip)
$(call need,flash,PORT,name the serial port of the board as in make flash PORT=/dev/ttyUSB0 IMAGE=file.bin)
$(call need,flash,IMAGE,name the MicroPython image (ESP32_GENERIC from micropython.org) as in make flash PORT=/dev/ttyUSB0 IMAGE=file.bin)

$(call need,ota,HOST,name the board as in make ota HOST=twc-bridge.local PASSWORD=...)
$(call need,key,KEY,name the file for the private key as in make key KEY=../twc-bridge.pem)
$(call need,check-board,PORT,name the serial port of the board as in make check-board PORT=/dev/ttyUSB0)

.DEFAULT_GOAL := help
.PHONY: help run test test-ha lint format docs screenshots bench deploy flash setup clean distclean soak memory check-board release ota key monitor backup restore package
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
	@echo 'make test     all tests; ARGS="-k name" is passed on to pytest; ONCE=1: no second try'
	@echo '              for a test in real time that failed beside others'
	@echo 'make test-ha  with a real Home Assistant (once: some minutes, 700 MB); HA=2024 an older one'
	@echo 'make lint     check form and style;  make format  puts right what can be'
	@echo 'make docs     the tables of README.md and docs/ anew from firmware/*.txt'
	@echo 'make bench    how the law does on ten days, beside others; how steady the heartbeats are'
	@echo '   ARGS=seconds   of each line about heartbeats (60)'
	@echo '   TRACES=folder  only the days, and those of its CSV files: seconds,solar_w,house_w'
	@echo 'make soak     the firmware in all weathers at once; MINUTES=10 SEED=n, or HOURS=24 of simulated time'
	@echo 'make memory   what each module and the whole take of the memory; writes it into README.md'
	@echo 'make flash PORT=/dev/... IMAGE=file.bin   erase an ESP32 and write MicroPython (docs/deploy.md)'
	@echo 'make deploy PORT=/dev/...   put the firmware on the board; its own config.json stays'
	@echo '   CONFIG=file.json   for a board that has none yet (config.json)'
	@echo 'make monitor PORT=/dev/...  what the board says; LOG=file keeps it; Ctrl-C leaves the board running'
	@echo 'make backup PORT=/dev/...   all that is yours on the board into backups/, or FILE=file.zip'
	@echo 'make restore PORT=/dev/... FILE=file.zip   and back again; the firmware stays'
	@echo 'make package  build/package/, to be installed with mip from a web server; URL=http://... of the folder'
	@echo 'make release  build/release/twc-bridge-<version>.tar, for updates over the air; KEY=file.pem signs it'
	@echo 'make ota HOST=name PASSWORD=...   update a board over the air (docs/update.md)'
	@echo '   TOKEN=...          in place of the password    FILE=file.tar  another release'
	@echo 'make key KEY=file.pem   a key to sign releases with, and release.pub for the board'
	@echo 'make check-board PORT=/dev/...   test a board on its own for a minute: a table and a verdict'
	@echo '   SECONDS=n          how long (60)               LOG=file       for support (build/check-board.log)'
	@echo '   HOST=address       where its page is, if it is not where the board says'
	@echo 'make clean    remove build/;  make distclean  also the installed packages'

run: $(VENV)/run.stamp $(UMQTT)
	@exec $(PY) -m simulator.run

test: $(VENV)/dev.stamp $(VENV)/run.stamp $(VENV)/board.stamp $(UMQTT)
ifeq ($(strip $(ARGS)),)
	@$(PY) -m tools.run_tests
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

# The firmware against everything at once; see the tools.
soak: $(VENV)/run.stamp $(UMQTT)
	@exec $(PY) -m tools.soak

memory: $(VENV)/run.stamp $(UMQTT)
	@$(PY) -m tools.memory

deploy: $(VENV)/run.stamp $(VENV)/board.stamp $(UMQTT)
	@$(PY) -m tools.deploy --port '$(PORT)' $(if $(CONFIG),--config '$(CONFIG)')

release: $(VENV)/run.stamp
	@$(PY) -m tools.release $(if $(KEY),--key '$(KEY)')

# The password goes by the environment: the list of processes is for all to read.
ota: export TWC_PASSWORD := $(or $(PASSWORD),$(TWC_PASSWORD))
ota: export TWC_TOKEN := $(or $(TOKEN),$(TWC_TOKEN))
ota: $(if $(FILE),,release)
	@$(PY) -m tools.ota --host '$(HOST)' $(if $(FILE),--file '$(FILE)')

key:
	@$(PYTHON) -m tools.release --new-key '$(KEY)'

flash: $(VENV)/board.stamp
	@$(PY) -m tools.flash --port '$(PORT)' --image '$(IMAGE)' $(if $(BAUD),--baud '$(BAUD)')

# The names stand in build/names.txt since the last deploy.
monitor: $(VENV)/board.stamp
	@$(PY) -m tools.monitor --port '$(PORT)' $(if $(LOG),--log '$(LOG)')

backup: $(VENV)/board.stamp
	@$(PY) -m tools.backup --port '$(PORT)' $(if $(FILE),--file '$(FILE)')

restore: $(VENV)/board.stamp
	@$(PY) -m tools.backup --restore --port '$(PORT)' --file '$(FILE)'

package: $(VENV)/run.stamp
	@$(PY) -m tools.package $(if $(URL),--url '$(URL)')

check-board: $(VENV)/run.stamp $(VENV)/board.stamp
	@$(PY) -m tools.check_board --port '$(PORT)' $(if $(SECONDS),--seconds '$(SECONDS)') \
		$(if $(HOST),--host '$(HOST)') $(if $(LOG),--log '$(LOG)')

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
