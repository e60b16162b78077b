"""`make test`: no test is left out, and those that would disturb each other are apart."""

from tools.run_tests import groups

WAITS = "\nfrom virtual_scripts import"


def test_each_file_is_run_once(project):
    run = [path for _, _, paths, _ in groups() for path in paths]
    files = [f"host_tests/{path.name}" for path in (project / "host_tests").glob("test_*.py")]
    assert sorted(run) == sorted([*files, "host_tests/pure"])


def test_a_new_file_is_run_without_being_named(tmp_path):
    for name in ("test_new.py", "test_page_new.py", "test_bench_new.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "test_firmware_new.py").write_text('pytest_plugins = ["firmware_bench"]')
    found = {path: name for name, _, paths, _ in groups(tmp_path) for path in paths}
    assert found == {
        "host_tests/test_firmware_new.py": "lines",
        "host_tests/test_bench_new.py": "calm",
        "host_tests/pure": "calm",
        "host_tests/test_new.py": "others",
        "host_tests/test_page_new.py": "more pages",
    }


def test_browsers_wait_until_lines_in_real_time_are_done():
    found = {name: (nice, after) for name, nice, _, after in groups()}
    assert found["pages"][1] == found["more pages"][1] == ["lines"]
    assert found["lines"][0] < found["others"][0] < found["calm"][0]


def test_those_that_wait_for_scripts_in_the_background_come_last(project):
    """They would keep others of their process waiting, and leave one core idle at the end."""
    found = []
    for _, _, paths, _ in groups():
        files = [project / path for path in paths]
        wait = [path.is_file() and WAITS in path.read_text("utf-8") for path in files]
        assert wait == sorted(wait), paths
        found += wait
    assert sum(found) == 2
