"""The firmware in a world as main.py runs it, life after life, with what it leaves to the next."""

from common.household import Household


class Lives(Household):
    """Each life begins and ends as in firmware/start.py. `safe`: whether each one was in safe
    mode. `begun(app)`: may be set, is called before the firmware runs, to harm it; `failing`: an
    exception that each normal life is to end in, after `failing_s`, or None."""

    begun = None
    failing = None
    failing_s = 2

    def __init__(self, units, **more):
        self.safe = []
        super().__init__(units, **more)

    async def _main(self):
        from firmware import board, journal, last_words, watchdog
        from firmware.app import App

        plain = journal.Journal.tell

        def tell(book, level, text):
            self.notes.append((self.world.now_s, level, text))
            plain(book, level, text)

        journal.Journal.tell = tell
        safe = last_words.begin()
        self.safe.append(safe)
        self.restarted = watchdog.restarted
        try:
            self.app = app = App()
            app.safe = safe
            if self.begun:
                self.begun(app)
            if self.failing and not safe:
                await self._fail(app)
            await app.run()
            last_words.asked(*app.ended)
        except Exception as error:
            last_words.failed(error)
        board.reset()

    async def _fail(self, app):
        import asyncio

        asyncio.create_task(app.run())
        await asyncio.sleep(self.failing_s)
        raise self.failing

    def why(self):
        """The sentence of this life: why the board was started."""
        return self.restarted()
