"""Runs test modules of this folder under MicroPython:

    micropython host_tests/pure/run.py test_frame test_message

A test is a function named test_*, a failure is an exception. Prints each failed test with its
traceback, and "ok N" if all N passed. Exit code 1 if one failed or a module has none.
"""

import gc
import sys


def main(names):
    # Sooner than when all is full: looking for room in a heap that is nearly full takes long.
    gc.threshold(250_000)
    here = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
    sys.path[:] = [here + "/../../firmware/lib", here, ".frozen"]
    passed = failed = 0
    for name in names:
        if "/" in name:
            folder, name = name.rsplit("/", 1)
            sys.path.insert(0, folder)
        if name.endswith(".py"):
            name = name[:-3]
        tests = find_tests(__import__(name))
        if not tests:
            print(f"FAILED {name}: there are no tests in it")
            failed += 1
        for test_name, test in tests:
            try:
                test()
                passed += 1
            except Exception as error:
                failed += 1
                print(f"FAILED {name}.{test_name}")
                sys.print_exception(error, sys.stdout)
    if failed or not passed:
        print(f"{failed} failed, {passed} passed")
        sys.exit(1)
    print(f"ok {passed}")


def find_tests(module):
    """Names and functions of the tests in a module, sorted by name."""
    names = sorted([name for name in dir(module) if name.startswith("test_")])
    return [(name, getattr(module, name)) for name in names if callable(getattr(module, name))]


if __name__ == "__main__":
    main(sys.argv[1:])
