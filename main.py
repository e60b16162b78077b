# Runs after boot.py. What can go wrong later is dealt with in firmware/start.py; this only sees to
# it that a board whose files are not all there does not sit at a dead prompt either.
try:
    from firmware import start

    start.main()
except Exception as error:
    import sys
    import time

    import machine

    sys.print_exception(error)
    print("The firmware can not be started: deploy it again. Trying again in 10 s.")
    time.sleep(10)
    machine.reset()
