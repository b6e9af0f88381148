"""What a cycle costs, measured on a real site: ratios and exact counts in one run, never a timed test.

`python -m benchmarks.run --site SITE`, from the `sites` folder of a bench with this checkout on PYTHONPATH.
"""
