"""The sync cycle on one machine over an embedded SQLite file, without a Frappe site: a dry run, and a demo.

Nothing in here imports frappe. What a site does with Employee Checkins is done with rows of a table of that name, so
that one sees what would become check-ins before anything is installed.
"""
