"""Where modules lie on a board: those that are always loaded together in one file, the others
without a package.

MicroPython keeps of each module an object, a dictionary of its globals, a table of its names, and
what modules import from each other once more in each: some 200 bytes for each. So in the sources
modules are as small as they read well, and on a board those of a bundle are one module, in which a
function of another one is simply a name.

It also keeps the names of a module for ever, whether it is dropped or not: that of its file, its
own, and with its package before it. So firmware/wifi_join.py and firmware/lib/twc/line_notes.py
become firmware/lib/wifi_join.mpy and firmware/lib/line_notes.mpy there, and nobody knows their
packages. For this the sources name modules whole ("firmware.wifi_join") wherever they do so in a
text.
"""

import ast
import collections
import re

from tools.shorten import short_names

BUNDLES = {
    # What last words need, whatever is wrong with the others.
    "firmware/lib/ground.py": "firmware.board firmware.watchdog",
    "firmware/lib/running.py": (
        "firmware.journal text units twc.message twc.frame "
        "twc.slave twc.lookout twc.master charging.claims charging.limits firmware.bus "
        "firmware.app"
    ),
    "firmware/lib/deciding.py": (
        "charging.share charging.reasons charging.trend charging.surplus charging.unit "
        "charging.energy charging.stopping charging.relay charging.wishes charging.plan "
        "charging.inputs firmware.decisions"
    ),
    "firmware/lib/talking.py": "firmware.wifi firmware.report firmware.webserver firmware.mqtt",
    "firmware/lib/asking.py": "twc.answers twc.questions",
}
"""{path of a bundle, as if it were a source: names of the modules in it}. Each module comes after
those of its bundle that it imports while it is being imported. The order is that in which a board
needs them: bus, decisions, network, questions."""

# What others than the firmware's own modules import (`make check-board`), beside main.py.
KEPT = {"firmware.__init__", "firmware.check"}

LIBRARY = "firmware/lib/"
_PACKAGES = ("firmware", "charging", "twc")
_NAMED = re.compile(rf"\b(?:{'|'.join(_PACKAGES)})\.\w+")


class BundleError(Exception):
    """A sentence: what about a module keeps it from being bundled."""


def bundle(sources, plain=(), bundles=None):
    """({path: text}, {path: {path of a source in it: {name there: name in the new file}}}).

    sources: {path: text} of all modules, paths as "firmware/lib/twc/message.py". plain: texts of
    files that are staged as they are, whose imports stay where they are, too. bundles: as BUNDLES;
    one of which a module is missing is left out. Texts are syntax trees written down again:
    without comments, and with other lines. Raises BundleError, SyntaxError or ValueError.
    """
    files = {dotted(path): _File(path, text) for path, text in sources.items()}
    where, alone = _layout(sources, plain, bundles)
    # Packages without anything in them.
    alone = {name: path for name, path in alone.items() if name in KEPT or "__init__" not in name}
    lying = [*dict.fromkeys(where.values()), *alone.values()]
    twice = {path for path in lying if lying.count(path) > 1}
    if twice:
        raise BundleError(f"{min(twice)} would be two modules on a board: name one otherwise.")
    made = {}
    for path in dict.fromkeys(where.values()):
        _choose_names([files[name] for name in where if where[name] == path])
    renamed = renamer(sources, plain, bundles)
    for file in files.values():
        file.link(files, where, alone, renamed)
    texts = {}
    for name, path in alone.items():
        texts[path], made[path] = files[name].text(), {files[name].path: {}}
    for path in dict.fromkeys(where.values()):
        members = [files[name] for name in where if where[name] == path]
        texts[path] = _joined(members)
        made[path] = {file.path: file.new for file in members}
    return texts, made


def _layout(paths, plain, bundles):
    """({name of a module: path of its bundle}, {name of any other module: path on a board})."""
    names = {dotted(path): str(path) for path in paths}
    where = {}
    for path, members in (BUNDLES if bundles is None else bundles).items():
        if all(member in names for member in members.split()):
            where |= {member: path for member in members.split()}
    kept = KEPT.union(*[_imports(text) for text in plain])
    alone = {}
    for name, path in names.items():
        if name not in where:
            alone[name] = _file_of(_without_package(name, kept), path)
    return where, alone


