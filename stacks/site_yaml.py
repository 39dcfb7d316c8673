"""Reads YAML so that every key and value keeps its place in the file, and nothing is read by surprise.

YAML readers disagree on some plain words: for PyYAML (YAML 1.1) ``on`` is true, ``010`` is 8 and ``1:30`` is 90;
for Pulumi's own reader they are text, 10 or an error. What is not the same everywhere is a problem here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from stacks.site_errors import At, Keys, Mark, Problem

_TAG = "tag:yaml.org,2002:"
_RESOLVER = yaml.resolver.Resolver()
_WORDS = {
    **dict.fromkeys(("", "~", "null")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
# What YAML 1.2 readers take for numbers and YAML 1.1 readers for text.
_ELSEWHERE_NUMBER = re.compile(r"[-+]?([0-9][0-9_]*\.?[0-9_]*([eE][-+]?[0-9]+)|0o[0-7_]+)")
_AMBIGUOUS = {
    "bool": "is true or false to some YAML readers and text to others: write true or false, or put it in quotes",
    "timestamp": "is a date to YAML readers: put it in quotes",
    "null": "has no value to YAML readers: put it in quotes",
    "value": "has a meaning of its own to some YAML readers: put it in quotes",
}
_AMBIGUOUS_NUMBER = (
    "is a number that YAML readers disagree on: write plain decimal digits, or put it in quotes"
)
_NO_YAML = "not YAML from here on: look for a missing space after ':', quote or indentation"
_FLOW, _QUOTED = "while parsing a flow", "while scanning a quoted"
_SYNTAX = {
    r"'\t'": "a tab: YAML is indented with spaces",
    "undefined alias": "an alias (*name) without its anchor (&name); a text that starts with * needs quotes",
    "duplicate anchor": "an anchor (&name) that is there twice",
    "single document": "a second document (---): a site file is one",
    "mapping values are not allowed": (
        "a ':' where no key can be: a space is missing after the ':' above, the value needs quotes, or the line is "
        "indented too far"
    ),
    "could not find expected ':'": "a line without a ':' among keys",
    "cannot start any token": "a character that no value can start with: put the value in quotes",
    _FLOW: "a { or [ that is not closed, or a comma that is missing",
    "while parsing a block mapping": "expected a key: indent it like the keys beside it",
    _QUOTED: "a quoted text that does not end",
    "while scanning a double-quoted": "a quoted text with an unknown \\ sequence",
}
"""What PyYAML says, and what it means; the first that fits counts."""


@dataclass
class Document:
    """A YAML file's value, and where its parts are.

    Attributes
    ----------
    value
        Mappings, lists, text, numbers, booleans and None.
    problems
        What is wrong with the YAML itself; paths start at the top of the file.
    """

    value: object = None
    problems: list[Problem] = field(default_factory=list)
    keys: dict[Keys, Mark] = field(default_factory=dict)
    values: dict[Keys, Mark] = field(default_factory=dict)

    def place(self, problem: Problem) -> Mark:
        """Return where a problem is; one with a key that is not there is at its nearest parent's key."""
        path = problem.path
        if problem.at == "value" and path in self.values:
            return self.values[path]
        while path and path not in self.keys:
            path = path[:-1]
            if path in self.values and path not in self.keys:
                return self.values[path]
        return self.keys.get(path, Mark(1, 1))


class SyntaxProblemError(Exception):
    """A text that is not one YAML document.

    Attributes
    ----------
    mark, rule
        Where, and what is wrong.
    """

    def __init__(self, mark: Mark, rule: str) -> None:
        super().__init__(rule)
        self.mark, self.rule = mark, rule


def read(text: str) -> Document:
    """Return the document of a text.

    Raises
    ------
    SyntaxProblemError
        It is not one YAML document.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        rule = f"the character U+{error.character:04X} cannot be in a YAML file"
        raise SyntaxProblemError(Mark(line, 1), rule) from None
    except yaml.MarkedYAMLError as error:
        raise SyntaxProblemError(*_syntax(error)) from None
    document = Document()
    if root is not None:
        document.value = _Reader(document).value(root, (), ())
    return document


def _mark(mark: yaml.Mark) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _syntax(error: yaml.MarkedYAMLError) -> tuple[Mark, str]:
    """Return where and what; PyYAML's own text may quote the file, which may hold a secret."""
    said = f"{error.context or ''}; {error.problem or ''}"
    rule = next((rule for part, rule in _SYNTAX.items() if part in said), _NO_YAML)
    # What is not closed is looked for where it was opened.
    opened = rule in (_SYNTAX[_FLOW], _SYNTAX[_QUOTED])
    mark = error.context_mark if opened else error.problem_mark
    return (_mark(mark) if mark else Mark(1, 1)), rule


