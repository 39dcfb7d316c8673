"""What moved, as the text of an issue."""

from collections.abc import Iterable

from stacks.drift.model import SiteDrift, details, headline
from stacks.review.comment import LIMIT, Fold, folded, inline

_ADVICE = (
    "Values are what the file says → what is there. `pulumi up` makes it what the file says; put into the file what "
    "shall stay."
)


def to_markdown(sites: Iterable[SiteDrift], *, where: str | None = None) -> str:
    """Return the report; where it would be too long, what comes last is left out.

    Parameters
    ----------
    where
        Address of the run that has looked.
    """
    sites = list(sites)
    lines = [
        inline(headline(sites)),
        "",
        _ADVICE,
        "",
        "| site | | moved |",
        "|---|---|---|",
        *(_row(each) for each in sites if not each.clean),
        "",
        *([f"Found by {where}.", ""] if where else []),
    ]
    text = "\n".join(lines)
    for each in sites:
        if each.clean:
            continue
        fold = Fold(each.site, "\n".join(line[2:] for line in details(each)))
        more = folded(fold) if len(text) + len(folded(fold)) < LIMIT else folded(Fold(each.site, None))
        text += f"\n{more}"
    return text


def _row(site: SiteDrift) -> str:
    if site.problem is not None:
        return f"| {inline(site.site)} | ⛔ could not be looked at | |"
    count = len(site.moved)
    return f"| {inline(site.site)} | 🟡 moved | {count} resource{'' if count == 1 else 's'} |"
