# Two commands matter: `make workshop` and `make test`. Both set up .venv first.
PYTHON ?= python3
SCENARIO ?= data/scenarios/contact_centre.yaml
OUT ?= reports
PORT ?= 8866
BIN := .venv/bin

.PHONY: setup workshop test report app bench clean

setup: .venv/ready

workshop: .venv/ready
	$(BIN)/advisor lab

app: .venv/ready
	$(BIN)/advisor app --port $(PORT)

report: .venv/ready
	$(BIN)/advisor report $(SCENARIO) -o $(OUT)

test: .venv/tests-ready
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: .venv/tests-ready
	$(BIN)/python -m bench

.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

.venv/tests-ready: .venv/ready requirements-test.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@

clean:
	rm -rf .venv reports build dist *.egg-info