class _Reader:
    """Turns nodes into values, noting places and problems."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def value(self, node: yaml.Node, path: Keys, parents: tuple[int, ...]) -> object:
        """Return the value of a node; ``parents`` are the nodes that it is in."""
        self._note(node, path)
        if id(node) in parents:
            self._problem(path, "an anchor that contains itself")
            return None
        inside = (*parents, id(node))
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, path, inside)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(item, (*path, position), inside) for position, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self._problem(path, "a YAML tag (!name), which has no meaning here")
        return None

    def _note(self, node: yaml.Node, path: Keys) -> None:
        # A block starts with its first key, a line below; people look for it at its own key.
        block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        empty = isinstance(node, yaml.ScalarNode) and node.value == ""
        if path in self._document.keys and (block or empty):
            self._document.values[path] = self._document.keys[path]
        else:
            self._document.values[path] = _mark(node.start_mark)

    def _problem(self, path: Keys, rule: str, at: At = "value") -> None:
        self._document.problems.append(Problem(path, rule, at))

    def _mapping(self, node: yaml.MappingNode, path: Keys, parents: tuple[int, ...]) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in self._merged(node, path, parents):
            key = self._key(key_node, path)
            if key is not None and key not in result:
                self._document.keys[(*path, key)] = _mark(key_node.start_mark)
                result[key] = self.value(value_node, (*path, key), parents)
        self._refuse_duplicates(node, path)
        return result

    def _merged(
        self, node: yaml.MappingNode, path: Keys, parents: tuple[int, ...]
    ) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield a mapping's own pairs, then those it merges with ``<<``: the first of each key counts."""
        merges = []
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                merges += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            else:
                yield key_node, value_node
        for merge in merges:
            if not isinstance(merge, yaml.MappingNode):
                self._problem((*path, "<<"), "expected a mapping, or a list of mappings, to merge")
            elif id(merge) in parents:
                self._problem(path, "an anchor that contains itself")
            else:
                yield from self._merged(merge, path, (*parents, id(merge)))

    def _refuse_duplicates(self, node: yaml.MappingNode, path: Keys) -> None:
        first: dict[str, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key in first:
                self._document.keys[(*path, key)] = _mark(key_node.start_mark)
                self._problem((*path, key), f"written twice; the first is in line {first[key]}", at="key")
            elif key is not None:
                first[key] = line

    def _key(self, node: yaml.Node, path: Keys) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._problem(path, "a key must be text, not a list or a mapping")
            return None
        if not isinstance(node.value, str) or _plain(node) != node.value:
            self._document.keys[(*path, node.value)] = _mark(node.start_mark)
            self._problem((*path, node.value), "a key must be text: put it in quotes", at="key")
        return node.value

    def _scalar(self, node: yaml.ScalarNode, path: Keys) -> object:
        value = _plain(node)
        if isinstance(value, _Ambiguous):
            self._problem(path, value.rule)
            return node.value
        return value


@dataclass(frozen=True)
class _Ambiguous:
    rule: str


def _plain(node: yaml.ScalarNode) -> str | bool | int | float | _Ambiguous | None:
    """Return what every YAML reader makes of a scalar, or why they differ."""
    text, kind = node.value, node.tag.removeprefix(_TAG)
    implicit = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).removeprefix(_TAG)
    if kind == "str" and (node.style is not None or implicit != "str"):
        return text
    if kind != implicit:
        return _Ambiguous(
            "a YAML tag (!name), which has no meaning here; a text that starts with ! needs quotes"
        )
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text):
        return float(text) if "." in text else int(text)
    if kind == "str" and not _ELSEWHERE_NUMBER.fullmatch(text):
        return text
    return _Ambiguous(_AMBIGUOUS.get(kind, _AMBIGUOUS_NUMBER))
