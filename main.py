"""Starts the app, and sees to it that the board never sits at a dead prompt."""

import sys
import time


def stop_wanted():
    """Whether the stop pin is connected to ground (the BOOT button, held just after reset):
    the way to the prompt for repair."""
    try:
        from firmware import board, settings

        pin = settings.load()[0]["board"]["stop_pin"]
        return pin is not None and board.is_low(pin)
    except Exception as error:
        sys.print_exception(error)
        return False


def keep_last_words(error):
    """Writes the traceback to last_words.txt, for whoever comes to look."""
    try:
        with open("last_words.txt", "w") as file:
            sys.print_exception(error, file)
    except OSError:
        pass  # a full flash must not keep the board from starting again


def run():
    """Runs the firmware until it fails, then starts the board anew; Ctrl-C leads to the
    prompt."""
    try:
        import asyncio

        from firmware.app import App

        asyncio.run(App().run())
    except KeyboardInterrupt:
        print("Stopped by Ctrl-C. The bus is silent now: cars stop within 30 s.")
        print("Ctrl-D starts the firmware again.")
        return
    except BaseException as error:
        sys.print_exception(error)
        keep_last_words(error)
    print("Starting the board anew.")
    time.sleep_ms(500)
    import machine

    machine.reset()


if stop_wanted():
    print("Stop pin held: the firmware is not started. Release it and reset to start.")
else:
    run()
