"""The command line of sites: ``python -m stacks COMMAND [SITE]``; each command is in a module of its own."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from stacks import commands, pipeline_verbs
from stacks.backup import verbs as backup_verbs
from stacks.draw import command as draw_command
from stacks.errors import OPERATOR_ERRORS

EXIT_REFUSED = 2


Verbs = argparse._SubParsersAction  # noqa: SLF001 - the type of what add_subparsers returns has no other name


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="python -m stacks", description="One file per site, and what is done with it."
    )
    verbs = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = verbs.add_parser("check", help="check site files, before anything is contacted")
    check.add_argument("sites", nargs="*", metavar="SITE", help="name or path; all sites if left out")
    check.add_argument(
        "--cluster", action="store_true", help="check what the file claims of its cluster, too"
    )
    check.set_defaults(run=lambda args: commands.check(args.sites, cluster=args.cluster))

    plan = verbs.add_parser("plan", help="what would be declared, without contacting anything")
    plan.add_argument("site", metavar="SITE")
    plan.add_argument("--format", choices=("tree", "yaml", "json"), default="tree")
    plan.set_defaults(run=lambda args: commands.plan(args.site, form=args.format))

    cost = verbs.add_parser("cost", help="what sites cost a month, by the prices in their files")
    cost.add_argument("sites", nargs="*", metavar="SITE", help="name or path; all sites if left out")
    cost.set_defaults(run=lambda args: commands.cost(args.sites))

    reach = verbs.add_parser("reach", help="who may connect to whom, by the planned network policies")
    reach.add_argument("site", metavar="SITE")
    reach.set_defaults(run=lambda args: commands.reach(args.site))

    _diff(verbs.add_parser("diff", help="what the working tree would do to every site, compared with a base"))

    pipeline_verbs.add(verbs)
    _draw(verbs.add_parser("draw", help="a picture (SVG) of a site, or of what differs between two"))

    up = verbs.add_parser("up", help="make it so, and wait until it answers")
    _site_with_context(up)
    up.add_argument(
        "--force-unlock", action="store_true", help="go on although another up or down seems to run"
    )
    up.set_defaults(
        run=lambda args: commands.up(args.site, context=args.context, force_unlock=args.force_unlock)
    )

    down = verbs.add_parser("down", help="take it down; what it keeps stays")
    _site_with_context(down)
    down.add_argument(
        "--everything", action="store_true", help="what it keeps as well; asks for the site's name"
    )
    down.add_argument("--yes-lose", metavar="SITE", help="the answer to that question, for scripts")
    down.add_argument(
        "--force-unlock", action="store_true", help="go on although another up or down seems to run"
    )
    down.set_defaults(
        run=lambda args: commands.down(
            args.site,
            context=args.context,
            everything=args.everything,
            confirmation=args.yes_lose,
            force_unlock=args.force_unlock,
        )
    )

    status = verbs.add_parser("status", help="how it is, and who is working")
    _site_with_context(status)
    status.add_argument("--json", action="store_true", help="the capability record and the state, as JSON")
    status.set_defaults(run=lambda args: commands.status(args.site, context=args.context, as_json=args.json))

    _storage(verbs)

    sign_in = verbs.add_parser("sign-in", help="print a disposable site's passwords")
    _site_with_context(sign_in)
    sign_in.set_defaults(run=lambda args: commands.sign_in(args.site, context=args.context))

    journey = verbs.add_parser("journey", help="a user's day over real HTTP")
    _site_with_context(journey)
    journey.add_argument("--json", action="store_true", help="the report as JSON")
    journey.set_defaults(
        run=lambda args: commands.journey(args.site, context=args.context, as_json=args.json)
    )

    backup_verbs.add(verbs, _site_with_context)

    write = verbs.add_parser(
        "write-reference", help="write site.schema.json and docs/reference.md from the specs"
    )
    write.set_defaults(run=lambda _: commands.write_reference())

    install = verbs.add_parser("install-pulumi", help="install the pinned Pulumi CLI into ~/.pulumi")
    install.set_defaults(run=lambda _: commands.install_pulumi())
    return top


def _storage(verbs: Verbs) -> None:
    usage = verbs.add_parser("usage", help="what users and project spaces have on its volumes")
    _site_with_context(usage)
    usage.add_argument("--json", action="store_true", help="the last count, as JSON")
    usage.set_defaults(run=lambda args: commands.usage(args.site, context=args.context, as_json=args.json))

    quotas = verbs.add_parser("quotas", help="the limits of users and project spaces, for where they are set")
    _site_with_context(quotas)
    quotas.set_defaults(run=lambda args: commands.quotas(args.site, context=args.context))


def _diff(diff: argparse.ArgumentParser) -> None:
    diff.add_argument("sites", nargs="*", metavar="SITE", help="name or path; all sites if left out")
    diff.add_argument(
        "--base", metavar="REF", help="compare with this; where the branch left main by default"
    )
    diff.add_argument("--format", choices=("terminal", "markdown", "json"), default="terminal")
    diff.set_defaults(run=lambda args: commands.diff(args.sites, base=args.base, form=args.format))


def _draw(draw: argparse.ArgumentParser) -> None:
    draw.add_argument("site", metavar="SITE", help="name or path of a site file")
    compared = draw.add_mutually_exclusive_group()
    compared.add_argument(
        "other", nargs="?", metavar="SITE2", help="show in colour what this one has instead"
    )
    compared.add_argument("--base", metavar="REF", help="show in colour what changed since this commit")
    draw.add_argument("--output", type=Path, metavar="FILE", help="write here instead of printing it")
    draw.set_defaults(
        run=lambda args: draw_command.run(args.site, args.other, base=args.base, output=args.output)
    )


def _site_with_context(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("site", metavar="SITE", help="name or path of a site file")
    verb.add_argument("--context", help="context of a running cluster to use instead of the local one")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 where it found something wrong, 2 where it was refused."""
    args = parser().parse_args(arguments)
    try:
        return args.run(args)
    except OPERATOR_ERRORS as error:
        print(f"\n{error}", file=sys.stderr)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        print("\ninterrupted; run it again to go on where it was", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
