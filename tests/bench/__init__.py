"""What each stage costs: `python -m tests.bench [PART...]`, or `make bench`. Never part of `make test`."""
