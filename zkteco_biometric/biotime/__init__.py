"""ZKTeco's BioTime REST API, as our client speaks it. Nothing in here imports frappe."""