def _without_package(name, kept):
    """What a module that is in no bundle is called on a board; `kept`: names that stay."""
    packed = name.split(".")[0] in _PACKAGES and name not in kept
    return name.split(".")[-1] if packed else name


def _file_of(name, path):
    """Path of the file of a module on a board; `path`: of its source."""
    return path if name == dotted(path) else f"{LIBRARY}{name}.py"


def _imports(text):
    """Names that a file may import as modules; none if it is no Python."""
    try:
        return set(imported(ast.walk(ast.parse(text))))
    except (SyntaxError, ValueError):
        return set()


def imported(nodes):
    """Generates the names, of those of some nodes of a syntax tree that import, that may be names
    of modules."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from [f"{node.module}.{alias.name}" for alias in node.names]


def renamer(paths, plain=(), bundles=None):
    """A function that gives a text with the names that modules have on a board, for what
    bundle() gets; `paths`: of all sources."""
    where, alone = _layout(paths, plain, bundles)
    names = {name: dotted(path) for name, path in (where | alone).items()}
    return lambda text: _NAMED.sub(lambda found: names.get(found[0], found[0]), text)


def place(path):
    """Path of the file in which a source of the whole firmware lies on a board (.py for .mpy)."""
    return _file_of(loaded_as(dotted(path)), str(path))


def loaded_as(name):
    """What a module of the whole firmware is called on a board: "firmware.wifi_join" ->
    "wifi_join", "charging.plan" -> "deciding"."""
    for bundled, members in BUNDLES.items():
        if name in members.split():
            return dotted(bundled)
    return _without_package(name, KEPT | {"firmware.start"})


def dotted(path):
    """ "firmware/lib/twc/message.py" -> "twc.message"."""
    return str(path).removeprefix(LIBRARY).removesuffix(".py").replace("/", ".")


def _choose_names(members):
    """Sets `new`, {name: name in the bundle}, of each file of a bundle: no name there may mean
    something else in another of its files. New ones are the short names of shorten(), which cost
    nothing where attributes have them already."""
    free = short_names(set().union(*[file.bound for file in members]))
    uses = collections.Counter([name for file in members for name in file.bound])
    for file in members:
        file.new = {}
        for name in file.globals:
            new = name
            if uses[name] > 1:
                private = name.startswith("_") and name in file.constants
                new = f"_{file.stem}{name}" if private else next(free)
            file.new[name] = new


class _File:
    """One module: its tree, what it binds, and where it names what."""

    def __init__(self, path, text):
        self.path = str(path)
        self.stem = dotted(path).split(".")[-1]
        self.tree = ast.parse(text)
        self.globals = dict.fromkeys(_bound_in(self.tree.body))
        scopes = [node for node in ast.walk(self.tree) if isinstance(node, _SCOPES)]
        self.bound = self.globals.keys() | {name for node in scopes for name in _locals(node)}
        self.constants = _constants(self.tree)
        # What it imports keeps its name.
        self.imported = set(_imported(self.tree.body))
        for name in self.imported:
            self.globals.pop(name, None)
        self.new = {}

    def text(self):
        ast.fix_missing_locations(self.tree)
        return ast.unparse(self.tree)

    def link(self, *where):
        """Puts in the place of each name of another module what it is called on a board; `where`:
        as for a _Linker."""
        self.tree = _Linker(self, *where).visit(self.tree)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*_FUNCTIONS, *_COMPREHENSIONS)


def _bound_in(body):
    """Names that statements bind where they stand, without those of functions and classes in
    them."""
    left = list(body)
    while left:
        node = left.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            left += node.decorator_list
            continue
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from [alias.asname or alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        left += ast.iter_child_nodes(node)


def _imported(body):
    """Names that statements bind by importing."""
    for node in body:
        for part in ast.walk(node) if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)) else ():
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                yield from [alias.asname or alias.name.split(".")[0] for alias in part.names]


def _locals(node):
    """Names that are local to a function, or to a comprehension."""
    if isinstance(node, _COMPREHENSIONS):
        return {
            part.id for made in node.generators for part in ast.walk(made.target) if _is_name(part)
        }
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    found = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
    found |= set(_bound_in(body))
    for part in [part for piece in body for part in ast.walk(piece)]:
        if isinstance(part, ast.Global):
            found -= set(part.names)
    return found


def _is_name(node):
    return isinstance(node, ast.Name)


def _constants(tree):
    """Names of what a module makes with const()."""
    made = [node for node in tree.body if isinstance(node, ast.Assign)]
    made = [node for node in made if isinstance(node.value, ast.Call)]
    return {node.targets[0].id for node in made if getattr(node.value.func, "id", "") == "const"}


class _Linker(ast.NodeTransformer):
    def __init__(self, file, files, where, alone, renamed):
        self._file, self._files, self._where, self._alone = file, files, where, alone
        self._renamed = renamed
        self._here = where.get(dotted(file.path))
        self._scopes = []  # sets of local names
        self._aliases = [{}]  # {name: ("module", dotted name), or ("name", dotted name, name)}

    # What is imported.

    def visit_Import(self, node):
        left = []
        for alias in node.names:
            if alias.name in self._where:
                self._alias(alias.asname or alias.name, ("module", alias.name))
                if not self._is_here(alias.name):
                    left.append(self._bundle_as(alias.name, alias.asname or alias.name))
            elif alias.name in self._alone and "." in alias.name:
                raise BundleError(f"{self._file.path}: import {alias.name}: use from … import.")
            else:
                left.append(ast.Import([alias]))
        return left or ast.Pass()

    def visit_ImportFrom(self, node):
        left = []
        for alias in node.names:
            name, known = f"{node.module}.{alias.name}", alias.asname or alias.name
            if name in self._where:
                self._alias(known, ("module", name))
                if not self._is_here(name):
                    left.append(self._bundle_as(name, known))
            elif node.module in self._where:
                self._alias(known, ("name", node.module, alias.name))
                if not self._is_here(node.module):
                    path = self._where[node.module]
                    new = self._new(node.module, alias.name)
                    one = ast.alias(new, None if new == known else known)
                    left.append(ast.ImportFrom(dotted(path), [one], 0))
            elif name in self._alone:
                left.append(_import(dotted(self._alone[name]), known))
            elif node.module in self._alone:
                module = dotted(self._alone[node.module])
                left.append(ast.ImportFrom(module, [alias], 0))
            else:
                left.append(ast.ImportFrom(node.module, [alias], node.level))
        return left or ast.Pass()

    def _alias(self, name, means):
        self._aliases[-1][name] = means

    def _bundle_as(self, module, name):
        return _import(dotted(self._where[module]), name)

    def _is_here(self, module):
        return self._here is not None and self._where[module] == self._here

    def _new(self, module, name):
        file = self._files[module]
        if name not in file.new and name not in file.imported:
            raise BundleError(f"{self._file.path}: {module} has no {name}.")
        return file.new.get(name, name)

    # What is named.

    def _meaning(self, name):
        """What an imported name stands for, or None."""
        for depth in range(len(self._scopes), 0, -1):
            if name in self._scopes[depth - 1]:
                return self._aliases[depth].get(name)
        return self._aliases[0].get(name)

    def _is_local(self, name):
        return any(name in scope for scope in self._scopes)

    def visit_Name(self, node):
        means = self._meaning(node.id)
        if means and means[0] == "module":
            if isinstance(node.ctx, ast.Del):
                return node
            raise BundleError(f"{self._file.path}: the module {node.id} is used as a value.")
        if means and self._is_here(means[1]):
            return ast.Name(self._new(*means[1:]), node.ctx)
        if not means and self._here and not self._is_local(node.id):
            return ast.Name(self._file.new.get(node.id, node.id), node.ctx)
        return node

    def visit_Attribute(self, node):
        means = _is_name(node.value) and self._meaning(node.value.id)
        if not means or means[0] != "module":
            return self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) and self._is_here(means[1]):
            raise BundleError(f"{self._file.path} sets {ast.unparse(node)}: let {means[1]} do it.")
        new = self._new(means[1], node.attr)
        if self._is_here(means[1]):
            return ast.Name(new, node.ctx)
        return ast.Attribute(node.value, new, node.ctx)

    def visit_Delete(self, node):
        """`del module` of what is bundled here: there is nothing to be deleted."""
        kept = []
        for target in node.targets:
            means = _is_name(target) and self._meaning(target.id)
            if not (means and self._is_here(means[1])):
                kept.append(self.visit(target))
        return ast.Delete(kept) if kept else ast.Pass()

    def visit_Global(self, node):
        if self._here:
            return ast.Global([self._file.new.get(name, name) for name in node.names])
        return node

    def visit_Expr(self, node):
        # A docstring does not reach the program.
        return ast.Pass() if _is_text(node) else self.generic_visit(node)

    def visit_BinOp(self, node):
        self._keep_whole(node, [node.left])
        return self.generic_visit(node)

    def visit_JoinedStr(self, node):
        self._keep_whole(node, node.values)
        return self.generic_visit(node)

    def _keep_whole(self, node, parts):
        for part in parts:
            text = getattr(part, "value", None)
            if isinstance(text, str) and text.endswith(tuple(f"{one}." for one in _PACKAGES)):
                raise BundleError(f"{self._file.path}: name modules whole: {ast.unparse(node)}.")

    def visit_Constant(self, node):
        # sys.modules, and what loads modules by their names.
        value = node.value
        if isinstance(value, bytes):
            return ast.Constant(self._renamed(value.decode("latin-1")).encode("latin-1"))
        if isinstance(value, str):
            return ast.Constant(self._renamed(value))
        return node

    # Scopes.

    def visit_Module(self, node):
        node.body = self._statements(node.body)
        return node

    def _statements(self, body):
        found = []
        for statement in body:
            made = self.visit(statement)
            found += made if isinstance(made, list) else [made] if made is not None else []
        return found or [ast.Pass()]

    def _function(self, node):
        if self._here and not self._scopes and hasattr(node, "name"):
            node.name = self._file.new.get(node.name, node.name)
        if hasattr(node, "decorator_list"):
            node.decorator_list = [self.visit(part) for part in node.decorator_list]
        node.args.defaults = [self.visit(part) for part in node.args.defaults]
        node.args.kw_defaults = [part and self.visit(part) for part in node.args.kw_defaults]
        self._enter(_locals(node))
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.body = self._statements(node.body)
        self._leave()
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function

    def visit_ClassDef(self, node):
        if self._scopes:
            raise BundleError(f"{self._file.path}: class {node.name} in a function.")
        if self._here:
            node.name = self._file.new.get(node.name, node.name)
        node.bases = [self.visit(part) for part in node.bases]
        own = set(_bound_in(node.body))
        body = []
        for statement in node.body:
            # Names of the class are known to its own statements, not to its methods.
            plain = not isinstance(statement, _FUNCTIONS)
            if plain:
                self._enter(own)
            made = self.visit_method(statement) if not plain else self.visit(statement)
            if plain:
                self._leave()
            body += made if isinstance(made, list) else [made]
        node.body = body
        return node

    def visit_method(self, node):
        name = node.name
        self._function(node)
        node.name = name
        return node

    def _comprehension(self, node):
        self._enter(_locals(node))
        self.generic_visit(node)
        self._leave()
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _enter(self, names):
        self._scopes.append(names)
        self._aliases.append({})

    def _leave(self):
        self._scopes.pop()
        self._aliases.pop()


def _import(module, name):
    """The statement that imports a module under a name."""
    package, _, last = module.rpartition(".")
    alias = ast.alias(last, None if last == name else name)
    return ast.ImportFrom(package, [alias], 0) if package else ast.Import([alias])


def _joined(members):
    """The text of a bundle: what its modules import from elsewhere once, then their statements."""
    known, body = {}, []
    for file in members:
        for statement in file.tree.body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                # One alias each: visit_Import and visit_ImportFrom have seen to that.
                name = statement.names[0].asname or statement.names[0].name.split(".")[0]
                said = ast.unparse(statement)
                if name not in known:
                    body.append(statement)
                elif known[name] != said:
                    raise BundleError(f"{file.path}: {said}, but {known[name]} in its bundle.")
                known[name] = said
            elif not isinstance(statement, ast.Pass) and not _is_text(statement):
                body.append(statement)
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
