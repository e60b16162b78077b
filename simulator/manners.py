"""The referee's rules about what else a master does: questions, contactors, and how it behaves
after a start and beside a second master. Pure, MicroPython too.

Sources: "Timing on the line", "Linking" 9 and "Stopping a car without the car's cloud".
"""

QUESTIONS = (0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4)
OLD_QUESTIONS = (0xFB19, 0xFB1A, 0xFB1B)
CONTACTORS = (0xFCB1, 0xFCB2)

ROUND_MS = 1000
BETWEEN_QUESTIONS_MS = 1000
AFTER_ANSWER_MS = 300
# Of a question 19, until its answer 100, of the longest answer 23, then 100 of peace.
BEFORE_HEARTBEAT_MS = 242
REPLY_MS = 150
# A slave that links moves the others' heartbeats about.
LINKED_MS = 3000
SECOND_MASTER_MS = 60000
# "No raise in the first 40 s after a start unless every id known before has answered." A start
# shows itself by the first link ready, which leaves a little later.
START_MS = 39000


class Manners:
    """Judges questions, contactor commands, and raises after a start or beside a second master.

    contactors: ids whose contactors may be commanded.
    slack_ms: what times may be missed by; question_slack_ms: those around questions.
    blame: called with (ms, sentence).
    """

    def __init__(self, contactors, slack_ms, question_slack_ms, blame):
        self.contactors = contactors
        self.slack_ms = slack_ms
        self.question_slack_ms = question_slack_ms
        self.second_until_ms = None
        self._blame = blame
        self._asked_ms = None
        self._open = None
        self._sent_ms = None
        self._answered = True
        self._linked_ms = -LINKED_MS
        self._foreign_ms = None
        self._second_ms = None
        self._ready_ms = None
        self._clash_ms = None
        self._started_ms = None
        self._unheard = {}  # ids known before the start, and their phases

    # What the referee hears.

    def asked(self, frame, slaves):
        """The master asked something."""
        at_ms = frame.start_ms
        slack_ms = self.question_slack_ms
        name = f"{frame.function:04X}"
        old = frame.function in OLD_QUESTIONS
        if self._asked_ms is not None:
            gap_ms = at_ms - self._asked_ms
            if gap_ms < BETWEEN_QUESTIONS_MS - slack_ms:
                self._blame(frame.ms, f"{name} came {gap_ms:.0f} ms after another question")
        if not self._answered and at_ms - self._sent_ms < REPLY_MS - slack_ms:
            self._blame(frame.ms, f"{name} was asked while an answer was still awaited")
        receivers = [s for s in slaves.values() if old or s.id == frame.receiver]
        for slave in receivers:
            if slave.answer_ms is not None and at_ms - slave.answer_ms < (
                AFTER_ANSWER_MS - slack_ms
            ):
                self._blame(
                    frame.ms,
                    f"{name} was asked {at_ms - slave.answer_ms:.0f} ms after {slave.id} spoke",
                )
        self._asked_ms = at_ms
        self._open = frame

    def commanded(self, frame):
        """The master sent a contactor command."""
        if frame.receiver not in self.contactors:
            self._blame(
                frame.ms,
                f"{frame.function:04X} was sent to {frame.receiver}: its contactors are not ours",
            )

    def heartbeat(self, frame, slave):
        """A heartbeat to `slave`, whose last one before it is still in `slave.heartbeat_ms`."""
        question, self._open = self._open, None
        if question is None:
            return
        end_ms = frame.start_ms
        moved = frame.ms - self._linked_ms < LINKED_MS
        if slave.beat_ms is not None and not moved:
            end_ms = min(end_ms, slave.beat_ms + ROUND_MS)
        left_ms = end_ms - question.start_ms
        if left_ms < BEFORE_HEARTBEAT_MS - self.question_slack_ms:
            self._blame(
                question.ms,
                f"{question.function:04X} was asked {left_ms:.0f} ms before the heartbeat of "
                f"{slave.id} was due",
            )

    def announced(self, frame, slaves):
        """The master's link ready 1: unless it answers to a clash of ids, it has started."""
        recent = self._ready_ms is not None and frame.ms - self._ready_ms < 5000
        clash = self._clash_ms is not None and frame.ms - self._clash_ms < 5000
        self._ready_ms = frame.ms
        if not recent and not clash:
            self._started_ms = frame.ms
            self._unheard = {s.id: s.phases for s in slaves.values() if s.claim(frame.ms)}

    def began_anew(self):
        """The master has lost its power: of a second one it knows what it hears from now on."""
        self._foreign_ms = self._second_ms = self.second_until_ms = None

    def master_spoke(self, frame):
        """Any frame of the master's has ended."""
        self._sent_ms = frame.ms
        # Nobody answers to a link ready at once.
        self._answered = frame.function in (0xFCE1, 0xFBE2, 0xFC1D)

    def other_spoke(self, frame, master_id):
        """A frame of somebody else's: a slave's answer, or a second master."""
        function = frame.function
        if function >> 8 == 0xFD:
            self._answered = True
            if function == 0xFDE2:
                self._linked_ms = frame.ms
                if frame.sender == master_id:
                    self._clash_ms = frame.ms
            elif function == 0xFDE0 and frame.sender in self._unheard:
                del self._unheard[frame.sender]
        elif function == 0xFC1D or (
            function in (0xFCE1, 0xFBE2, 0xFBE0) + QUESTIONS and frame.sender != master_id
        ):
            before_ms = self._foreign_ms
            self._foreign_ms = frame.ms
            if before_ms is not None and frame.ms - before_ms <= SECOND_MASTER_MS:
                if not self.second_master(frame.ms):
                    self._second_ms = frame.ms
                self.second_until_ms = frame.ms + SECOND_MASTER_MS

    # What the referee asks.

    def second_master(self, now_ms):
        """Whether a second master is known of: heard twice within 60 s, and not silent since."""
        return self.second_until_ms is not None and now_ms < self.second_until_ms

    def raised(self, slave, amps, now_ms):
        """A raise or a start leaves."""
        known = self.second_master(now_ms + self.slack_ms)
        if known and now_ms > self._second_ms + self.slack_ms:
            self._blame(
                now_ms, f"{slave.id} was raised to {amps:g} A beside a second master on the line"
            )

        unheard = [id for id in sorted(self._unheard) if self._unheard[id] & slave.phases]
        if unheard and now_ms - self._started_ms < START_MS - self.slack_ms:
            self._blame(
                now_ms,
                f"{slave.id} was raised to {amps:g} A {(now_ms - self._started_ms) / 1000:.0f} s "
                f"after a start, and {', '.join(unheard)} has not answered yet",
            )
