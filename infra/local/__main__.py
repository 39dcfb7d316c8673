"""The command line: ``python -m infra.local up|down|status|kubeconfig|load|forward|exec [--name NAME]``."""

import argparse
import os
import sys
from pathlib import Path

from images.errors import ImageError
from infra.local.cluster import LocalCluster, Status
from infra.local.errors import LocalClusterError
from infra.local.layout import DEFAULT_NAME, Layout
from infra.packages import PackagesError
from infra.progress import Progress


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (LocalClusterError, ImageError, PackagesError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "up": "start the cluster and wait until it is ready",
        "down": "remove the cluster and its volumes",
        "status": "say how every cluster is, or one",
        "kubeconfig": "print the path of the kubeconfig",
        "load": "import image tars: REFERENCE=TAR …",
        "forward": "make 127.0.0.1:PORT reach the node's PORT",
        "exec": "run a command in the node's network: exec [--name NAME] -- COMMAND …",
    }
    for command, text in helps.items():
        one = commands.add_parser(command, help=text, description=text)
        one.add_argument("--name", default=None if command == "status" else DEFAULT_NAME)
        if command == "load":
            one.add_argument("images", nargs="+", metavar="REFERENCE=TAR")
        elif command == "forward":
            one.add_argument("port", type=int)
        elif command == "exec":
            one.add_argument("argv", nargs="+", metavar="COMMAND")
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.command == "status":
        return _status([options.name] if options.name else [layout.name for layout in Layout.all()])
    cluster, progress = LocalCluster(options.name), Progress()
    match options.command:
        case "up":
            cluster.up(progress)
            print(cluster.kubeconfig)
        case "down":
            cluster.down(progress)
        case "kubeconfig":
            if not cluster.kubeconfig.exists():
                raise LocalClusterError(
                    f"there is no cluster {options.name}: python -m infra.local up --name {options.name}"
                )
            print(cluster.kubeconfig)
        case "load":
            cluster.load_images(_images(options.images), progress)
        case "forward":
            cluster.forward(options.port, progress)
        case "exec":
            command = cluster.command(options.argv)
            os.execvp(command[0], command)  # noqa: S606 - becoming the command keeps its pid and signals
    return 0


def _images(pairs: list[str]) -> dict[str, Path]:
    images = {}
    for pair in pairs:
        reference, equals, tar = pair.partition("=")
        if not equals or not Path(tar).is_file():
            raise LocalClusterError(f"{pair!r} is not REFERENCE=TAR with an existing file")
        images[reference] = Path(tar).resolve()
    return images


def _status(names: list[str]) -> int:
    states = [LocalCluster(name).status() for name in names]
    for status in states:
        print(_in_words(status))
    if not states:
        print("no local cluster: python -m infra.local up")
    return 0 if states and all(status.state == "ready" for status in states) else 1


def _in_words(status: Status) -> str:
    words = [f"{status.name}: {status.state}"]
    if status.node_address:
        words.append(f"node {status.node_address}")
    words += [f"127.0.0.1:{port}" for port in status.forwards]
    return ", ".join(words)


if __name__ == "__main__":
    sys.exit(main())
