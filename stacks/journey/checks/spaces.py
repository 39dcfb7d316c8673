"""Project spaces: who may write, who may read, who sees nothing."""

from stacks.journey.day import Day, SkippedError, expect

_WRITE = """
import json
with open('/projects/{space}/{marker}', 'w') as file:
    file.write('shared')
print(json.dumps(open('/projects/{space}/{marker}').read()))
"""

_READ_AND_TRY = """
import json, os
path = '/projects/{space}/{marker}'
def attempt(action):
    try:
        action()
        return 'allowed'
    except OSError as error:
        return error.strerror
print(json.dumps({{
    'read': open(path).read(),
    'change': attempt(lambda: open(path, 'a').close()),
    'delete': attempt(lambda: os.remove(path)),
    'add': attempt(lambda: open(path + '-more', 'w').close()),
    'permit': attempt(lambda: os.chmod(path, 0o777)),
}}))
"""

_SEE = """
import json, os
print(json.dumps(sorted(os.listdir('/projects')) if os.path.isdir('/projects') else []))
"""

_REMOVE = """
import json, os
os.remove('/projects/{space}/{marker}')
print(json.dumps(sorted(name for name in os.listdir('/projects/{space}') if name.startswith('{marker}'))))
"""


def _space(day: Day) -> str:
    if day.cast.space is None:
        raise SkippedError("the traveller may change no project space")
    return day.cast.space


def member_writes(day: Day) -> str:
    """Check that a member writes in the project space."""
    space = _space(day)
    text = day.ask(day.cast.traveller, _WRITE.format(space=space, marker=day.marker))
    expect(text == "shared", f"the file reads {text!r}")
    return f"/projects/{space}"


def reader_reads(day: Day) -> str:
    """Check that a read-only member reads the file, and can do nothing else to it."""
    space = _space(day)
    reader = day.running(day.cast.reader, "a read-only member of the project space")
    found = day.ask(reader, _READ_AND_TRY.format(space=space, marker=day.marker))
    expect(found.pop("read") == "shared", "the file reads differently")
    allowed = [what for what, outcome in found.items() if outcome == "allowed"]
    expect(not allowed, f"{reader.name} may {', '.join(allowed)}")
    return f"{reader.name}: {found['change']}"


def outsider_sees_nothing(day: Day) -> str:
    """Check that an outsider does not see the project space, only those of the outsider's own groups."""
    space = _space(day)
    outsider = day.running(day.cast.outsider, "outside the project space")
    mine = sorted(name for name, each in day.offer.spaces.items() if each.readable_by(outsider.groups))
    seen = day.ask(outsider, _SEE)
    expect(space not in seen and seen == mine, f"{outsider.name} sees {', '.join(seen)}")
    return f"{outsider.name} sees {', '.join(seen) or 'none'}"


def remove_shared(day: Day) -> str:
    """Check that a member can remove the file again."""
    left = day.ask(day.cast.traveller, _REMOVE.format(space=_space(day), marker=day.marker))
    expect(not left, f"in the project space are left {', '.join(left)}")
    return "gone"
