"""References to container images (https://pkg.go.dev/github.com/distribution/reference)."""

import re

FLOATING = frozenset(
    {"latest", "main", "master", "edge", "nightly", "stable", "dev", "devel", "develop", "testing", "rolling"}
)
"""Tags that are another image tomorrow."""

_TAG = re.compile(r":([\w][\w.-]*)$")


def floating(reference: str) -> str | None:
    """Return why a reference may be another image tomorrow; None where it names one."""
    if "@sha256:" in reference:
        return None
    match = _TAG.search(reference.rpartition("/")[2])
    if match is None:
        return "has no tag, which means latest"
    return f"has the tag {match[1]}, which moves" if match[1] in FLOATING else None
