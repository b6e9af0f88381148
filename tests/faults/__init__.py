"""Every fault of a device, at every position of a cycle."""
