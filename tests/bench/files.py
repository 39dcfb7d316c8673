"""Files over HTTP: put, get, many small ones, a long listing, fifty clients at once; memory."""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from infra.progress import Progress
from tests.bench import file_servers
from tests.bench.figures import Aim, Beside, Figure, Samples
from tests.bench.file_servers import LISTED, MANY, USERS, FileServer

GIB = 1 << 30
SMALL = 1000
CLIENTS = 50
PIECE = b"\x5a" * (1 << 20)

Measure = Callable[[FileServer], float]


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def put_large(server: FileServer) -> float:
    """Return the seconds to put 1 GiB."""
    connection = server.connect()
    headers = server.headers(USERS[0]) | {"Content-Length": str(GIB)}
    body = (PIECE for _ in range(GIB // len(PIECE)))
    began = time.monotonic()
    connection.request("PUT", server.path(USERS[0], "large"), body=body, headers=headers)
    status = connection.getresponse().status
    took = time.monotonic() - began
    _expect(status in (201, 204), f"{server.title} answers a PUT with {status}")
    return took


def get_large(server: FileServer) -> float:
    """Return the seconds to get the same 1 GiB."""
    return _timed(lambda: _read(server, USERS[0], "large", GIB))


def _read(server: FileServer, user: str, name: str, size: int) -> None:
    connection = server.connect()
    connection.request("GET", server.path(user, name), headers=server.headers(user))
    answer = connection.getresponse()
    buffer, got = bytearray(1 << 20), 0
    while count := answer.readinto(buffer):
        got += count
    connection.close()
    _expect(got == size, f"{server.title} sent {got} bytes of {size}")


def put_small(server: FileServer) -> float:
    """Return the seconds to put 1,000 files of 10 kB over one connection."""
    connection, headers = server.connect(), server.headers(USERS[0])

    def each() -> None:
        for number in range(SMALL):
            path = server.path(USERS[0], f"small-{number}")
            connection.request("PUT", path, body=PIECE[:10_000], headers=headers)
            answer = connection.getresponse()
            answer.read()
            _expect(answer.status in (201, 204), f"{server.title} answers a PUT with {answer.status}")

    return _timed(each)


def listing(server: FileServer) -> float:
    """Return the seconds to list 10,000 files: by PROPFIND, or as HTML where there is nothing else."""
    plain = server.title.startswith("plain")
    method, word = ("GET", b"<a href") if plain else ("PROPFIND", b"getlastmodified>")

    def ask() -> None:
        connection = server.connect()
        headers = server.headers(USERS[0]) | {"Depth": "1"}
        connection.request(method, server.path(USERS[0], f"{MANY}/"), headers=headers)
        text = connection.getresponse().read()
        _expect(text.count(word) >= LISTED, f"{server.title} does not list all")

    return _timed(ask)


def many_clients(server: FileServer) -> float:
    """Return the seconds that 50 users take who each put and get 10 MiB, all at once."""

    def one(user: str) -> None:
        connection = server.connect()
        connection.request("PUT", server.path(user, "ten"), body=PIECE * 10, headers=server.headers(user))
        answer = connection.getresponse()
        answer.read()
        _expect(answer.status in (201, 204), f"{server.title} answers a PUT with {answer.status}")
        connection.close()
        _read(server, user, "ten", 10 * len(PIECE))

    with ThreadPoolExecutor(CLIENTS) as pool:
        return _timed(lambda: list(pool.map(one, USERS)))


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise AssertionError(otherwise)


MEASURES: dict[str, Measure] = {
    "put 1 GiB": put_large,
    "get 1 GiB": get_large,
    f"put {SMALL:,} files of 10 kB": put_small,
    f"list {LISTED:,} files": listing,
    f"{CLIENTS} clients put and get 10 MiB at once": many_clients,
}
PEERS = (file_servers.plain, file_servers.rclone)
AIMS = {
    ("put 1 GiB", "plain Go file server"): Aim(1.3, of="ratio"),
    ("get 1 GiB", "plain Go file server"): Aim(1.3, of="ratio"),
    ("put 1 GiB", "rclone serve webdav"): Aim(1 / 3, of="ratio"),
}
MEMORY_AIM = Aim(64)


def written_by_hand(folder: Path) -> float:
    """Return the seconds that dd's way of it takes: 1 GiB written to a file in pieces of 1 MiB."""

    def write() -> None:
        with (folder / "by-hand").open("wb", buffering=0) as file:
            for _ in range(GIB // len(PIECE)):
                file.write(PIECE)

    took = _timed(write)
    os.unlink(folder / "by-hand")  # noqa: PTH108 - beside the write that it belongs to
    return took


def figures(runs: int, progress: Progress) -> list[Figure]:
    """Return the figures of files; each server is measured in turn, run by run."""
    with tempfile.TemporaryDirectory(prefix="bench-files-") as top, ExitStack() as running:
        makers = (file_servers.door, *PEERS)
        servers = [running.enter_context(make(_folder(top, make.__name__), progress)) for make in makers]
        seconds: dict[tuple[str, str], list[float]] = {}
        hand = []
        for run in range(runs):
            with progress.step(f"files, run {run + 1} of {runs}", 60):
                hand.append(written_by_hand(Path(top)))
                for title, measure in MEASURES.items():
                    for server in servers:
                        seconds.setdefault((title, server.title), []).append(measure(server))
        memory = {server.title: Samples((server.memory(),), "MiB") for server in servers}
    return [*_beside_peers(seconds), _beside_hand(seconds, hand), *_memory(memory)]


def _folder(top: str, name: str) -> Path:
    folder = Path(top) / name
    folder.mkdir()
    return folder


def _beside_peers(seconds: dict[tuple[str, str], list[float]]) -> list[Figure]:
    found = []
    for title in MEASURES:
        for peer in ("plain Go file server", "rclone serve webdav"):
            mine, theirs = seconds[title, "WebDAV door"], seconds[title, peer]
            beside = Beside(peer, Samples(tuple(theirs)))
            found.append(Figure(title, Samples(tuple(mine)), beside, AIMS.get((title, peer))))
    return found


def _beside_hand(seconds: dict[tuple[str, str], list[float]], hand: list[float]) -> Figure:
    mine = Samples(tuple(seconds["put 1 GiB", "WebDAV door"]))
    return Figure("put 1 GiB", mine, Beside("written by hand, as dd does", Samples(tuple(hand))))


def _memory(memory: dict[str, Samples]) -> list[Figure]:
    mine = memory.pop("WebDAV door")
    title = "memory of the WebDAV door after all of it, the most at a time"
    return [Figure(title, mine, Beside(peer, theirs), MEMORY_AIM) for peer, theirs in memory.items()]
