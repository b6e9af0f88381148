"""ZKTeco punches into Frappe HR as Employee Checkins."""

__version__ = "0.1.0"
