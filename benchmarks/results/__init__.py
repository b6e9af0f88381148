"""What was measured, each as a frozen class with `lines()` for the table and `figures()` for the picture; pure."""
