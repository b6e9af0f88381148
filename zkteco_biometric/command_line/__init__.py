"""Commands of bench, for administrators and scripts.

A `*_command.py` holds the options of one and brings nothing along, because bench loads it for every command; its
`*_aloud.py` does the work.
"""
