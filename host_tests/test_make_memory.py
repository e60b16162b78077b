"""`make memory`: in which order modules are weighed, and what is written into the README."""

from tools import memory, memory_modules
from tools.bundle import loaded_as
from tools.memory_run import Found


def test_modules_are_weighed_after_those_that_they_import():
    order = memory_modules.sorted_by_imports(["asking", "deciding", "pages_more", "timetable"])
    assert order.index("running") < order.index("deciding")
    for name in order:
        for path in memory_modules.sources(name):
            for other in map(loaded_as, memory_modules.imports(path.read_text("utf-8"))):
                if other in order and other != name:
                    assert order.index(other) < order.index(name), (name, other)
    assert len(order) == len(set(order)) > 6


def test_sources_are_found_where_the_board_finds_them():
    for name, count in (("wifi_join", 1), ("zones", 1), ("guard", 1), ("firmware", 1)):
        assert len(memory_modules.sources(name)) == count, name
    assert len(memory_modules.sources("asking")) == 2 and not memory_modules.sources("asyncio")
    for part in memory.PARTS.values():
        assert part.split()


def found(modules):
    return Found(modules, live=150_000, busy=170_000, code=100_000, smallest_kw=80)


def test_a_part_that_is_loaded_though_it_is_off_is_told():
    costs = {"guard": memory_modules.Cost(2000, 100)}
    clean = memory.parts(found(["firmware.bus"]), costs)
    guard = [line for line in clean if line.startswith("| grid guard")]
    assert guard[0].endswith("| 2 000 | 0 |")
    stray = memory.parts(found(["guard"]), costs)
    assert any("is loaded" in line for line in stray)


def test_the_table_tells_what_is_left_and_what_is_missing():
    runs = {"base set": found(["firmware.bus"]), "everything on": found(["firmware.bus"])}
    costs = {"firmware.bus": memory_modules.Cost(3000, 3000)}
    text = "\n".join(memory.table(runs, costs, None))
    assert "| of 56wK | **24wK short** | **24wK short** |" in text
    assert "| of 112wK | 32wK left | 32wK left |" in text
    # 3000 bytes of code as weighed, and half of the 50 000 and 70 000 that are no code.
    assert "28 000; 38 000" in text


def test_the_readme_is_changed_between_its_markers_only(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"before\n{memory.BEGIN}\nold\n{memory.END}\nafter\n")
    assert memory.write("new", path)
    assert path.read_text() == f"before\n{memory.BEGIN}\nnew\n{memory.END}\nafter\n"
    path.write_text("no markers\n")
    assert not memory.write("new", path)
    assert path.read_text() == "no markers\n"


def test_the_readme_has_a_place_for_it():
    text = memory.README.read_text("utf-8")
    assert text.count(memory.BEGIN) == text.count(memory.END) == 1
