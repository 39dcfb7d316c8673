"""The commands of ``python -m stacks``: each prints what it is asked for and returns the exit status."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TextIO

from infra.progress import Progress
from stacks import bring, engine, reachability, reference, render, schema
from stacks.access import access_to, findings
from stacks.cost import estimate, to_table
from stacks.diff import command as diff_command
from stacks.diff.verdict import Verdict
from stacks.gates.judge import judge, judge_alone
from stacks.gates.neighbour import Neighbour
from stacks.gates.standing import standing
from stacks.journey import journey as user_day
from stacks.journey.people import Person, people_from, shared_password_people
from stacks.site_clashes import clashes
from stacks.site_errors import SiteError
from stacks.sites import MissingSecretError, SiteFile, known_secrets, read, site_paths
from stacks.status import passwords, status_of
from stacks.usage import counted, site_limits, table, unheld

WRONG = 1
JOURNEY_ACCOUNTS = "SCIENCE_PLATFORM_JOURNEY_ACCOUNTS"


def check(sites: Sequence[str], *, cluster: bool) -> int:
    """Check site files; say what is wrong with each, and which secrets each needs."""
    wrong = 0
    good: list[SiteFile] = []
    for name in sites or list(site_paths()):
        try:
            good.append(read(name))
        except SiteError as error:
            print(error)
            wrong += 1
    in_files = clashes([file.path for file in good])
    for problem in in_files:
        print(problem)
    others: list[Neighbour] = []
    for file in good:
        print(f"{file.path.name}: well formed{_needs(file)}")
        planned = bring.plan_of(file)
        # What the files show by themselves is told by line, and not once more by what follows from it.
        wrong += _print_verdicts(judge_alone(file, planned, () if in_files else others), sys.stdout)
        others.append(Neighbour(file.name, file.site, planned))
        wrong += _print_findings(file) if cluster else 0
    return WRONG if wrong or in_files else 0


def _needs(file: SiteFile) -> str:
    keys = file.site.secret_keys
    return f"; needs the secrets {', '.join(keys)} (pulumi config set --secret)" if keys else ""


def _print_findings(file: SiteFile) -> int:
    false = 0
    for finding in findings(file):
        mark = "ok" if finding.holds else "NO" if finding.blocking else "note"
        print(f"  {mark:>4}  {finding.claim}")
        if not finding.holds:
            print(f"        {finding.advice}")
            false += finding.blocking
    return false


def _print_verdicts(verdicts: Sequence[Verdict], out: TextIO) -> int:
    """Print verdicts, and return how many there are."""
    for verdict in verdicts:
        print(f"    NO  {verdict.gate}: {verdict.subject}: {verdict.reason}", file=out)
    return len(verdicts)


def plan(site: str, *, form: str) -> int:
    """Print the plan of a site, and beside it what the gates say."""
    file = read(site)
    planned = bring.plan_of(file)
    forms = {"tree": render.to_tree, "yaml": render.to_yaml, "json": render.to_json}
    print(forms[form](planned).rstrip())
    verdicts = standing(planned, file.site, known_secrets(file.site.secret_keys))
    return WRONG if _print_verdicts(verdicts, sys.stderr) else 0


def cost(names: Sequence[str]) -> int:
    """Print what sites cost a month."""
    for name in names or list(site_paths()):
        file = read(name)
        found = estimate(file.site)
        print(f"{file.name}: {to_table(found) if found else 'has no prices in its file'}")
    return 0


def diff(sites: Sequence[str], *, base: str | None, form: str) -> int:
    """Print what the working tree would do to sites that are as the base has them."""
    return diff_command.run(sites, base=base, form=form, judge=judge)


def reach(site: str) -> int:
    """Print who may connect to whom."""
    file = read(site)
    for source, targets in reachability.matrix(file.name, bring.plan_of(file).manifests()).items():
        print(f"{source}\n  " + ("\n  ".join(targets) or "nobody"))
    return 0


def up(site: str, *, context: str | None, force_unlock: bool) -> int:
    """Bring a site up; print its URL, how to sign in, and where the time went."""
    file = read(site)
    progress = Progress()
    record = bring.up(file, progress, context=context, force_unlock=force_unlock)
    print(f"\nWhere the time went:\n{progress.summary()}\n", file=sys.stderr)
    print(welcome(file, record))
    return 0


def welcome(file: SiteFile, record: dict[str, Any]) -> str:
    """Return what an operator is told when a site is up."""
    lines = [f"{record['title']} is up: {record['url']}"]
    lines += [f"  {door['title']}: {door['url']}" for door in record["doors"].values()]
    if record["signIn"]["kind"] == "sharedPassword":
        lines.append(f"Sign in as {', '.join(record['signIn']['users'])}; the passwords:")
        lines.append(
            f"  {_shown(sys.executable)} -m stacks sign-in {file.name if file.is_stack else file.path}"
        )
    else:
        lines.append(f"Sign in with {record['signIn']['title']}")
    return "\n".join(lines)


def _shown(program: str) -> str:
    """Return a program's path as it is typed from here."""
    near = os.path.relpath(program)
    return program if near.startswith("..") else near


