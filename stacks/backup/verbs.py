"""The commands ``backup`` and ``restore`` of ``python -m stacks``."""

import argparse
import sys
from collections.abc import Callable, Sequence

from infra.progress import Progress
from stacks.access import access_to
from stacks.backup import command
from stacks.backup.restoring import Request
from stacks.sites import read

Verbs = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it
AddContext = Callable[[argparse.ArgumentParser], None]


def add(verbs: Verbs, with_context: AddContext) -> None:
    """Add the commands; ``with_context`` adds what every command about one site takes."""
    _backup(verbs.add_parser("backup", help="back it up now, and wait; or list its snapshots"), with_context)
    _restore(verbs.add_parser("restore", help="bring back a file, a home, or everything"), with_context)


def _backup(backup: argparse.ArgumentParser, with_context: AddContext) -> None:
    with_context(backup)
    kinds = backup.add_mutually_exclusive_group()
    kinds.add_argument("--what", nargs="+", default=(), metavar="SOURCE", help="only these: homes, hub …")
    kinds.add_argument("--list", action="store_true", help="list the snapshots instead")
    kinds.add_argument("--upkeep", action="store_true", help="drop old snapshots and check the store instead")
    backup.set_defaults(
        run=lambda args: _run_backup(
            args.site, context=args.context, listing=args.list, upkeep=args.upkeep, names=args.what
        )
    )


def _restore(restore: argparse.ArgumentParser, with_context: AddContext) -> None:
    with_context(restore)
    restore.add_argument(
        "--what",
        required=True,
        metavar="WHAT",
        help="home/NAME[/PATH], project/NAME[/PATH], homes, projects, hub, everything",
    )
    which = restore.add_mutually_exclusive_group()
    which.add_argument("--snapshot", default="latest", metavar="ID", help="the newest if left out")
    which.add_argument(
        "--before", default="", metavar="TIME", help="the newest until then, such as 2026-03-01"
    )
    restore.add_argument(
        "--to", metavar="WHERE", help="where to, as in --what; where it was, or beside it, if left out"
    )
    restore.add_argument("--overwrite", action="store_true", help="put it over what is there")
    restore.add_argument("--stop-servers", action="store_true", help="stop people's servers if need be")
    restore.set_defaults(
        run=lambda args: _run_restore(
            args.site,
            Request(
                what=args.what,
                snapshot=args.snapshot,
                before=args.before,
                to=args.to,
                overwrite=args.overwrite,
                stop_servers=args.stop_servers,
            ),
            context=args.context,
        )
    )


def _run_backup(site: str, *, context: str | None, listing: bool, upkeep: bool, names: Sequence[str]) -> int:
    """Back a site up now, list its snapshots, or look after its store."""
    file = read(site)
    kube = access_to(file, context).client()
    if listing:
        command.list_snapshots(kube, file.name, Progress(out=sys.stdout))
    else:
        command.back_up(kube, file.name, Progress(), names=names, upkeep=upkeep)
    return 0


def _run_restore(site: str, request: Request, *, context: str | None) -> int:
    """Restore a site's files or databases."""
    file = read(site)
    command.restore_from(access_to(file, context).client(), file.name, request, Progress())
    return 0
