"""Enabling and disabling people on a device, so that nobody is locked out. Never imports frappe."""
