"""Starts the app, and sees to it that the board never sits at a dead prompt."""

import sys
import time


def main():
    """Runs the firmware for ever. Returns only to leave the board at its prompt: stop pin held
    (the BOOT button, pressed just after reset), or Ctrl-C."""
    from firmware import board

    try:
        if _stop_wanted():
            print("Stop pin held: the firmware is not started. Release it and reset to start.")
            return
        import asyncio

        from firmware.app import App

        asyncio.run(App().run())
    except KeyboardInterrupt:
        print("Stopped by Ctrl-C. The bus is silent now: cars stop within 30 s.")
        print("Ctrl-D starts the firmware again.")
        return
    except Exception as error:
        sys.print_exception(error)
        _keep_last_words(error)
    print("Starting the board anew.")
    time.sleep_ms(500)
    board.reset()


def _stop_wanted():
    from firmware import board_pins, settings

    pin = settings.load()[0]["board"]["stop_pin"]
    return pin is not None and board_pins.is_low(pin)


def _keep_last_words(error):
    """Writes the traceback to last_words.txt, for whoever comes to look."""
    try:
        with open("last_words.txt", "w") as file:
            sys.print_exception(error, file)
    except OSError:
        pass  # a full flash must not keep the board from starting again
