"""Short names for what only one file knows, so that a board has fewer names to keep in memory.

MicroPython keeps each distinct name of a loaded module for ever: of attributes, functions and
parameters, not of local variables. Private names (one underscore) and parameters that nobody
passes by keyword get short ones, ``_a``, ``_b``, ..., the same in each file, so that over all
files few are left. The underscore stays because that is what makes the compiler put a constant's
value in the place of its name.

Public names that only the firmware has (attributes, methods, functions, plain classes) get names
that MicroPython has anyway and that the firmware does not use, such as ``acos``:
those cost nothing at all. Each has the same one in all files.

What is not seen: a name that is put together while running (``getattr(x, "_" + kind)``).
"""

import array
import ast
import asyncio
import builtins
import io
import itertools
import json
import re
import select
import socket
import string
import symtable
import tokenize
import zlib

# What makes a task of a coroutine that it is given.
TASK_MAKERS = ("create_task", "start_server")


def shorten(sources, others=(), image=()):
    """Shorten names in ``sources``, {path: text of a Python file}; ``others``: texts of files of
    the same program that stay as they are; ``image``: the names that a board has in its image,
    among them all that modules from elsewhere call their own.

    Returns ({path: text}, {path: {name: short name}}); the lines stay where they are. A file in
    which more than names would change stays as it is, and all do if one of them is no Python:
    the compiler has the better words for that.
    """
    try:
        facts = {path: _Facts(text) for path, text in sources.items()}
        fixed = [_Facts(text) for text in others]
    except (SyntaxError, ValueError):
        return dict(sources), {path: {} for path in sources}
    every = [*facts.values(), *fixed]
    chosen = _parameters(every).union(*[file.bound for file in facts.values()])
    chosen -= set().union(*[file.kept for file in facts.values()], *[file.words for file in fixed])
    taken = set().union(*[file.words for file in every])
    public = _public(facts, fixed, set(image)) if image else set()
    free = [name for name in image if name not in taken and name not in _SPECIAL]
    shared = _spread(sorted(public), free)
    texts, names = {}, {}
    for path, text in sources.items():
        wanted = [name for name in facts[path].names if name in chosen]
        short = dict(zip(wanted, short_names(taken), strict=False))
        short |= {name: shared[name] for name in facts[path].names if name in shared}
        changed = _replace(text, short)
        if not _is_same(text, changed, short):
            changed, short = text, {}
        texts[path], names[path] = changed, short
    return texts, names


def _parameters(every):
    """Names that are parameters of some functions and nothing but local variables anywhere else:
    others would stay in memory all the same."""
    found = set().union(*[file.parameters for file in every])
    found -= set().union(*[file.public for file in every])
    # Single letters gain nothing, and self is in the image of every board.
    return {name for name in found if len(name) > 1 and name != "self"}


def _public(facts, fixed, image):
    """Public names that the files bind and nobody else knows."""
    modules = {part for path in facts for part in (*path.parent.parts, path.stem)}
    every = [*facts.values(), *fixed]
    kept = set().union(*[file.kept_public for file in every], *[file.names for file in fixed])
    for file in every:
        for module, name in file.imported:
            if name in modules or module.split(".")[-1] not in modules:
                kept.add(name)
    owned = set().union(*[file.owned for file in facts.values()])
    return owned - kept - modules - image - _standard()


def _standard():
    """What built-in types and modules call their own, which may be meant by any such name."""
    types = (builtins, str, bytes, bytearray, list, dict, set, tuple, int, float)
    others = (array.array, asyncio, asyncio.StreamWriter, io.IOBase, json, select, socket.socket)
    return {name for thing in types + others for name in dir(thing)}


def _spread(names, free):
    """{name: one of the free ones}. Which one hardly depends on the other names, so that after a
    change in one file most of the others stay as they are and need not be uploaded again."""
    found, left = {}, list(free)
    for name in names[: len(free)]:
        at = zlib.crc32(name.encode()) % len(free)
        while left[at] is None:
            at = (at + 1) % len(free)
        found[name], left[at] = left[at], None
    return found


