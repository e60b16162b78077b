# Runs first. Nothing here may fail: if boot.py raises, main.py is not run.
import sys

# Before the other places: each one that is searched in vain costs a start some milliseconds.
sys.path.insert(0, "firmware/lib")
