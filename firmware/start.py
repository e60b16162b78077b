"""Starts the app, and sees to it that the board never sits at a dead prompt. What is done at the
start and at the end stands in last_words.py, and takes no memory between."""

import sys
import time


def main():
    """Runs the firmware for ever. Returns only to leave the board at its prompt: stop pin held
    (the BOOT button, pressed just after reset), or Ctrl-C."""
    try:
        safe = _words().begin()
        if safe is None:
            return
        import asyncio

        from firmware.app import App

        app = App()
        app.safe = safe
        asyncio.run(app.run())
        _words().asked(*app.ended)
    except KeyboardInterrupt:
        return _words().stopped()
    except Exception as error:
        app = None  # its memory is needed
        sys.print_exception(error)
        try:
            _words().failed(error)
        except Exception as failure:
            sys.print_exception(failure)
    print("Starting the board anew.")
    time.sleep_ms(500)
    from firmware import board

    board.reset()


def _words():
    from firmware import forget, last_words

    forget("firmware.last_words")
    return last_words
