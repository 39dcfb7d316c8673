"""What another user cannot do: see files, use servers, use tokens."""

from collections.abc import Callable

from stacks.journey.day import Day, SkippedError, expect, given
from stacks.journey.errors import JourneyError, RefusedError, SignInError
from stacks.journey.signin import PasswordSignIn

_SEARCH = """
import json, os
marker, owner = {marker!r}, {owner!r}
home = os.path.expanduser('~')
tricks = [f'{{home}}/../{{owner}}', f'/home/{{owner}}', f'/volumes/homes/{{owner}}', f'/proc/1/root/{{marker}}']
reached = [path for path in tricks if os.path.exists(path)]
big = {{'/proc', '/sys', '/usr', '/opt'}}
for folder, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in big]
    if marker in folders + files:
        reached.append(os.path.join(folder, marker))
print(json.dumps([sorted(name for name in os.listdir(home) if not name.startswith('.')), reached]))
"""

_ASK_FROM_INSIDE = """
import json, os, urllib.error, urllib.request
def ask(method, path):
    request = urllib.request.Request(
        os.environ['JUPYTERHUB_API_URL'] + path,
        method=method,
        headers={{'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
print(json.dumps({{
    'read the other user': ask('GET', '/users/{other}'),
    "read the other user's tokens": ask('GET', '/users/{other}/tokens'),
    "make a token in the other user's name": ask('POST', '/users/{other}/tokens'),
    "stop the other user's server": ask('DELETE', '/users/{other}/server'),
    'list all users': ask('GET', '/users'),
}}))
"""

_DENIED = (403, 404)


def wrong_password(day: Day) -> str:
    """Check that a wrong password is not let in."""
    traveller = day.cast.traveller
    if not isinstance(traveller.sign_in, PasswordSignIn):
        raise SkippedError("the identity provider's business")
    browser = day.offer.route.client()
    try:
        PasswordSignIn(traveller.name, f"wrong-{day.marker}")(browser, f"{day.offer.url.rstrip('/')}/hub")
    except SignInError as error:
        return str(error)
    finally:
        browser.close()
    raise JourneyError(f"{traveller.name} was let in with a wrong password")


def other_starts(day: Day) -> str:
    """Check that another user signs in and starts a server."""
    other = given(day.cast.other, "another user")
    return f"{other.name}, ready in {day.start(other):.1f} s"


def files_unseen(day: Day) -> str:
    """Check that the other user cannot find the traveller's files anywhere, nor by tricks with paths."""
    other = day.running(day.cast.other, "another user")
    owner = day.cast.traveller.name
    names, reached = day.ask(other, _SEARCH.format(marker=day.marker, owner=owner), timeout=120)
    expect(not reached, f"{other.name} reached {', '.join(reached)}")
    with day.hub(other).server() as server:
        for path in (f"%2e%2e/{owner}/{day.marker}", f"..%2f{owner}%2f{day.marker}/note.txt"):
            _denied(lambda path=path: server.request("GET", f"api/contents/{path}"), f"reading {path}")
            _denied(lambda path=path: server.request("GET", f"files/{path}"), f"downloading {path}")
    return f"in {other.name}'s home: {', '.join(names) or 'nothing'}"


def server_closed(day: Day) -> str:
    """Check that the other user cannot use the traveller's server: not its files, not a kernel, not by stopping it."""
    other, owner = given(day.cast.other, "another user"), day.cast.traveller
    hub = day.hub(other)
    with hub.server(owner=owner.name) as server:
        _denied(server.names, "listing files")
        _denied(server.start_kernel, "starting a kernel")
    _denied(lambda: hub.api("DELETE", f"/users/{owner.name}/server"), "stopping it")
    page = hub.browser.get(f"{day.offer.url.rstrip('/')}/user/{owner.name}/lab")
    expect(page.status_code in _DENIED, f"the page of {owner.name}'s lab answers {page.status_code}")
    return f"{other.name} gets 403"


def tokens_closed(day: Day) -> str:
    """Check that tokens reach their own user's things only: those that users make, and the one inside a server."""
    traveller, other = day.cast.traveller, given(day.cast.other, "another user")
    with day.hub(traveller).server(owner=other.name) as server:
        _denied(server.names, f"listing {other.name}'s files with {traveller.name}'s token")
    _denied(
        lambda: day.hub(other).api("GET", f"/users/{traveller.name}/tokens"),
        f"listing {traveller.name}'s tokens",
    )
    answers = day.ask(traveller, _ASK_FROM_INSIDE.format(other=other.name))
    allowed = [what for what, status in answers.items() if status not in _DENIED]
    expect(not allowed, f"the token inside {traveller.name}'s server can {', '.join(allowed)}")
    return "403 or 404 for everything of others"


def token_revoked(day: Day) -> str:
    """Check that a token that is taken back opens nothing any more."""
    hub = day.hub(day.cast.traveller)
    identifier, token = hub.make_token(day.marker)
    browser = day.offer.route.client()
    try:
        headers = {"Authorization": f"token {token}"}
        before = browser.get(f"{hub.hub}/api/user", headers=headers).status_code
        hub.revoke_token(identifier)
        after = browser.get(f"{hub.hub}/api/user", headers=headers).status_code
    finally:
        browser.close()
    expect((before, after) == (200, 403), f"answers {before} before and {after} after")
    return "200 before, 403 after"


def _denied(call: Callable[[], object], what: str) -> None:
    """Expect a refusal that says neither yes nor what is there."""
    try:
        call()
    except RefusedError as error:
        expect(error.status in _DENIED, f"{what} is answered with {error.status}, not with 403 or 404")
    else:
        raise JourneyError(f"{what} is allowed")
