"""Taking over the devices of the app *ZKTeco Biometric Integration*, whose doctype has the name of ours.

Its columns stay in the table, since Frappe drops none: that is where everything comes from.
"""
