"""The S3 door's speed and memory, beside the file system's own; beside a bare versitygw where one is on PATH.

Clients and door share the machine's cores.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from infra.progress import Progress
from tests.bench.benchsite import BenchSite
from tests.bench.figures import Beside, Figure, Samples
from tests.services.s3_door import s3_door

SIZE = 1 << 30
SMALL_FILES = 1000
SMALL_SIZE = 10_000
LISTED = 10_000
CLIENTS = 50
VERSITYGW = "versitygw"


def client(url: str, access: str, secret: str) -> Any:  # noqa: ANN401 - boto3 makes its clients as it runs
    """Return a client that signs headers and not the bytes, as over HTTPS."""
    quick = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path", "payload_signing_enabled": False},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        max_pool_connections=CLIENTS,
        retries={"max_attempts": 3},
    )
    keys = {"aws_access_key_id": access, "aws_secret_access_key": secret}
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=quick, **keys)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peak(pid: int) -> float:
    """Return the most memory that a process has had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextmanager
def bare(folder: Path) -> Iterator[tuple[str, int]]:
    """Run versitygw over a folder with a bucket ``home``; yield its URL and process."""
    (folder / "root/home").mkdir(parents=True)
    environment = os.environ | {"ROOT_ACCESS_KEY_ID": "bench", "ROOT_SECRET_ACCESS_KEY": "bench-secret"}
    command = [VERSITYGW, "--port", "127.0.0.1:17071", "--quiet", "posix", str(folder / "root")]
    process = subprocess.Popen(command, env=environment)
    try:
        time.sleep(2)
        yield "http://127.0.0.1:17071", process.pid
    finally:
        process.terminate()
        process.wait(30)


def work_of(s3: Any, source: Path) -> dict[str, float]:  # noqa: ANN401 - as client
    """Return how long each piece of work takes through a door, in seconds."""
    single = TransferConfig(multipart_threshold=2 * SIZE, use_threads=False)
    parts = TransferConfig(multipart_chunksize=64 << 20, max_concurrency=4)
    small = os.urandom(SMALL_SIZE)

    def put_small(number: int) -> None:
        s3.put_object(Bucket="home", Key=f"small/{number:05}", Body=small)

    def get_small(number: int) -> None:
        s3.get_object(Bucket="home", Key=f"small/{number % SMALL_FILES:05}")["Body"].read()

    def get_large() -> None:
        for chunk in s3.get_object(Bucket="home", Key="large")["Body"].iter_chunks(1 << 20):
            len(chunk)

    def listing() -> None:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="home", Prefix="small/")
        if sum(len(page["Contents"]) for page in pages) != LISTED:
            raise AssertionError

    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = {
            "put": timed(lambda: s3.upload_file(str(source), "home", "large", Config=single)),
            "parts": timed(lambda: s3.upload_file(str(source), "home", "parts", Config=parts)),
            "get": timed(get_large),
            "small": timed(lambda: list(pool.map(put_small, range(SMALL_FILES)))),
        }
        list(pool.map(put_small, range(SMALL_FILES, LISTED)))
        taken["list"] = timed(listing)
        taken["clients"] = timed(lambda: list(pool.map(get_small, range(4 * SMALL_FILES))))
    return taken


def floor_of(folder: Path, source: Path) -> dict[str, float]:
    """Return how long the same takes on the file system itself, in seconds."""
    large, small = folder / "large", folder / "small"
    small.mkdir()
    content = os.urandom(SMALL_SIZE)

    def dd(*arguments: str) -> float:
        return timed(lambda: subprocess.run(["dd", "bs=1M", "status=none", *arguments], check=True))

    def write_small() -> None:
        for number in range(SMALL_FILES):
            (small / f"{number:05}").write_bytes(content)

    taken = {
        "put": dd(f"if={source}", f"of={large}", "conv=fsync"),
        "get": dd(f"if={large}", "of=/dev/null"),
        "small": timed(write_small),
    }
    for number in range(SMALL_FILES, LISTED):
        (small / f"{number:05}").write_bytes(content)
    taken["list"] = timed(lambda: [entry.stat() for entry in os.scandir(small)])
    return taken


TITLES = {
    "put": ("PUT of 1 GiB", "dd with fsync"),
    "parts": ("PUT of 1 GiB in parts of 64 MiB, 4 at once", "dd with fsync"),
    "get": ("GET of 1 GiB", "dd to /dev/null"),
    "small": (f"{SMALL_FILES} PUTs of 10 kB, {CLIENTS} at once", "writing them one after another"),
    "list": (f"listing {LISTED} objects", "scandir and stat"),
    "clients": (f"{4 * SMALL_FILES} GETs of 10 kB, {CLIENTS} at once", ""),
}


def figures(_: BenchSite, progress: Progress) -> list[Figure]:
    """Return the figures of the S3 door."""
    with tempfile.TemporaryDirectory() as name, progress.step("s3", 120):
        folder = Path(name)
        source = folder / "source"
        subprocess.run(
            ["dd", "if=/dev/urandom", f"of={source}", "bs=1M", f"count={SIZE >> 20}", "status=none"],
            check=True,
        )
        floor = folder / "floor"
        floor.mkdir()
        beside = floor_of(floor, source)
        shutil.rmtree(floor)
        with s3_door(folder / "door") as door:
            keys = door.keys("alice")
            taken = work_of(client(door.url, keys["accessKeyId"], keys["secretAccessKey"]), source)
            memory = peak(door.pid)
        shutil.rmtree(folder / "door")
        peer: dict[str, float] = {}
        if shutil.which(VERSITYGW):
            with bare(folder / "bare") as (url, pid):
                peer = work_of(client(url, "bench", "bench-secret"), source)
                peer["memory"] = peak(pid)
    return _lines(taken, beside, peer, memory)


def _lines(
    taken: dict[str, float], floor: dict[str, float], peer: dict[str, float], memory: float
) -> list[Figure]:
    lines = []
    for kind, (title, below) in TITLES.items():
        samples = Samples((taken[kind],))
        least = floor.get("put" if kind == "parts" else kind)
        if least is not None:
            lines.append(Figure(f"S3: {title}", samples, Beside(below, Samples((least,)))))
        if kind in peer:
            lines.append(Figure(f"S3: {title}", samples, Beside("bare versitygw", Samples((peer[kind],)))))
        if least is None and kind not in peer:
            lines.append(Figure(f"S3: {title}", samples))
    beside = Beside("bare versitygw", Samples((peer["memory"],), "MiB")) if peer else None
    return [*lines, Figure("S3: most memory through all of that", Samples((memory,), "MiB"), beside)]
