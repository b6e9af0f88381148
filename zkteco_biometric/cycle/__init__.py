"""The sync cycle: from a device's punches to a site's check-ins. Nothing in here imports frappe."""
