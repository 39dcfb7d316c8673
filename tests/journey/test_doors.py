"""One tree behind several doors: what is done at one is seen at each other, at once, and refused alike."""

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from stacks.journey.offer import Offer
from tests.journey.doors import ABSENT, DOORS, REFUSED, FileDoor, Posix, Webdav
from tests.support.processes import kill_container
from tests.support.site import DeployedSite, eventually

pytestmark = pytest.mark.cluster

HOME = "/home/doors"
SPACE = "/projects/galaxies/doors"
CONTENTS = {
    "plain.txt": b"plain\n",
    "Zürich ☆ e\u0301.txt": "Ünï".encode(),
    "empty": b"",
    "100% #1 & <more>.bin": bytes(range(256)) * 400,
}
PAIRS = list(itertools.permutations(DOORS, 2))


@dataclass(frozen=True)
class People:
    """The doors of alice, who may write in the project space, and of bob, who may read there."""

    alice: dict[str, FileDoor]
    bob: dict[str, FileDoor]


@pytest.fixture(scope="module")
def people(local: DeployedSite) -> Iterator[People]:
    offer = Offer.of(local.record)
    opened: dict[str, dict[str, FileDoor]] = {}
    with ExitStack() as stack:
        for name in ("alice", "bob"):
            client = stack.enter_context(local.client(local.people[name]))
            if "" not in client.servers():
                client.spawn("small")
                stack.callback(client.stop)
            opened[name] = {door: make(client, offer) for door, make in DOORS.items()}
        yield People(**opened)
        posix = opened["alice"]["posix"]
        assert isinstance(posix, Posix)
        posix.ask(f"__import__('shutil').rmtree(place({HOME!r}), ignore_errors=True)")
        posix.ask(f"__import__('shutil').rmtree(place({SPACE!r}), ignore_errors=True)")


@pytest.mark.parametrize(("writer", "reader"), PAIRS)
@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_written_at_one_door_is_read_byte_by_byte_at_another(
    people: People, writer: str, reader: str, name: str
):
    for room in (HOME, SPACE):
        path = f"{room}/{writer}-{reader}/{name}"
        people.alice["posix"].write(f"{room}/{writer}-{reader}/.keep", b"")
        assert people.alice[writer].write(path, CONTENTS[name]) == "done"
        assert people.alice[reader].read(path) == CONTENTS[name]
        assert name in people.alice[reader].names(path.rpartition("/")[0])


@pytest.mark.parametrize(("actor", "observer"), PAIRS)
def test_what_is_removed_or_renamed_is_seen_at_once(people: People, actor: str, observer: str):
    people.alice["posix"].write(f"{HOME}/a", b"a")
    assert people.alice[observer].read(f"{HOME}/a") == b"a"
    assert people.alice[actor].rename(f"{HOME}/a", f"{HOME}/b") == "done"
    assert (people.alice[observer].read(f"{HOME}/a"), people.alice[observer].read(f"{HOME}/b")) == (
        ABSENT,
        b"a",
    )
    assert people.alice[actor].remove(f"{HOME}/b") == "done"
    assert people.alice[observer].read(f"{HOME}/b") == ABSENT


@pytest.mark.parametrize("door", DOORS)
def test_denial_is_the_same_at_every_door(people: People, door: str):
    path = f"{SPACE}/shared"
    people.alice["posix"].write(path, b"shared")
    bob = people.bob[door]
    assert bob.read(path) == b"shared"
    assert [bob.write(path, b"x"), bob.remove(path), bob.rename(path, f"{path}2")] == [REFUSED] * 3
    people.alice["posix"].write(f"{HOME}/mine", b"mine")
    assert bob.read(f"{HOME}/mine") == ABSENT
    assert people.alice[door].read(path) == b"shared"


@pytest.mark.parametrize("door", [door for door in DOORS if door != "posix"])
def test_large_sparse_files_and_long_folders_are_seen_whole(people: People, door: str):
    posix = people.alice["posix"]
    assert isinstance(posix, Posix)
    posix.write(f"{HOME}/sparse", b"")
    posix.ask(f"os.truncate(place({HOME + '/sparse'!r}), 5 * 2**30)")
    assert people.alice[door].size(f"{HOME}/sparse") == 5 * 2**30
    posix.write(f"{HOME}/many/0", b"")
    posix.ask(f"[open(place({HOME + '/many/'!r}) + str(i), 'w').close() for i in range(10_000)] and 'done'")
    assert people.alice[door].names(f"{HOME}/many") == {str(number) for number in range(10_000)}


@pytest.mark.parametrize("door", [door for door in DOORS if door != "posix"])
def test_links_that_users_plant_lead_nowhere(people: People, door: str):
    posix = people.alice["posix"]
    assert isinstance(posix, Posix)
    people.bob["posix"].write("/home/doors-secret", b"secret")
    targets = {
        "relative": "../../bob",
        "absolute": "/volumes/homes/bob",
        "proc": "/proc/self/root/volumes/homes/bob",
        "chain": "relative",
    }
    posix.write(f"{HOME}/.keep", b"")
    for name, target in targets.items():
        posix.ask(f"attempt(lambda: os.symlink({target!r}, place({HOME + '/' + name!r})))")
        assert people.alice[door].read(f"{HOME}/{name}/doors-secret") == ABSENT
        assert people.alice[door].write(f"{HOME}/{name}/planted", b"x") != "done"
    # Another home is another mount: a hard link across is refused by the kernel already.
    assert posix.ask("attempt(lambda: os.link('/etc/passwd', place('/home/doors/hard')))") != "done"
    assert people.bob["posix"].names("/home").isdisjoint({"planted"})
    people.bob["posix"].remove("/home/doors-secret")


def test_a_revoked_token_is_refused_within_the_cache_time(local: DeployedSite):
    offer = Offer.of(local.record)
    with local.client(local.people["alice"]) as alice, offer.route.client() as browser:
        identifier, token = alice.make_token("doors")
        url = offer.doors["webdav"]

        def status() -> int:
            return browser.get(f"{url}home/", auth=("alice", token)).status_code

        assert status() == httpx.codes.OK
        alice.revoke_token(identifier)
        revoked = time.monotonic()
        eventually(lambda: status() == httpx.codes.UNAUTHORIZED, "the token is refused", within=35)
        assert time.monotonic() - revoked < 32


def test_while_the_hub_is_down_those_who_are_known_go_on_and_nobody_is_told_to_sign_in(
    local: DeployedSite, people: People
):
    door = people.alice["webdav"]
    assert isinstance(door, Webdav)
    assert door.ask("GET", "/home/").status_code == httpx.codes.OK
    kill_container(local, "hub")
    assert door.ask("GET", "/home/").status_code == httpx.codes.OK
    answer = door.browser.get(f"{door.url}/home/", auth=("alice", "unknown"))
    assert (answer.status_code, "Retry-After" in answer.headers) == (httpx.codes.SERVICE_UNAVAILABLE, True)
    health = f"{local.record['url']}/hub/health"
    eventually(lambda: door.browser.get(health).is_success, "the hub answers again", within=60)