# What exceptions have.
_SPECIAL = ("args", "errno", "value")


class _Facts(ast.NodeVisitor):
    """Which names one file has, and how it uses them. Raises SyntaxError or ValueError."""

    def __init__(self, text):
        tree = ast.parse(text)
        found = {name for node in ast.walk(tree) for name in _identifiers(node)}
        self.words = dict.fromkeys(_WORD.findall(text))  # in their order; also of comments
        self.names = [word for word in self.words if word in found]
        self.parameters = set()
        self.public = set()  # what is anything else than a local variable
        self.kept = set()  # what has to stay, in all files
        self.bound = set()  # private ones, but for constants, which reach no board
        self.owned = set()  # public ones that are bound here, and not only local
        self.kept_public = set()  # what of them has to stay
        self.imported = []  # (module, name)
        self._constants = set()
        self._used = set()  # without a dot
        self._classes = []
        self._coroutines = set()
        self._tasks = set()
        self._scope = "module"
        self._selves = set()  # what the methods around call their object
        self.visit(tree)
        self._look_at_scopes(symtable.symtable(text, "file", "exec"))
        self._look_at_classes()
        # What comes from elsewhere.
        self.kept |= self._used - self.bound - self._constants
        # So that a traceback tells which task it was.
        self.kept |= self._tasks & self._coroutines
        self.kept_public |= self._tasks & self._coroutines

    # Where names are bound.

    def _bind(self, name):
        if _is_private(name):
            self.bound.add(name)

    def _own(self, name):
        if not name.startswith("_"):
            self.owned.add(name)

    def visit_Assign(self, node):
        makes = getattr(getattr(node.value, "func", None), "id", "")
        name = getattr(node.targets[0], "id", "")
        if makes == "const" and self._scope == "module" and _is_private(name):
            self._constants.add(name)
        else:
            self.visit(node.targets[0])
        for part in [*node.targets[1:], node.value]:
            self.visit(part)

    def visit_FunctionDef(self, node):
        self._bind(node.name)
        self._own(node.name)
        parts = list(ast.walk(node))
        names = [part for part in parts if isinstance(part, ast.Name)]
        rebound = {name.id for name in names if not isinstance(name.ctx, ast.Load)}
        parameters = [*node.args.posonlyargs, *node.args.args]
        static = any(getattr(part, "id", "") == "staticmethod" for part in node.decorator_list)
        selves = set()
        if self._scope == "class" and parameters and not static:
            selves = {parameters[0].arg} - rebound
        self._within("function", node, selves)

    def visit_AsyncFunctionDef(self, node):
        self._coroutines.add(node.name)
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node):
        self._within("function", node, set())

    def visit_ClassDef(self, node):
        self._bind(node.name)
        if not node.bases and not node.keywords:
            self._own(node.name)
        self._classes.append(node)
        self._within("class", node, set())

    def _within(self, scope, node, selves):
        before = self._scope, self._selves
        hidden = set()
        if scope == "function":
            hidden = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
        self._scope, self._selves = scope, (self._selves - hidden) | selves
        self.generic_visit(node)
        self._scope, self._selves = before

    def visit_arg(self, node):
        self._bind(node.arg)
        self.parameters.add(node.arg)
        self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            self.kept.update(alias.name.split("."), [alias.asname])
            self.kept_public.update(alias.name.split("."), [alias.asname])

    def visit_ImportFrom(self, node):
        module = (node.module or "").split(".")
        self.kept.update(module, *[[alias.name, alias.asname] for alias in node.names])
        self.kept_public.update(module, [alias.asname for alias in node.names])
        self.imported += [(node.module or "", alias.name) for alias in node.names]

    # Where they are used.

    def visit_Name(self, node):
        if _is_private(node.id):
            self._used.add(node.id)
            if isinstance(node.ctx, ast.Store):
                self._bind(node.id)
        elif isinstance(node.ctx, ast.Store) and self._scope != "function":
            self._own(node.id)

    def visit_Attribute(self, node):
        name = node.attr
        self.public.add(name)
        if _is_private(name):
            if getattr(node.value, "id", None) not in self._selves:
                self.kept.add(name)  # whose it is can't be known
            if isinstance(node.ctx, ast.Store):
                self._bind(name)
        elif isinstance(node.ctx, ast.Store):
            self._own(name)
        self.visit(node.value)

    def visit_keyword(self, node):
        self.kept.add(node.arg)
        self.kept_public.add(node.arg)
        self.generic_visit(node)

    def visit_Call(self, node):
        if getattr(node.func, "attr", getattr(node.func, "id", "")) in TASK_MAKERS:
            self._tasks.update(*map(_identifiers, ast.walk(node)))
        self.generic_visit(node)

    def visit_Expr(self, node):
        # A docstring does not reach the program.
        if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            self.generic_visit(node)

    def visit_Constant(self, node):
        value = node.value
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            # For getattr(); and the key of a dictionary may be unpacked into parameters.
            self.kept.update([word for word in _WORD.findall(value) if _is_private(word)])
            self.kept.add(value)
            self.kept_public.add(value)

    def visit_JoinedStr(self, node):
        # Before Python 3.12 an f-string is one token: words beside its expressions stay.
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                self.kept.update(_WORD.findall(part.value))
                self.kept_public.update(_WORD.findall(part.value))
        self.generic_visit(node)

    def _look_at_scopes(self, table):
        for symbol in table.get_symbols():
            if table.get_type() != "function" or symbol.is_global():
                self.public.add(symbol.get_name())
        for child in table.get_children():
            self._look_at_scopes(child)

    def _look_at_classes(self):
        """Objects of a class with a base in another file have private names from there too. The
        name of an exception is shown to people."""
        plain = {name for name in dir(builtins) if name[0].isupper()} | {"object"}
        for node in self._classes:
            bases = [getattr(base, "id", None) for base in node.bases]
            if node.keywords or not plain.issuperset(bases):
                plain.discard(node.name)
                self.kept.update(*map(_identifiers, ast.walk(node)))
                self.kept_public.update(*map(_identifiers, ast.walk(node)))
            else:
                plain.add(node.name)
                if bases:
                    self.kept.add(node.name)


