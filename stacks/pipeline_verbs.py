"""The commands of ``python -m stacks`` that pipelines run: on all sites, where none is named."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from infra.progress import Progress
from stacks import engine
from stacks.drift import command as drift_command
from stacks.errors import OPERATOR_ERRORS
from stacks.gates.judge import judge
from stacks.review import command as review_command
from stacks.rollout import command as rollout_command
from stacks.rollout.command import turns_of
from stacks.sites import SiteFile, read, site_paths

WRONG = 1

Verbs = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add(verbs: Verbs) -> None:
    """Add what pipelines do with all sites."""
    review = verbs.add_parser(
        "review", help="the comparison of a pull request, for the pipeline that checks it"
    )
    review.add_argument("--number", type=int, required=True, help="of the pull request")
    review.add_argument("--head", required=True, metavar="COMMIT", help="its newest commit")
    review.add_argument("--base", required=True, metavar="REF", help="what it would be merged into")
    review.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="where to leave it")
    review.set_defaults(
        run=lambda args: _review(number=args.number, head=args.head, base=args.base, into=args.into)
    )

    preview = verbs.add_parser("preview", help="what Pulumi would do to sites, held against the policy pack")
    _sites_with_context(preview)
    preview.set_defaults(run=lambda args: _preview(args.sites, context=args.context))

    drift = verbs.add_parser("drift", help="what of sites is no longer as their files say")
    _sites_with_context(drift)
    drift.add_argument("--json", action="store_true", help="as JSON")
    drift.add_argument(
        "--into", type=Path, metavar="FILE", help="a report as Markdown; empty if nothing moved"
    )
    drift.set_defaults(
        run=lambda args: _drift(args.sites, context=args.context, as_json=args.json, into=args.into)
    )

    rollout = verbs.add_parser("rollout", help="bring sites up in waves, no further than the first failure")
    _sites(rollout)
    rollout.add_argument(
        "--waves",
        type=turns_of,
        default=turns_of("1-"),
        metavar="N|N-|N-M",
        help="only these; all by default",
    )
    rollout.add_argument("--at-once", type=int, default=1, metavar="N", help="sites of a wave at a time")
    rollout.add_argument("--summary", type=Path, metavar="FILE", help="a summary as Markdown, added to this")
    rollout.set_defaults(
        run=lambda args: _rollout(
            args.sites, turns=args.waves, at_once=max(1, args.at_once), summary=args.summary
        )
    )


def _sites(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "sites",
        nargs="*",
        metavar="SITE",
        help="name or path; all but those with rollout.automatic: false if left out",
    )


def _sites_with_context(verb: argparse.ArgumentParser) -> None:
    _sites(verb)
    verb.add_argument("--context", help="context of a running cluster to use instead of the local one")


def _review(*, number: int, head: str, base: str, into: Path) -> int:
    """Compare every site for the review of a pull request."""
    return review_command.run(number=number, head=head, base=base, into=into, judge=judge)


def _preview(sites: Sequence[str], *, context: str | None) -> int:
    """Show what Pulumi would do to sites, held against the policy pack; say which it would refuse."""
    refused = 0
    progress = Progress()
    for file in _automatic(sites):
        try:
            counts = engine.preview(file, progress, context=context)
        except engine.EngineError as error:
            print(f"{file.name}: refused\n{error}")
            refused += 1
            continue
        print(f"{file.name}: " + (", ".join(f"{count} {op}" for op, count in counts.items()) or "no changes"))
    return WRONG if refused else 0


def _drift(sites: Sequence[str], *, context: str | None, as_json: bool, into: Path | None) -> int:
    """Print what of sites is no longer as their files say."""
    return drift_command.run(
        _automatic(sites),
        context=context,
        as_json=as_json,
        into=into,
        progress=Progress(),
        errors=OPERATOR_ERRORS,
    )


def _rollout(sites: Sequence[str], *, turns: range, at_once: int, summary: Path | None) -> int:
    """Bring sites up in waves, no further than the first failure."""
    return rollout_command.run(_automatic(sites), turns=turns, at_once=at_once, summary=summary)


def _automatic(sites: Sequence[str]) -> list[SiteFile]:
    """Return the sites that are asked for; without any, those that nobody has to ask for."""
    files = [read(site) for site in sites or site_paths()]
    return [file for file in files if sites or file.site.rollout.automatic]
