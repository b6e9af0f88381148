"""What a cycle costs, measured on a real site: ratios and exact counts in one run, never a timed test.

`python -m benchmarks.run --site SITE`, from the `sites` folder of a bench with this checkout on PYTHONPATH. What was measured
is in `results/`, which knows nothing of Frappe: its ratios, its lines of the table, its figures for the picture.
"""
