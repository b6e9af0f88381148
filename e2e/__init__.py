"""A real browser against a real Desk: see CONTRIBUTING.md."""
