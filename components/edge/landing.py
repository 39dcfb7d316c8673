"""The pages that the edge shows itself: the landing page, and what people see when a page is not to be had.

Each is one file without scripts or outside references, so that a strict content security policy can say so.
"""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from components.edge.doors import Door

LANDING, UNAVAILABLE, MISSING = "landing.html", "unavailable.html", "missing.html"

RETRY_SECONDS = 5
"""How soon the page of an unavailable service loads itself again."""

_FILES = Path(__file__).parent / "files"
_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<circle cx='16' cy='16' r='6' fill='#5b6ee8'/>"
    "<circle cx='16' cy='16' r='13' fill='none' stroke='#5b6ee8' stroke-width='1.6'/>"
    "<circle cx='25.2' cy='6.8' r='3.4' fill='#5b6ee8'/></svg>"
)
_ARROW = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 8h11M8.5 3.5 13 8l-4.5 4.5" fill="none" '
    'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
_WAITING = '<span class="waiting" aria-hidden="true"><i></i><i></i><i></i></span>'


def _style() -> str:
    return (_FILES / "page.css").read_text()


def content_security_policy() -> str:
    """Return the policy of all pages (CSP Level 3): their own style, an icon in the page, nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def pages(title: str, url: str, doors: Sequence[Door]) -> dict[str, str]:
    """Return the pages by file name.

    Parameters
    ----------
    title
        The site's name as people read it.
    url
        The site's URL, from which the links to doors with hosts of their own are made.
    """
    return {
        LANDING: _page(
            title=title,
            heading=title,
            lead="Your data, your tools and room to compute, in the browser.",
            body=_doors(url, doors),
        ),
        UNAVAILABLE: _page(
            title=f"One moment · {title}",
            heading="One moment, please",
            lead="This service is starting or being updated. Your files are not affected.",
            body=(
                f'<p class="note" role="status">{_WAITING} '
                f"This page tries again by itself every {RETRY_SECONDS} seconds.</p>"
            ),
            footer=title,
            refresh=RETRY_SECONDS,
        ),
        MISSING: _page(
            title=f"Not found · {title}",
            heading="There is nothing here",
            lead="The address may be mistyped, or what was here has moved.",
            body='<p class="actions"><a class="button" href="/">To the start page</a></p>',
            footer=title,
        ),
    }


def _page(
    *, title: str, heading: str, lead: str, body: str, footer: str = "", refresh: int | None = None
) -> str:
    """Return a page; everything but ``body`` is text and is escaped here."""
    return Template((_FILES / "page.html").read_text()).substitute(
        title=escape(title),
        heading=escape(heading),
        lead=escape(lead),
        body=body,
        footer=escape(footer),
        refresh="" if refresh is None else f'<meta http-equiv="refresh" content="{refresh}">\n',
        icon=f"data:image/svg+xml,{quote(_ICON, safe=':/ =')}",
        style=_style(),
    )


def _doors(url: str, doors: Sequence[Door]) -> str:
    cards = "\n".join(_door(url, door) for door in doors if door.listed)
    return f'<ul class="doors">\n{cards}\n</ul>'


def _door(url: str, door: Door) -> str:
    return (
        f'<li><a class="door" href="{escape(door.address(url))}"><h2>{escape(door.title)}</h2>'
        f'<p>{escape(door.description)}</p><span class="go">Open{_ARROW}</span></a></li>'
    )
