# Runs first. Nothing here may fail: if boot.py raises, main.py is not run.
import sys

sys.path.append("firmware/lib")
