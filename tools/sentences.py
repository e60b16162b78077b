"""Sentences out of the modules, into a file on the board's flash: memory is for what is needed.

A text in a compiled module stays in memory as long as the module, said or not, and most of the
firmware's sentences are about what hardly ever happens. So on the way to a board each of them
becomes a call, ``from_flash(place)``, and all go to one file (FILE), which the firmware
reads them from when they are said (firmware/__init__.py). The sources keep theirs.
"""

import ast

FILE = "firmware/sentences.txt"
READER = "from_flash"

# What has to speak when nothing works any more, and what reads the file.
KEPT = ("firmware/__init__.py", "firmware/start.py")
# Texts for machines, needed one after the other: each would be read from flash.
KEPT += ("firmware/document.py", "firmware/homeassistant.py", "firmware/homeassistant_gone.py")
KEPT += ("firmware/twcmanager_web.py", "firmware/twcmanager_values.py")

# MicroPython makes names of texts of up to ten letters, and there may be only so many of those; a
# call costs as much as a shorter one. Longer ones have no place: 256 * offset + length, in bytes.
SHORTEST = 8
LONGEST = 255

# What is compared is no sentence, and may be needed each second.
_COMPARING = ("startswith", "endswith", "find", "index", "split", "partition", "strip")


def move(sources, renamed=str):
    """Take the sentences out of ``sources``, {path: text of a Python file}; ``renamed`` gives what
    a text is on a board, where modules have other names.

    Returns ({path: text}, bytes of the file). Without a reader, or with a file that is no Python,
    everything stays as it is; the compiler has the better words for that.
    """
    reader = sources.get("firmware/__init__.py", "")
    if f"def {READER}(" not in reader:
        return dict(sources), b""
    held, places, texts = bytearray(), {}, {}
    for path, text in sources.items():
        texts[path] = text
        try:
            if path not in KEPT:
                texts[path] = _moved(text, held, places, renamed)
        except (SyntaxError, ValueError):
            return dict(sources), b""
    return texts, bytes(held)


def _moved(text, held, places, renamed):
    """``text`` with calls for its sentences, which are added to ``held`` and ``places``."""
    tree = ast.parse(text)
    name = f"_{READER}"
    found = _Sentences()
    found.visit(tree)
    if not found.nodes or name in text:
        return text
    data = text.encode()
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    begin = starts[next(node.lineno for node in tree.body if not _is_docstring(node)) - 1]
    pieces, at = [data[:begin], f"from firmware import {READER} as {name}\n".encode()], begin
    calls = {}
    for node, sentence, values in sorted(found.nodes, key=lambda item: _span(item[0], starts)):
        call = f"{name}({_place(renamed(sentence).encode(), held, places)})"
        if values is not None:
            call += f".format({', '.join([ast.unparse(value) for value in values])})"
        calls[node] = call
        begin, end = _span(node, starts)
        pieces += [data[at:begin], call.encode()]
        at = end
    moved = b"".join([*pieces, data[at:]]).decode()
    # Whether this, and nothing else, is what has changed.
    wanted = _Replaced(calls).visit(tree)
    given = ast.parse(moved)
    given.body = [node for node in given.body if not _is_import(node, name)]
    return moved if ast.dump(wanted) == ast.dump(given) else text


def _place(sentence, held, places):
    if sentence not in places:
        places[sentence] = 256 * len(held) + len(sentence)
        # A line each, for people who look into the file.
        held += sentence + b"\n"
    return places[sentence]


def _span(node, starts):
    """Where a node begins and ends, in bytes."""
    begin = starts[node.lineno - 1] + node.col_offset
    return begin, starts[node.end_lineno - 1] + node.end_col_offset


class _Sentences(ast.NodeVisitor):
    """Finds those that are said inside of functions: (node, text or what format() takes, None or
    the expressions in it)."""

    def __init__(self):
        self.nodes = []
        self._inside = False

    def visit_FunctionDef(self, node):
        before, self._inside = self._inside, True
        for part in node.body:
            self.visit(part)
        self._inside = before

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        before, self._inside = self._inside, False
        self.generic_visit(node)
        self._inside = before

    def visit_Expr(self, node):
        if not _is_docstring(node):
            self.generic_visit(node)

    def visit_Compare(self, node):
        pass

    def visit_Call(self, node):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "forget":
            # A module's name, which is in no hurry.
            for part in node.args:
                if isinstance(part, ast.Constant):
                    self._take(part, part.value, None, len(part.value) > 10)
        elif name in _COMPARING:
            self.visit(node.func)
        else:
            self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            self._take(node, node.value, None)

    def visit_JoinedStr(self, node):
        parts, values = [], []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(part.value.replace("{", "{{").replace("}", "}}"))
                continue
            how = "" if part.conversion == -1 else "!" + chr(part.conversion)
            if part.format_spec:
                spec = part.format_spec.values
                if not all(isinstance(piece, ast.Constant) for piece in spec):
                    return
                how += ":" + "".join([piece.value for piece in spec])
            parts.append("{" + how + "}")
            values.append(part.value)
        self._take(node, "".join(parts), values)

    def _take(self, node, text, values, anyway=False):
        fits = len(text) >= SHORTEST and len(text.encode()) <= LONGEST
        if self._inside and fits and (anyway or " " in text):
            self.nodes.append((node, text, values))


class _Replaced(ast.NodeTransformer):
    """Puts calls, {node: text}, in the place of nodes."""

    def __init__(self, calls):
        self._calls = calls

    def visit(self, node):
        if node in self._calls:
            return ast.parse(self._calls[node], mode="eval").body
        return super().visit(node)


def _is_import(node, name):
    return isinstance(node, ast.ImportFrom) and node.names[0].asname == name


def _is_docstring(node):
    value = getattr(node, "value", None)
    return isinstance(node, ast.Expr) and isinstance(getattr(value, "value", None), str)
