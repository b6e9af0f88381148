"""The simulator keeps the contract of the API, and fails in the ways it is told to."""