def down(
    site: str, *, context: str | None, everything: bool, confirmation: str | None, force_unlock: bool
) -> int:
    """Take a site down; everything only when its name is given once more."""
    file = read(site)
    if everything and _confirmed(file, confirmation) is False:
        print(f"not taken down: that was not {file.name}", file=sys.stderr)
        return WRONG
    bring.down(file, Progress(), context=context, everything=everything, force_unlock=force_unlock)
    return 0


def _confirmed(file: SiteFile, confirmation: str | None) -> bool:
    if confirmation is None and sys.stdin.isatty():
        confirmation = input(f"All homes, projects and state of {file.name} will be lost. Its name: ")
    return confirmation == file.name


def status(site: str, *, context: str | None, as_json: bool) -> int:
    """Print how a site is."""
    file = read(site)
    record = bring.remembered_outputs(file.name)
    found = status_of(access_to(file, context).client(), file.name, record)
    print(
        json.dumps(record | {"status": found.as_dict()}, indent=1)
        if as_json
        else f"{record['url']}\n{found.text()}"
    )
    return 0 if found.well else WRONG


def usage(site: str, *, context: str | None, as_json: bool) -> int:
    """Print what is used on a site's volumes; wrong where a limit is not held."""
    file = read(site)
    count, spec = counted(access_to(file, context).client(), file.name), file.site.storage.quotas
    print(json.dumps(asdict(count), indent=1) if as_json else table(count, spec))
    return WRONG if unheld(count, spec) else 0


def quotas(site: str, *, context: str | None) -> int:
    """Print the limits of a site's users and project spaces, for the program that sets them."""
    file = read(site)
    spec = file.site.storage.quotas
    if spec is None:
        print(f"{file.name} has no storage.quotas", file=sys.stderr)
        return WRONG
    record = bring.remembered_outputs(file.name)
    found = site_limits(access_to(file, context).client(), file.name, record, spec)
    print(json.dumps(found, indent=1))
    return 0


def sign_in(site: str, *, context: str | None) -> int:
    """Print the passwords of a site with shared ones."""
    file = read(site)
    if file.site.identity.kind != "sharedPassword":
        print(f"people sign in to {file.name} with {file.site.identity.title}", file=sys.stderr)
        return WRONG
    found = passwords(access_to(file, context).client(), file.name)
    users = file.site.identity.users
    for name, user in users.items():
        print(f"{name}\t{found['adminPassword' if user.admin else 'userPassword']}")
    return 0


def journey(site: str, *, context: str | None, as_json: bool) -> int:
    """Go through a user's day on a site."""
    file = read(site)
    record = bring.remembered_outputs(file.name)
    people = _people(file, record, context)
    # People read each step as it is taken, and then only the verdict.
    report = user_day.run(record, people, Progress(out=sys.stderr if as_json else sys.stdout))
    print(report.as_json() if as_json else report.verdict())
    return 0 if report.passed else WRONG


def _people(file: SiteFile, record: dict[str, Any], context: str | None) -> list[Person]:
    if file.site.identity.kind == "sharedPassword":
        found = passwords(access_to(file, context).client(), file.name)
        return shared_password_people(record, users=found["userPassword"], admins=found["adminPassword"])
    accounts = os.environ.get(JOURNEY_ACCOUNTS)
    if accounts is None:
        raise MissingSecretError(
            f"set {JOURNEY_ACCOUNTS} to the accounts kept for journeys (docs/operate.md)"
        )
    return people_from(accounts)


def write_reference() -> int:
    """Write what is generated from the specs."""
    for path in (schema.write(), reference.write()):
        print(path)
    return 0


def install_pulumi() -> int:
    """Install the Pulumi CLI."""
    print(engine.install(Progress()))
    return 0
