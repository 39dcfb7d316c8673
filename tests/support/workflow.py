"""Runs the jobs of a workflow as GitHub and GitLab would, as far as ours need it: their own scripts, in their order."""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from infra.paths import ROOT

PLACEHOLDER = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")

Action = Callable[[Mapping[str, Any]], None]
"""What stands in for an action; it gets the step's ``with``."""


@dataclass
class Ran:
    """What became of a job.

    Attributes
    ----------
    steps
        The steps that ran, in order, by what they are called.
    out
        What they printed, by step.
    """

    failed: bool = False
    steps: list[str] = field(default_factory=list)
    out: dict[str, str] = field(default_factory=dict)


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow of GitHub; YAML takes its key ``on`` for a truth value."""
    document = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
    return {"on" if key is True else key: value for key, value in document.items()}


class _GitLabLoader(yaml.SafeLoader):
    """Reads GitLab's own tag as the path that it holds."""


def _reference(loader: yaml.SafeLoader, node: yaml.Node) -> tuple[str, ...]:
    assert isinstance(node, yaml.SequenceNode)
    return tuple(loader.construct_sequence(node))


_GitLabLoader.add_constructor("!reference", _reference)


def pipeline() -> dict[str, Any]:
    """Return the pipeline of GitLab."""
    # S506: it is the safe loader with one tag more.
    return yaml.load((ROOT / ".gitlab-ci.yml").read_text(), _GitLabLoader)  # noqa: S506


def expanded(text: str, context: Mapping[str, Any]) -> str:
    """Return a value with its expressions replaced; KeyError where the context has no such thing."""

    def value(found: re.Match[str]) -> str:
        here: Any = context
        for key in found[1].split("."):
            here = here[key]
        return str(here)

    found = PLACEHOLDER.sub(value, text)
    assert "${{" not in found, f"an expression that nothing here understands: {found}"
    return found


def run_github(
    job: Mapping[str, Any],
    folder: Path,
    *,
    context: Mapping[str, Any],
    environment: Mapping[str, str],
    actions: Mapping[str, Action],
) -> Ran:
    """Run the steps of a job of GitHub.

    Parameters
    ----------
    context
        What expressions may speak of.
    actions
        What stands in for actions, by name without version.
    """
    ran = Ran()
    for step in job["steps"]:
        if ran.failed and step.get("if") != "always()":
            continue
        if "uses" in step:
            name = step["uses"].partition("@")[0]
            ran.steps.append(name)
            actions[name]({key: expanded(str(value), context) for key, value in step.get("with", {}).items()})
            continue
        ran.steps.append(step["name"])
        # Nothing of the context may get into a script by itself: it would be run.
        assert "${{" not in step["run"], step["name"]
        own = {
            key: expanded(str(value), context)
            for key, value in {**job.get("env", {}), **step.get("env", {})}.items()
        }
        done = _bash(step["run"], folder, {**environment, **own}, "-e")
        ran.out[step["name"]] = done.stdout + done.stderr
        ran.failed = ran.failed or done.returncode != 0
    return ran


def composite(name: str) -> dict[str, Any]:
    """Return an action of the repository's own as a job."""
    return yaml.safe_load((ROOT / ".github/actions" / name / "action.yml").read_text())["runs"]


def run_gitlab(job: Mapping[str, Any], folder: Path, environment: Mapping[str, str]) -> Ran:
    """Run the script of a job of GitLab; not what it installs beforehand."""
    done = _bash(
        "\n".join(job["script"]), folder, {**environment, **job.get("variables", {})}, "-eo", "pipefail"
    )
    return Ran(done.returncode != 0, ["script"], {"script": done.stdout + done.stderr})


def _bash(
    script: str, folder: Path, environment: Mapping[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    command = ["bash", "--noprofile", "--norc", *options, "-c", script]
    basic = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        command, cwd=folder, env={**basic, **environment}, check=False, capture_output=True, text=True
    )
