"""Tests on a real site, against the simulator over HTTP; `make test-bench` runs them."""
