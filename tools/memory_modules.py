"""What each module takes of a 32-bit heap: imported one after the other in a MicroPython that was
compiled to WebAssembly, as the boards' is one of 32 bits.

The package is fetched into build/ by npm, from wherever npm is set up to look.
"""

import ast
import collections
import json
import re
import shutil
import subprocess

from tools.bundle import dotted, imported, loaded_as
from tools.stage import ROOT, names_on_board

PACKAGE = "@micropython/micropython-webassembly-pyscript"
FOLDER = ROOT / "build" / "npm"
HEAP_BYTES = 2_000_000

Cost = collections.namedtuple("Cost", "loaded left")
"""Bytes of a module without what it imports, and how many of them are left when the module has
been dropped again: its names. Those that every ESP32 has in its flash are not counted, nor is the
room that MicroPython takes for more names than there are."""

# Of a name: a pointer, a hash of two bytes, a length, beside its text.
_NAME_BYTES = 7

_MISSING = ("machine", "network", "socket", "usocket", "esp32", "ssl", "tls")
"""What this VM has not got; an import needs no more of it than its names."""

_SCRIPT = """
import { loadMicroPython } from %(module)s;
import fs from "fs";
const plan = JSON.parse(fs.readFileSync(0, "utf-8"));
const mp = await loadMicroPython({
    heapsize: plan.heap, linebuffer: true, stdout: (line) => console.log(line),
});
for (const [path, data] of plan.files) {
    const parts = path.split("/").slice(0, -1);
    let at = "";
    for (const part of parts) {
        at += "/" + part;
        if (!mp.FS.analyzePath(at).exists) mp.FS.mkdir(at);
    }
    mp.FS.writeFile("/" + path, Buffer.from(data, "base64"));
}
// It collects only when a piece of Python has ended, and then what was asked for inside.
for (const piece of plan.script) {
    mp.runPython(piece);
    mp.runPython("gc.collect()");
    mp.runPython("gc.collect()");
}
"""

_BEGIN = """
import gc, os, sys, micropython
os.chdir("/board")
sys.path[:] = ["/stubs", "/board", "/board/firmware/lib", "/board/lib", ".frozen"]
import asyncio, json, select, time, struct, random, math, errno, binascii, hashlib, io
import names_on_board
for name in %r:
    __import__(name)
def look():
    print("used", gc.mem_alloc())
    micropython.qstr_info()
def weigh(name):
    global there
    there = list(sys.modules)
    try:
        __import__(name)
    except Exception as error:
        print("wrong", name, repr(error))
def drop():
    for new in list(sys.modules):
        if new not in there:
            del sys.modules[new]
            package, _, last = new.rpartition(".")
            if package in sys.modules:
                delattr(sys.modules[package], last)
"""

_LOOK = (
    r"used (\d+)\nqstr pool: n_pool=\d+, n_qstr=(\d+), n_str_data_bytes=(\d+), "
    r"n_total_bytes=(\d+)\n"
)


def costs(board, names, resident=None):
    """({name: Cost}, None), or ({}, a sentence why not) where there is no node. `board`: a staged
    folder; `names`: modules as they are called there; the `resident` ones (None:
    all that are not loaded for a moment by others) are weighed first and stay."""
    module, why = fetch()
    if module is None:
        return {}, why
    order = sorted_by_imports(names)
    stay = [name for name in order if resident is None or name in resident]
    go = [name for name in order if name not in stay]
    answer = _run(module, board, stay, go)
    found = read(answer)
    missing = [name for name in names if name not in found]
    note = None
    if missing:
        told = " ".join(re.findall(r"(?m)^wrong .*$", answer)) or answer[-500:]
        note = f"Not weighed on 32 bits: {', '.join(missing)} ({told})."
    return found, note


def read(answer):
    """{name: Cost} of what the script has printed."""
    found = {}
    for entry in re.findall(_LOOK + _LOOK + r"weighed (\S+)", answer):
        used, count, text, pools, used_2, count_2, text_2, pools_2 = map(int, entry[:8])
        names = text_2 - text + _NAME_BYTES * (count_2 - count)
        code = used_2 - used - (pools_2 - pools)
        found[entry[8]] = Cost(code + names, names)
    return found


def fetch():
    """(path of the module, None), or (None, why): a sentence."""
    why = "is not installed: what modules take on 32 bits is left out."
    if shutil.which("node") is None:
        return None, f"Node.js {why}"
    module = FOLDER / "node_modules" / PACKAGE / "micropython.mjs"
    if module.exists():
        return module, None
    if shutil.which("npm") is None:
        return None, f"npm {why}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", PACKAGE]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode or not module.exists():
        last = (result.stderr or result.stdout).strip().splitlines()[-1:]
        return None, f"npm can't fetch {PACKAGE} ({' '.join(last)}): left out."
    return module, None


def _run(module, board, stay, go):
    import base64

    def text(data):
        return base64.b64encode(data).decode()

    files = [
        [f"board/{path.relative_to(board)}", text(path.read_bytes())]
        for path in sorted(board.rglob("*"))
        if path.suffix in (".mpy", ".txt")
    ]
    stubs = {name: _stub(name) for name in _MISSING}
    files += [[f"stubs/{name}.py", text(code.encode())] for name, code in stubs.items()]
    names = "".join([f"    x.{name}\n" for name in names_on_board() if name.isidentifier()])
    files.append(["stubs/names_on_board.py", text(f"def f(x):\n{names}".encode())])
    pieces = [_BEGIN % (list(_MISSING),)]
    for name in [*stay, *go]:
        pieces += ["look()", f"weigh({name!r})", f"look()\nprint('weighed', {name!r})"]
        if name in go:
            pieces.append("drop()")
    plan = {
        "heap": HEAP_BYTES,
        "files": files,
        "script": pieces,
    }
    script = FOLDER / "weigh.mjs"
    script.write_text(_SCRIPT % {"module": json.dumps(str(module))})
    done = subprocess.run(
        ["node", str(script)],
        input=json.dumps(plan),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.stdout


def _stub(module):
    """A module with all the names that the firmware imports from it."""
    names = set()
    for path in (ROOT / "firmware").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == module:
                names |= {alias.name for alias in node.names}
    return "".join([f"class {name}: pass\n" for name in sorted(names)])


def sources(name, project=ROOT):
    """Paths of the sources of a module, by its name on a board: "running" has several."""
    if name.split(".")[0] == "umqtt":
        return [
            path for path in [project / "build" / f"{name.replace('.', '/')}.py"] if path.exists()
        ]
    return [path for known, path in _known(project).items() if loaded_as(known) == name]


def _known(project):
    """{name of a module in the sources: path}."""
    paths = sorted((project / "firmware").rglob("*.py"))
    names = [dotted(path.relative_to(project).as_posix()) for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


def sorted_by_imports(names):
    """The names, of modules on a board, so that each comes after those that it imports while it is
    being imported."""
    order = []

    def visit(name, above):
        if name in order or name in above or not sources(name):
            return
        for path in sources(name):
            for other in imports(path.read_text("utf-8")):
                if loaded_as(other) != name:
                    visit(loaded_as(other), (*above, name))
        order.append(name)

    for name in names:
        visit(name, ())
    return order


def imports(text):
    """Names that a source imports at its top level, as modules may be called."""
    return list(imported(ast.parse(text).body))
