"""From a site file, or what Pulumi read of one, to a `Site`, or to everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from stacks.site import Site, site_schema
from stacks.site_errors import Located, Problem, SiteError, dotted
from stacks.site_frame import (
    SECRETS,
    SITE_KEY,
    SITE_PATH,
    frame_problems,
    name_of,
    name_problem,
    open_document,
    shown,
    unused_config,
)
from stacks.site_rules import problems
from stacks.site_words import Words, empty
from stacks.site_yaml import Document

_STACKS = Path(__file__).parent


def load(path: Path) -> Site:
    """Return the site of a file.

    Raises
    ------
    SiteError
        With everything that is wrong with the file.
    """
    name = name_of(path)
    if name is None:
        raise SiteError([Located(path, None, "", "a site file is named Pulumi.<site>.yaml")])
    wrong_name = name_problem(name)
    document = open_document(path)
    others = [] if wrong_name is None else [Located(path, None, "", wrong_name)]
    site, found = _check(document)
    located = [
        *others,
        *(Located(path, document.place(problem), shown(problem.path), problem.rule) for problem in found),
    ]
    if located or site is None:
        raise SiteError(located)
    return site


def site_from_config(value: object, *, name: str, source: Path | None = None) -> Site:
    """Return the site of the object that Pulumi's engine read from a stack's configuration.

    Parameters
    ----------
    value
        ``pulumi.Config().require_object("site")``; whole numbers may have become floats on their way.
    name
        Name of the stack, which is the site's.
    source
        The file that the object comes from; left out, ``Pulumi.<name>.yaml`` beside this module, if it says
        the same.

    Raises
    ------
    SiteError
        With everything that is wrong: by line where the file says the same, else by key.
    """
    value = _whole_numbers(value)
    file = source or _STACKS / f"Pulumi.{name}.yaml"
    if file.is_file() and _says(file, value):
        return load(file)
    site, found = check_site(value)
    wrong_name = name_problem(name)
    located = [] if wrong_name is None else [Located(None, None, "", wrong_name)]
    located += [Located(None, None, dotted(problem.path), problem.rule) for problem in found]
    if located or site is None:
        raise SiteError(located)
    return site


def _says(file: Path, value: object) -> bool:
    """Return whether a file has this site, or is wrong in a way that the engine's object does not show.

    The engine hands over secrets inside the site in plain text, and the last of two equal keys.
    """
    try:
        document = open_document(file)
    except SiteError:
        return True
    config = document.value.get("config") if isinstance(document.value, dict) else None
    hidden = [*document.problems, *frame_problems(document)]
    return bool(hidden) or (isinstance(config, dict) and config.get(SITE_KEY) == value)


def _check(document: Document) -> tuple[Site | None, list[Problem]]:
    """Return a document's site if it is valid, and what is wrong with the document."""
    found = [*document.problems, *frame_problems(document)]
    config = document.value.get("config") if isinstance(document.value, dict) else None
    value = config.get(SITE_KEY) if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(value, dict):
        return None, found
    site, inside = check_site(value)
    inside = [Problem((*SITE_PATH, *problem.path), problem.rule, problem.at) for problem in inside]
    found += [problem for problem in inside if not _follows(problem, found)]
    if site is not None:
        found += unused_config(config, site.secret_keys, local=site.cluster.kind == "local")
    return site, found


def _follows(problem: Problem, others: Iterable[Problem]) -> bool:
    """Return whether a problem is only the consequence of another: at the same key, or in a wrong value."""
    return any(
        problem.path == other.path or (other.at == "value" and problem.path[: len(other.path)] == other.path)
        for other in others
    )


def check_site(value: object) -> tuple[Site | None, list[Problem]]:
    """Return the site of a value if its shape is right, and what is wrong with the value."""
    nothing = list(empty(value))
    try:
        # Strict, so that the schema, editors and this agree: "2" is no number and 1 is not true.
        site = Site.model_validate(value, strict=True)
        wrong = None
    except ValidationError as error:
        site, wrong = None, error
    if nothing or wrong:
        words = Words(site_schema(), value, SECRETS)
        found = list(words.no_values(nothing))
        shape = words.problems(wrong) if wrong else ()
        return None, found + [each for each in shape if not _follows(each, found)]
    assert site is not None  # noqa: S101 - tells the type checker
    return site, problems(site)


def _whole_numbers(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole_numbers(item) for key, item in value.items()}
    return [_whole_numbers(item) for item in value] if isinstance(value, list) else value
