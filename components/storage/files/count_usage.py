"""Counts what is used on the site's volumes, by user and by project space, and says it to Prometheus and to the log.

``usage.json`` beside this file has ``every``, in seconds, and ``limits``, by volume, in bytes. Volumes are mounted
below ``/volumes``, read only. Where the file system keeps a count of its own, that is taken (of a folder that is held
to a limit, statfs(2) tells both); else du counts, which follows no link and goes as deep as there is.

The log has a line for each folder between a line that begins and one that ends a count; names are the folders'.
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 9180
VOLUMES = Path("/volumes")
LONGEST = 6 * 3600
"""Seconds after which du is given up: what it had counted is unknown then."""

_BLOCK = 4096


@dataclass(frozen=True, kw_only=True)
class Folder:
    """What a folder holds, in bytes.

    Parameters
    ----------
    used
        None where it could not be counted at all.
    limit
        What the file system holds it to; None where it does not.
    complete
        Whether everything in it could be looked at.
    """

    volume: str
    name: str
    used: int | None
    limit: int | None
    complete: bool = True


def held(path: Path, limits: Iterable[int]) -> tuple[int, int] | None:
    """Return what is used and the limit, where the file system holds a folder to one of the site's limits."""
    found = os.statvfs(path)
    size = found.f_blocks * found.f_frsize
    if not any(abs(size - limit) < _BLOCK for limit in limits):
        return None
    return size - found.f_bfree * found.f_frsize, size


def attribute(path: Path, name: str) -> int | None:
    """Return a number that the file system keeps in an extended attribute, as CephFS does."""
    try:
        return int(os.getxattr(path, name, follow_symlinks=False).rstrip(b"\0"))
    except (OSError, ValueError):
        return None


def count(path: Path) -> tuple[int | None, bool]:
    """Return what du finds below a folder, and whether it could look at everything."""
    command = ["du", "--summarize", "--one-file-system", "--block-size=1", "--", str(path)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return None, False
    number = done.stdout.split(b"\t", 1)[0]
    return (int(number) if number.isdigit() else None), done.returncode == 0


def folder_usage(volume: str, path: Path, limits: Iterable[int]) -> Folder:
    """Return what one folder holds."""
    known = held(path, limits)
    if known is not None:
        return Folder(volume=volume, name=path.name, used=known[0], limit=known[1])
    kept = attribute(path, "ceph.dir.rbytes")
    if kept is not None:
        limit = attribute(path, "ceph.quota.max_bytes")
        return Folder(volume=volume, name=path.name, used=kept, limit=limit)
    used, complete = count(path)
    return Folder(volume=volume, name=path.name, used=used, limit=None, complete=complete)


def scan(root: Path, limits: Mapping[str, Iterable[int]]) -> Iterator[Folder]:
    """Yield what every folder of every volume holds."""
    for volume in sorted(root.iterdir()):
        for entry in sorted(os.scandir(volume), key=lambda each: each.name):
            if entry.is_dir(follow_symlinks=False):
                yield folder_usage(volume.name, Path(entry.path), limits.get(volume.name, ()))


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def metrics(folders: Iterable[Folder], finished: float | None) -> str:
    """Return the counts as Prometheus reads them (text format 0.0.4)."""
    lines = ["# TYPE science_platform_storage_used_bytes gauge"]
    folders = list(folders)
    for kind in ("used", "limit"):
        if kind == "limit":
            lines.append("# TYPE science_platform_storage_limit_bytes gauge")
        for each in folders:
            value = each.used if kind == "used" else each.limit
            if value is not None:
                where = f'volume="{_label(each.volume)}",folder="{_label(each.name)}"'
                lines.append(f"science_platform_storage_{kind}_bytes{{{where}}} {value}")
    if finished is not None:
        lines.append("# TYPE science_platform_storage_counted_timestamp_seconds gauge")
        lines.append(f"science_platform_storage_counted_timestamp_seconds {finished:.0f}")
    return "\n".join(lines) + "\n"


class Counts:
    """The counts of the last scan that was finished."""

    def __init__(self) -> None:
        self.folders: list[Folder] = []
        self.finished: float | None = None

    def renew(self, root: Path, limits: Mapping[str, Iterable[int]]) -> None:
        """Count everything, and say so line by line."""
        print(json.dumps({"counting": "begins"}), flush=True)
        folders = []
        for folder in scan(root, limits):
            folders.append(folder)
            print(json.dumps(asdict(folder)), flush=True)
        self.folders, self.finished = folders, time.time()
        print(json.dumps({"counting": "ends", "at": int(self.finished)}), flush=True)


def server(counts: Counts, port: int = PORT) -> ThreadingHTTPServer:
    """Return the server of ``/metrics``, and of ``/health``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in ("/metrics", "/health")
            text = metrics(counts.folders, counts.finished) if self.path == "/metrics" else ""
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that is overridden
            """Leave the log to the counts."""

    return ThreadingHTTPServer(("", port), Handler)


def main() -> None:
    """Count for ever."""
    settings = json.loads((Path(__file__).parent / "usage.json").read_text())
    counts = Counts()
    threading.Thread(target=server(counts).serve_forever, daemon=True).start()
    while True:
        counts.renew(VOLUMES, settings["limits"])
        time.sleep(settings["every"])


if __name__ == "__main__":
    main()
