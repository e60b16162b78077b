"""Whatever slaves, noise, wishes and the clock do: nothing leaves that an observer of the line
would object to (gate_ledger.py; its rules are counted from the frames alone).

Twice: with the whole master, and with the gate alone, to which all kinds of nonsense are proposed.
"""

from gate_street import play, propose
from hypothesis import example, given, settings
from hypothesis import strategies as st
from properties import steady

# The same examples each time, and no time limit for one: other tests may run beside.

amps = st.sampled_from([0, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 80])
which = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("wish"), which, amps),
    st.tuples(st.just("wish"), which, amps),
    st.tuples(st.just("run"), st.sampled_from([100, 700, 1000, 3000, 6000, 12000])),
    st.tuples(st.just("run"), st.sampled_from([1000, 3000, 6000, 12000, 35000])),
    st.tuples(st.just("limit"), amps),
    st.tuples(st.just("limit"), st.sampled_from([10, 12, 16, 20, 24, 32, 80])),
    st.tuples(st.just("stall"), st.sampled_from([300, 4000, 15000, 31000, 59000, 60000])),
    st.tuples(st.just("lazy"), st.sampled_from([3000, 15000])),
    st.tuples(st.just("foreign"), st.integers(1, 3)),
    st.tuples(st.just("link"), which),
    st.tuples(st.just("follows"), which, st.sampled_from([0, 0.3, 0.8, 0.97, 1.0, 1.04])),
    st.tuples(st.just("draw"), which, st.sampled_from([0.0, 0.25, 1.5, 6, 13, 17, 33, 300])),
    st.tuples(st.just("echo"), which, st.sampled_from([None, None, 0, 600, 1250, 3200, 65535])),
    st.tuples(st.just("state"), which, st.sampled_from([0, 1, 2, 3, 4, 5, 8, 9])),
    st.tuples(st.just("mute"), which, st.booleans()),
    st.tuples(st.just("deaf"), which, st.booleans()),
    st.tuples(st.just("frozen"), which, st.booleans()),
    st.tuples(st.just("lose"), which, st.integers(1, 6)),
    st.tuples(st.just("late_ms"), which, st.sampled_from([40, 40, 140, 700, 2200])),
    st.tuples(st.just("restart"), st.booleans()),
)
unit = st.tuples(
    st.sampled_from([16, 32, 40, 80]),
    st.sampled_from([1, 2]),
    st.none() | amps.filter(bool),
    st.sampled_from([0, 0, 8, 10]),
)
# Bits of L1, L2 and L3. In about half of the streets nobody named any.
phases = st.sampled_from([7, 1, 1, 2, 4])
units = st.lists(unit, min_size=1, max_size=4)
units_on_phases = st.lists(
    st.builds(lambda one, on: (*one, on), unit, phases), min_size=2, max_size=4
)
streets = st.tuples(st.sampled_from([6, 10, 16, 20, 32, 48, 80]), units | units_on_phases)
befores = st.sampled_from(["start", "open", "charging", "charging", "charging"])

TWO = [(32, 2, None, 0), (32, 2, None, 0)]


@settings(steady, max_examples=700)
@given(streets, st.lists(steps, min_size=5, max_size=30), befores)
@example(
    (32, TWO),
    [("wish", 0, 32), ("wish", 1, 32), ("run", 6000)]
    + [("mute", 0, True), ("run", 35000), ("run", 35000), ("run", 35000), ("link", 0)],
    "open",
)
@example(
    (32, TWO),
    [("wish", 1, 20), ("run", 6000), ("wish", 0, 12)]
    + [("run", 6000), ("wish", 0, 32), ("echo", 1, 0), ("run", 3000), ("run", 1000)],
    "open",
)
# What the search seldom comes to: a car that hangs a little above its new limit for a while,
@example(
    (80, TWO),
    [("wish", 0, 8), ("draw", 0, 8.7), ("wish", 1, 6), ("run", 3000), ("draw", 1, 6.0)]
    + [("run", 35000), ("wish", 0, 6), ("draw", 0, 6.7), ("wish", 1, 8), ("run", 25000)],
    "charging",
)
# and one that was barred, and waits for minutes.
@example(
    (32, TWO),
    [("draw", 0, 32.0), ("wish", 0, 10), ("run", 35000), ("run", 12000), ("follows", 0, 0.97)]
    + [("run", 35000)] * 10,
    "charging",
)
# A limit that falls, where the one on three phases must not count upon what only L1 is spared.
@example(
    (32, [(32, 2, None, 0, 7), (32, 2, None, 0, 1), (32, 2, None, 0, 2)]),
    [("wish", 0, 12), ("wish", 1, 20), ("wish", 2, 20), ("run", 12000), ("run", 1500)]
    + [("wish", 1, 6), ("limit", 26)],
    "charging",
)
# The ones below were found by the search.
@example(
    (10, [(16, 1, None, 0), (16, 1, None, 0)]),
    [("run", 100), ("wish", 1, 5), ("echo", 1, 600), ("restart", False), ("run", 100)]
    + [("wish", 0, 5), ("echo", 1, 0), ("run", 3000)],
    "start",
)
@example((6, TWO[:1]), [("run", 100), ("restart", True), ("echo", 0, 0)], "charging")
@example(
    (10, [(16, 1, None, 0), (16, 1, None, 0)]),
    [("wish", 0, 0), ("limit", 6), ("restart", True), ("wish", 0, 0)],
    "charging",
)
def test_nothing_leaves_that_an_observer_would_object_to(street, todo, before):
    play(street, todo, before)


