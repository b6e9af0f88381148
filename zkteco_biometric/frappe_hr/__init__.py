"""The Frappe side of the cycle's ports, and nothing else that imports frappe decides anything."""
