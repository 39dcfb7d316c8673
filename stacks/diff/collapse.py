"""Hashed names: what follows from an image or a file that changes becomes one line that says which.

An image's tag is a hash of what it is made of, and a ConfigMap's name holds the hash of its content; both
appear wherever they are used. Such a difference is explained by the image or the ConfigMap, and says nothing more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from stacks.diff.fields import keys_of, stem
from stacks.diff.impact import content_addressed
from stacks.diff.model import Cause, Change, Field, Impact

_IMAGE = re.compile(
    r"(?P<repository>[a-z0-9][\w.\-/:]*?)(?::(?P<tag>[\w.\-]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)
_OURS = re.compile("[0-9a-f]{12}")
_HASHED = re.compile(r"[-:][0-9a-f]{8,64}\b")


@dataclass(frozen=True)
class Explained:
    """Changes whose fields name what explains them, and the causes."""

    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]
    outputs: tuple[Field, ...]


@dataclass(frozen=True)
class _Token:
    """A text that has become another one wherever it appears, and why."""

    before: str
    after: str
    causes: tuple[str, ...]


def collapsed(changes: Iterable[Change], outputs: Iterable[Field]) -> Explained:
    """Return the changes with what explains them."""
    changes, outputs = tuple(changes), tuple(outputs)
    images = _images([*(field for each in changes for field in each.fields), *outputs])
    tokens = [_Token(old, new, (title,)) for (old, new), title in images.items()]
    configs: dict[str, tuple[Field, ...]] = {}
    for change in filter(content_addressed, changes):
        content = [field for field in change.fields if keys_of(field.path)[0] in ("data", "binaryData")]
        own = tuple(field for field in content if not _explaining(field, tokens))
        title = f"config {stem(change.object)}"
        because = tuple(dict.fromkeys(cause for field in content for cause in _explaining(field, tokens)))
        name = next(field for field in change.fields if field.path == "/metadata/name")
        if own:
            configs[title] = tuple(
                replace(field, path=field.path.removeprefix("/data"), forces=False) for field in own
            )
            because = (title,)
        tokens.append(_Token(str(name.before), str(name.after), because))
    told = tuple(_told(change, tokens) for change in changes)
    causes = [Cause(title, (Field("", *_short(old, new)),)) for (old, new), title in images.items()] + [
        Cause(title, fields) for title, fields in configs.items()
    ]
    return Explained(
        changes=told,
        causes=tuple(_with_consequences(cause, told) for cause in causes),
        outputs=tuple(field for field in outputs if not _explaining(field, tokens)),
    )


def _images(fields: Iterable[Field]) -> dict[tuple[str, str], str]:
    """Return the image references that become others, with a title for each pair."""
    titles: dict[tuple[str, str], str] = {}
    for old, new in _references(fields):
        title = f"image {_called(new)}"
        if (old, new) not in titles:
            # One repository may go two ways: from two tags to one, or from one to two.
            titles[old, new] = f"{title} ({_short(old, new)[0]})" if title in titles.values() else title
    return titles


def _references(fields: Iterable[Field]) -> Iterator[tuple[str, str]]:
    for field in fields:
        keys = ("", *keys_of(field.path))
        named = keys[-1].lower().endswith("image") or keys[-2] == "images"
        if named and isinstance(field.before, str) and isinstance(field.after, str):
            yield field.before, field.after


def _called(reference: str) -> str:
    """Return what to call an image: its repository, or the last part of one whose tag is a hash of its making."""
    match = _IMAGE.fullmatch(reference)
    if match is None:
        return reference
    ours = match["tag"] is not None and _OURS.fullmatch(match["tag"])
    return match["repository"].rpartition("/")[2] if ours else match["repository"]


def _repository(reference: str) -> str:
    match = _IMAGE.fullmatch(reference)
    return match["repository"] if match else reference


def _short(old: str, new: str) -> tuple[str, str]:
    """Return two references without what both begin with."""
    repository = _repository(old)
    if repository != _repository(new):
        return old, new
    return old[len(repository) + 1 :], new[len(repository) + 1 :]


def _explaining(field: Field, tokens: Iterable[_Token]) -> tuple[str, ...]:
    """Return the causes that explain a field whole; none where something else changes, too."""
    texts = (field.before, field.after)
    if not all(isinstance(text, str) for text in texts):
        return ()
    before, after = str(field.before), str(field.after)
    causes: list[str] = []
    for token in tokens:
        if token.before in before and token.after in after:
            before = before.replace(token.before, token.after)
            causes += token.causes
    return tuple(dict.fromkeys(causes)) if before == after else ()


def _told(change: Change, tokens: list[_Token]) -> Change:
    if content_addressed(change):
        name = next(field for field in change.fields if field.path == "/metadata/name")
        because = _explaining(name, tokens)
        return replace(change, fields=tuple(replace(field, causes=because) for field in change.fields))
    fields = [replace(field, causes=_explaining(field, tokens)) for field in change.fields]
    siblings = {field.path.rpartition("/")[0]: field.causes for field in fields if field.causes}
    # ``fetch-<hash of the image>``: a name that holds the hash of what is beside it.
    fields = [
        replace(field, causes=siblings.get(field.path.rpartition("/")[0], ()))
        if not field.causes and _only_hashes(field)
        else field
        for field in fields
    ]
    return replace(change, fields=tuple(fields))


def _only_hashes(field: Field) -> bool:
    before, after = str(field.before), str(field.after)
    return before != after and _HASHED.sub("", before) == _HASHED.sub("", after)


def _with_consequences(cause: Cause, changes: Iterable[Change]) -> Cause:
    touched = [change for change in changes if any(cause.title in field.causes for field in change.fields)]
    impact = max((change.impact for change in touched), default=Impact.NONE)
    notes = [note for change in touched if change.impact == impact for note in change.notes]
    return replace(
        cause,
        changes=tuple(change.urn for change in touched if cause.title in change.causes),
        impact=impact,
        notes=tuple(dict.fromkeys(notes)) if impact else (),
    )
