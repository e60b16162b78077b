"""Wall connectors, cars, a house and a sun for the desktop.

Written from the description of the bus alone; nothing in here imports the firmware, so that a
mistake in one cannot hide behind the same mistake in the other.
"""
