"""The benchmark's own parts that need no Frappe; nothing is timed here."""
