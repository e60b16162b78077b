"""What all tests of properties have in common: the same examples on each machine and day."""

from hypothesis import HealthCheck, settings

steady = settings(
    deadline=None,
    derandomize=True,
    database=None,
    # A busy machine is no fault of the test.
    suppress_health_check=[HealthCheck.too_slow],
)