# The gate alone: a master that proposes anything.

proposals = st.one_of(
    st.tuples(st.just("say"), which, amps.map(lambda n: 100 * n)),
    st.tuples(st.just("say"), which, amps.map(lambda n: 100 * n)),
    st.tuples(st.just("say"), which, st.integers(0, 65535)),
    st.tuples(st.just("beat"), which),
    st.tuples(st.just("wait"), st.sampled_from([100, 1000, 5000, 5000, 10000, 30000, 60000])),
    st.tuples(
        st.just("hear"),
        which,
        st.sampled_from([None, None, None, 0, 600, 1250, 3200, 65535]),
        st.sampled_from([None, None, None, 0, 25, 150, 600, 1700, 3500, 30000]),
        st.sampled_from([0, 1, 3, 5]),
    ),
    st.tuples(st.just("link"), which, st.sampled_from([0, 16, 32, 80])),
    st.tuples(st.just("limit"), amps),
    st.tuples(st.just("foreign")),
    st.tuples(st.just("all")),
    st.tuples(st.just("all")),
)


OPEN = [("all",)] + [("wait", 30000), ("all",), ("wait", 10000), ("all",)]


@settings(steady, max_examples=700)
@given(
    st.sampled_from([6, 16, 32, 80]),
    st.integers(0, 3),
    st.lists(st.none() | st.sampled_from([6, 10, 16]), min_size=4, max_size=4),
    st.booleans(),
    st.lists(proposals, min_size=5, max_size=40),
    st.just([7, 7, 7, 7]) | st.lists(phases, min_size=4, max_size=4),
)
# One of two that were known on L1 has answered, and is to be raised.
@example(80, 2, [None] * 4, False, [("hear", 0, 0, 0, 0), ("say", 0, 1600)], [1, 1, 2, 2])
def test_the_gate_alone_lets_nothing_through(wires, known, units, opened, todo, on):
    propose(wires, known, units, OPEN + todo if opened else todo, on)


def test_the_search_does_see_raises():
    """The property says something only if limits do go out: three units share 32 A."""
    units = [(32, 2, None, 0), (32, 1, None, 0), (80, 2, 16, 0)]
    todo = []
    for number in range(3):
        todo += [("follows", number, 0.97), ("wish", number, 6), ("run", 6000)]
    for number in range(3):
        todo += [("wish", number, 20), ("run", 12000)]
    street = play((32, units), todo)
    assert street.observer.raises >= 4
    # 6, 6 and 20, or as near to it as whole amperes come.
    total = street.observer.total(street.now_ms)
    assert 3000 <= total <= 3200, total
    # And one that falls: each of them gives way, and none is stopped for good.
    street.lower(20)
    assert street.observer.levels == {1: 1200, 2: 1200, 4: 1200}
    street.run(3000)
    assert street.observer.excesses == 0
    assert street.observer.levels == {1: None, 2: None, 4: None}


def test_the_search_does_see_raises_on_phases_of_their_own():
    """Two units on L1 share 32 A, one on L2 has as much for itself, and one on all three sees
    what is fullest."""
    units = [(32, 2, None, 0, 1), (32, 2, None, 0, 1), (32, 2, None, 0, 2)]
    todo = []
    for number in range(3):
        todo += [("follows", number, 0.97), ("wish", number, 6), ("run", 6000)]
    for number in range(3):
        todo += [("wish", number, 32), ("run", 12000)]
    street = play((32, units), todo)
    totals = [street.observer.total(street.now_ms, phase) for phase in (1, 2, 4)]
    assert totals == [3200, 3200, 0], totals
    street.lower(20)
    assert street.observer.levels == {1: 1200, 2: 1200, 4: None}
    street.run(3000)
    assert street.observer.excesses == 0
    assert street.observer.levels == {1: None, 2: None, 4: None}
    beside = play((32, [*units[:1], *units[2:], (32, 2, None, 0, 7)]), todo)
    given = [beside.observer.ledgers[i].given() for i in ("1111", "2222", "3333")]
    assert given == [2600, 2600, 600], given


def test_the_search_does_see_nonsense_refused_and_sense_let_through():
    todo = OPEN + [("say", 0, 1600), ("say", 1, 1700), ("say", 1, 1600), ("say", 2, 600)]
    nonsense = propose(32, 0, [None] * 4, todo)
    assert nonsense.passed == 2
    assert nonsense.observer.total(nonsense.now_ms) == 3200
    # Where they hang on L1, L2, L2 and all three.
    todo = OPEN + [("say", 0, 1600), ("say", 1, 1700), ("say", 2, 1600), ("say", 2, 1500)]
    todo += [("say", 3, 600)]
    nonsense = propose(32, 0, [None] * 4, todo, (1, 2, 2, 7))
    totals = [nonsense.observer.total(nonsense.now_ms, phase) for phase in (1, 2, 4)]
    assert (nonsense.passed, totals) == (3, [1600, 3200, 0]), (nonsense.passed, totals)
