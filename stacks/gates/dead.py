"""Finds the values of a site that change nothing in its plan: whoever wrote them believes something that is not so.

Most values are changed all at once, each to one of its own, and looked for in one plan; those that do not turn up are
changed one by one. A value is dead when no other one makes another plan, as `up` or as a preview.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from stacks.gates.perturb import Marked, alternatives, changed, leaves, marked
from stacks.plan import plan
from stacks.program import main as program
from stacks.site_errors import Keys
from stacks.site_loading import check_site

_TRIES = 2
"""Other values that are tried of each before it counts as dead; the first of them in a preview as well."""

_FIRST = 7000
"""Number from which values are told apart: far from any that plans are full of."""

_DEEPEST = 8
"""Sections in each other that are given up, one after the other, where rules object to what is in them."""


class Probe:
    """Plans a site with other values.

    Parameters
    ----------
    name
        Of the stack.
    site
        As Pulumi's configuration has it; a valid one.
    """

    def __init__(self, name: str, site: Mapping[str, Any]) -> None:
        self._name, self._site = name, site
        self._values = dict(leaves(site))
        self._as_it_is = {False: self._declared({})}

    def dead(self, paths: Iterable[Keys]) -> list[Keys]:
        """Return which of some places have a value that changes nothing."""
        asked = [path for path in paths if path in self._values]
        alive = self._seen(asked)
        return [path for path in asked if path not in alive and self._is_dead(path)]

    def _seen(self, paths: list[Keys]) -> set[Keys]:
        """Return the places whose values, each changed to one of its own, turn up in one plan."""
        marks = self._together(self._marks(paths))
        if len(marks) <= 1:
            return set()
        after = json.dumps(self._declared({path: mark.value for path, mark in marks.items()}))
        return {path for path, mark in marks.items() if _holds(after, mark)}

    def _marks(self, paths: list[Keys]) -> dict[Keys, Marked]:
        before = json.dumps(self._as_it_is[False])
        marks: dict[Keys, Marked] = {}
        taken: set[str] = set()
        for number, path in enumerate(paths, _FIRST):
            for mark in marked(self._values[path], number):
                alone = taken.isdisjoint(mark.forms) and not _holds(before, mark)
                if alone and self._is_valid({path: mark.value}):
                    marks[path] = mark
                    taken.update(mark.forms)
                    break
        return marks

    def _together(self, marks: dict[Keys, Marked]) -> dict[Keys, Marked]:
        """Return the changes that can be made all at once: without those that rules object to."""
        around = 0
        while marks:
            _, problems = check_site(changed(self._site, {path: mark.value for path, mark in marks.items()}))
            if not problems:
                break
            # What a rule names is not always what was changed: then it is something around that.
            blamed = [problem.path[: max(1, len(problem.path) - around)] for problem in problems]
            left = {path: mark for path, mark in marks.items() if not _touches(path, blamed)}
            around = around + 1 if len(left) == len(marks) else 0
            marks = left if around <= _DEEPEST else {}
        return marks

    def _is_dead(self, path: Keys) -> bool:
        others = list(islice(self._allowed(path), _TRIES))
        tried = [(other, False) for other in others] + [(other, True) for other in others[:1]]
        return bool(tried) and not any(
            self._differs({path: other}, preview=preview) for other, preview in tried
        )

    def _differs(self, values: Mapping[Keys, object], *, preview: bool) -> bool:
        if preview not in self._as_it_is:
            self._as_it_is[preview] = self._declared({}, preview=preview)
        return self._declared(values, preview=preview) != self._as_it_is[preview]

    def _allowed(self, path: Keys) -> Iterator[object]:
        for other in alternatives(self._site, path, self._values[path]):
            if self._is_valid({path: other}):
                yield other

    def _is_valid(self, values: Mapping[Keys, object]) -> bool:
        return not check_site(changed(self._site, values))[1]

    def _declared(self, values: Mapping[Keys, object], *, preview: bool = False) -> list[Any]:
        """Return what is declared with other values; the outputs only repeat the site, and declare nothing."""
        site = changed(self._site, values)
        valid, _ = check_site(site)
        assert valid is not None  # noqa: S101 - only valid ones are asked for
        found = plan(
            program, stack=self._name, config={"site": site}, secrets=valid.secret_keys, preview=preview
        )
        return [
            [each.urn, each.provider, each.inputs, each.options.protect, each.options.retain_on_delete]
            for each in found.resources
        ]


def _holds(text: str, mark: Marked) -> bool:
    """Return whether a mark is in a text, and not only as a part of a longer number."""
    return any(re.search(rf"(?<![0-9A-Za-z.]){re.escape(form)}(?![0-9A-Za-z])", text) for form in mark.forms)


def _touches(path: Keys, others: Iterable[Keys]) -> bool:
    """Return whether a place is at, in or around one of others."""
    return any(path[: len(other)] == other[: len(path)] for other in others)
