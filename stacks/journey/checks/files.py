"""The door of files: what a notebook wrote is there, what is put there is in the notebook, and nobody else's is."""

import httpx

from stacks.journey.day import Day, SkippedError, expect, given
from stacks.journey.people import Person

_READ = """
import json, os
path = os.path.expanduser('~/{marker}/{name}')
print(json.dumps(open(path, encoding='utf-8').read()))
"""

_NAME = "from outside ☆.txt"
_TEXT = "put through the door\n"


def _door(day: Day) -> str:
    if "webdav" not in day.offer.doors:
        raise SkippedError("the site has no WebDAV door")
    return day.offer.doors["webdav"].rstrip("/")


def _ask(day: Day, method: str, path: str, person: Person | None, **options: object) -> httpx.Response:
    """Ask the door with a person's token as the password, as a network drive does; without one for None."""
    auth = (person.name, day.hub(person).token) if person else None
    browser = day.offer.route.client()
    try:
        return browser.request(method, f"{_door(day)}{path}", auth=auth, **options)  # type: ignore[arg-type] # httpx checks
    finally:
        browser.close()


def door_shows_home(day: Day) -> str:
    """Check that a file that a notebook wrote is read through the door, and the other way round."""
    _door(day)
    traveller = day.cast.traveller
    note = _ask(day, "GET", f"/home/{day.marker}/note.txt", traveller)
    expect(
        note.text == f"written by {traveller.name}\n",
        f"the door answers {note.status_code}: {note.text[:100]!r}",
    )
    listed = _ask(day, "PROPFIND", f"/home/{day.marker}/", traveller, headers={"Depth": "1"})
    expect("image.fits" in listed.text, f"the door lists {listed.text[:300]!r}")
    put = _ask(day, "PUT", f"/home/{day.marker}/{_NAME}", traveller, content=_TEXT.encode())
    expect(put.status_code == httpx.codes.CREATED, f"putting a file is answered with {put.status_code}")
    read = day.ask(traveller, _READ.format(marker=day.marker, name=_NAME))
    expect(read == _TEXT, f"the notebook reads {read!r}")
    return "read, listed, put, read in the notebook"


def door_closed_to_others(day: Day) -> str:
    """Check that the other user finds nothing of the traveller's at the door, and nobody comes in without a token."""
    _door(day)
    other, owner = given(day.cast.other, "another user"), day.cast.traveller
    note = f"{day.marker}/note.txt"
    paths = (
        f"/home/{note}",
        f"/homes/{owner.name}/{note}",
        f"/home/..%2f{owner.name}/{note}",
        f"/{owner.name}/{note}",
    )
    for path in paths:
        answer = _ask(day, "GET", path, other)
        expect(answer.status_code in (400, 404), f"{other.name} gets {answer.status_code} for {path}")
    expect(
        _ask(day, "GET", f"/home/{note}", None).status_code == httpx.codes.UNAUTHORIZED,
        "nobody is asked to sign in",
    )
    browser = day.offer.route.client()
    try:
        stolen = browser.get(f"{_door(day)}/home/", auth=(other.name, day.hub(owner).token))
    finally:
        browser.close()
    expect(
        stolen.status_code == httpx.codes.UNAUTHORIZED,
        f"a token of another's is answered with {stolen.status_code}",
    )
    return f"{other.name} gets 404"


def door_follows_spaces(day: Day) -> str:
    """Check that the door lets in who may enter the project space, readers only to read, and no outsider."""
    _door(day)
    if day.cast.space is None:
        raise SkippedError("the traveller may change no project space")
    path = f"/projects/{day.cast.space}/{day.marker}"
    read = _ask(day, "GET", path, day.cast.traveller)
    expect(read.text == "shared", f"a member gets {read.status_code}: {read.text[:100]!r}")
    seen = ["member reads"]
    if day.cast.reader is not None:
        expect(_ask(day, "GET", path, day.cast.reader).text == "shared", "a reader cannot read")
        for method in ("PUT", "DELETE"):
            status = _ask(day, method, path, day.cast.reader).status_code
            expect(status == httpx.codes.FORBIDDEN, f"{method} by a reader is answered with {status}")
        seen.append("reader reads only")
    if day.cast.outsider is not None:
        status = _ask(day, "GET", path, day.cast.outsider).status_code
        expect(status == httpx.codes.NOT_FOUND, f"an outsider gets {status}")
        seen.append("outsider gets 404")
    return ", ".join(seen)