def _is_private(name):
    return name.startswith("_") and not name.startswith("__") and name != "_"


def _identifiers(node):
    """The names in one node of a syntax tree, without those of the nodes in it."""
    if isinstance(node, ast.Constant):
        return []
    return [value for _, value in ast.iter_fields(node) if isinstance(value, str)]


def short_names(taken):
    """Generates names that begin with an underscore and are not taken, the shortest first."""
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_letters, repeat=length):
            name = "_" + "".join(letters)
            if name not in taken:
                yield name


def _replace(text, short):
    starts = list(itertools.accumulate([len(line) + 1 for line in text.split("\n")], initial=0))
    pieces, at = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        new = token.string
        if token.type == tokenize.NAME:
            new = short.get(new, new)
        elif token.type == tokenize.STRING:
            prefix, quote, rest = new.partition(re.search("['\"]", new)[0])
            if "f" in prefix.lower():
                rest = _WORD.sub(lambda word: short.get(word[0], word[0]), rest)
                new = prefix + quote + rest
        if new != token.string:
            begin = starts[token.start[0] - 1] + token.start[1]
            pieces += [text[at:begin], new]
            at = begin + len(token.string)
    return "".join([*pieces, text[at:]])


def _is_same(text, changed, short):
    """Whether ``changed`` is ``text`` with other names, and nothing else."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, str) and not isinstance(node, ast.Constant):
                setattr(node, field, short.get(value, value))
            elif isinstance(value, list) and value and isinstance(value[0], str):
                setattr(node, field, [short.get(name, name) for name in value])
    try:
        return ast.dump(tree) == ast.dump(ast.parse(changed))
    except SyntaxError:
        return False


_WORD = re.compile(r"(?<!\w)[^\W\d]\w*")
