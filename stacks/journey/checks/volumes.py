"""What servers mount beside homes and project spaces: scratch, data collections, software."""

from collections.abc import Iterator, Mapping, Sequence

from stacks.journey.day import Day, SkippedError, expect
from stacks.journey.people import Person

_WRITE_SCRATCH = """
import json, os
path = os.environ['SCRATCH'] + '/{marker}'
with open(path, 'w') as file:
    file.write('temporary')
print(json.dumps([path, oct(os.stat('/scratch').st_mode & 0o777)]))
"""

_SEE_SCRATCH = """
import json, os
names = os.listdir('/scratch')
tricks = ['/scratch/{marker}', '/scratch/../{owner}/{marker}', '/scratch/{owner}/{marker}', '/volumes/scratch']
print(json.dumps([[name for name in names if name == '{marker}'], [path for path in tricks if os.path.exists(path)]]))
"""

_REMOVE_SCRATCH = """
import json, os
os.remove('/scratch/{marker}')
print(json.dumps(os.path.exists('/scratch/{marker}')))
"""

_ACCESS = """
import json, os
def access(folder):
    try:
        os.listdir(folder)
    except OSError:
        return 'none'
    path = os.path.join(folder, '{marker}')
    try:
        open(path, 'x').close()
        os.remove(path)
    except OSError:
        return 'ro'
    return 'rw'
print(json.dumps({{folder: access(folder) for folder in {folders!r}}}))
"""


def scratch_is_private(day: Day) -> str:
    """Check that the traveller writes into /scratch, and another user finds nothing of it there."""
    if not day.offer.scratch:
        raise SkippedError("this site has no scratch")
    traveller, other = day.cast.traveller, day.running(day.cast.other, "another user")
    path, mode = day.ask(traveller, _WRITE_SCRATCH.format(marker=day.marker))
    try:
        expect(mode == "0o700", f"the mode of /scratch is {mode}")
        seen = day.ask(other, _SEE_SCRATCH.format(marker=day.marker, owner=traveller.name))
        expect(seen == [[], []], f"{other.name} finds {seen}")
    finally:
        left = day.ask(traveller, _REMOVE_SCRATCH.format(marker=day.marker))
    expect(not left, f"{path} is still there")
    return f"{path}, unseen by {other.name}"


def _people(day: Day) -> Iterator[Person]:
    yield day.cast.traveller
    other = day.cast.other
    if other is not None and (other, "") in day.started:
        yield other


def _accesses(day: Day, wanted: Sequence[tuple[Person, Mapping[str, str]]]) -> str:
    """Expect of each person the access to each folder; return what was seen."""
    seen = []
    for person, right in wanted:
        found = day.ask(person, _ACCESS.format(marker=day.marker, folders=sorted(right)))
        wrong = [
            f"{folder}: {found[folder]}, not {right[folder]}"
            for folder in right
            if found[folder] != right[folder]
        ]
        expect(not wrong, f"{person.name} has {'; '.join(wrong)}")
        seen.append(f"{person.name}: " + ", ".join(f"{folder} {access}" for folder, access in right.items()))
    return "; ".join(seen)


def collections_are_read(day: Day) -> str:
    """Check that data collections are there for who may read them, and can be changed by curators only."""
    collections = day.offer.collections
    if not collections:
        raise SkippedError("this site has no data collections")

    def right(person: Person) -> dict[str, str]:
        return {
            f"/data/{name}": "rw"
            if each.writable_by(person.groups)
            else "ro"
            if each.readable_by(person.groups)
            else "none"
            for name, each in collections.items()
        }

    return _accesses(day, [(person, right(person)) for person in _people(day)])


def software_is_read(day: Day) -> str:
    """Check that everyone reads the shared software, and only those who install it change it."""
    installers = day.offer.installers
    if installers is None:
        raise SkippedError("this site has no shared software")
    return _accesses(
        day,
        [
            (person, {"/software": "ro" if installers.isdisjoint(person.groups) else "rw"})
            for person in _people(day)
        ],
    )
