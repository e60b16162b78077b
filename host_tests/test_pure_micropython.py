"""The tests of the pure part once more, under MicroPython."""

import ast

import pytest
from virtual_scripts import PURE, run_pure

MODULES = sorted(PURE.glob("test_*.py"))


def count_tests(path):
    """How many tests a module has, by its source."""
    return sum(
        isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
    )


def test_there_are_modules_to_run():
    assert len(MODULES) >= 9


@pytest.mark.parametrize("script", MODULES, ids=[path.stem for path in MODULES])
def test_module(micropython, script, virtual_scripts):
    output = virtual_scripts(script)
    # Every test of it was run: a second one of the same name would hide the first.
    assert count_tests(script) > 0
    assert output.splitlines()[-1] == f"ok {count_tests(script)}"


def test_a_failing_test_is_named_with_its_traceback(micropython, tmp_path):
    module = tmp_path / "test_made_to_fail.py"
    module.write_text(
        "def test_good():\n    pass\n\n\ndef test_bad():\n    assert 1 == 2, 'why'\n"
    )
    code, output = run_pure(micropython, str(module))
    assert code == 1
    assert "FAILED test_made_to_fail.test_bad" in output
    assert "line 6, in test_bad" in output and "why" in output
    assert "1 failed, 1 passed" in output and "ok" not in output.split()


@pytest.mark.parametrize("source", ["", "def helper():\n    pass\n", "test_number = 5\n"])
def test_a_module_without_tests_fails(micropython, tmp_path, source):
    module = tmp_path / "test_made_empty.py"
    module.write_text(source)
    # Also beside one that has some.
    for names in ([str(module)], ["test_text", str(module)]):
        code, output = run_pure(micropython, *names)
        assert code == 1
        assert "FAILED test_made_empty: there are no tests in it" in output


def test_no_module_at_all_fails(micropython):
    assert run_pure(micropython)[0] == 1


def test_a_module_that_can_not_be_imported_fails(micropython, tmp_path):
    module = tmp_path / "test_made_broken.py"
    module.write_text("import there_is_no_such_module\n\n\ndef test_good():\n    pass\n")
    code, output = run_pure(micropython, str(module))
    assert code == 1
    assert "there_is_no_such_module" in output
