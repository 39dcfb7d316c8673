"""Every key of a site file as a page for operators, from the specs: ``docs/reference.md``."""

import re
from collections.abc import Iterator
from pathlib import Path

from infra.paths import ROOT
from stacks.json_schema import Schema, Walk, expected
from stacks.site import site_schema
from stacks.site_frame import ENGINE_KEYS, PROJECT, SECRETS, SETTINGS, SITE_KEY

FILE = ROOT / "docs" / "reference.md"

_INTRODUCTION = f"""# Reference of site files

Every key of `stacks/Pulumi.<site>.yaml`. This page is made from the specs by `python -m stacks write-reference`;
`python -m stacks check` checks a file against them, and against the rules between values.

The site's name, in the file's name, has at most 30 lower-case letters, digits and hyphens and starts with a letter; its
namespace is `science-<site>`. A key that has no default and is not required may be left out. `<name>` stands for a name
that you choose: those sections are mappings from names.

A file's outermost key is `config:`; the site is in it, as `{SITE_KEY}:`. Beside `config:` Pulumi writes
keys of its own, which are left alone: {", ".join(f"`{key}`" for key in ENGINE_KEYS)}.
"""

_CONFIGURATION = """## Configuration beside the site

Secrets are never part of the site: they are set once each, and encrypted by Pulumi in the same file.

| Key | Set it with | What it is |
|---|---|---|
"""

_TABLE = """
| Key | Value | Default | What it is |
|---|---|---|---|
"""


def text() -> str:
    """Return the page."""
    return f"{_INTRODUCTION}\n{_configuration()}\n{_sections()}"


def write() -> Path:
    """Write the page's file and return its path."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
    return FILE


def _configuration() -> str:
    rows = [
        *((key, f"pulumi config set --secret {key}", use) for key, use in SECRETS.items()),
        *((key, f"pulumi config set {key} …", use) for key, use in SETTINGS.items()),
    ]
    lines = [f"| `{PROJECT}:{key}` | `{command}` | {use} |\n" for key, command, use in rows]
    return _CONFIGURATION + "".join(lines)


def _sections() -> str:
    walk = Walk(site_schema())
    return "\n".join(_section(walk, place, section) for place, section in walk.sections())


def _section(walk: Walk, place: str, section: Schema) -> str:
    required = section.get("required", [])
    rows = "".join(
        _row(walk, place, key, walk.resolve(field), required=key in required)
        for key, field in section["properties"].items()
    )
    return f"## {_heading(place)}\n\n{section['description']}\n{_TABLE}{rows}"


def _row(walk: Walk, place: str, key: str, field: Schema, *, required: bool) -> str:
    below = f"{place}.{key}" if place else key
    default = "required" if required else _default(field)
    cells = (f"`{key}`", _value(walk, below, field), default, field["description"])
    # A bar inside a cell would end it.
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


def _value(walk: Walk, place: str, field: Schema) -> str:
    """Return what a field's value is, with links to the sections below."""
    links = list(_links(walk, place, field))
    if links:
        return " or ".join(links)
    if field.get("type") == "array":
        return f"a list; each item: {expected(walk.resolve(field['items']))}"
    entries = field.get("additionalProperties")
    if isinstance(entries, dict):
        named = field["propertyNames"]
        links = list(_links(walk, f"{place}.<name>", walk.resolve(entries)))
        value = f"the section {' or '.join(links)}" if links else expected(walk.resolve(entries))
        return f"a mapping; key: {expected(named)}; value: {value}"
    return expected(field)


def _links(walk: Walk, place: str, field: Schema) -> Iterator[str]:
    kinds = walk.variants(field)
    for kind in kinds:
        yield f"[kind: {kind}](#{_anchor(f'{place} (kind: {kind})')})"
    if "properties" in field and not kinds:
        yield f"[{_heading(place)}](#{_anchor(place)})"


def _default(field: Schema) -> str:
    if "default" not in field:
        return ""
    default = field["default"]
    if default in ("", [], {}):
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{', '.join(default) if isinstance(default, list) else default}`"


def _heading(place: str) -> str:
    """Return a section's heading: its keys as they are written, and the kinds chosen on the way."""
    keys = re.sub(r" \(kind: \w+\)", "", place)
    kinds = " and ".join(f"`{kind}`" for kind in re.findall(r"\((kind: \w+)\)", place))
    return f"`{keys}`{f' with {kinds}' if kinds else ''}" if place else "The site"


def _anchor(place: str) -> str:
    """Return the anchor that Markdown viewers give a heading."""
    return re.sub(r"[^\w -]", "", _heading(place).lower()).replace(" ", "-")
