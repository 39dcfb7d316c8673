"""Pulumi's own engine, through its Automation API, where its CLI is there.

The project's backend, secrets provider and login are Pulumi's own settings (``pulumi login``, ``PULUMI_*``).
"""

import shutil
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from pulumi import automation
from pulumi.automation.events import OpType

from infra.paths import ROOT
from infra.progress import Progress
from stacks.drift.model import How, Moved
from stacks.sites import SiteFile

Result = TypeVar("Result")


class EngineError(Exception):
    """Pulumi refused; the text is its own."""


def _own_root() -> Path:
    """Return the folder into which `install` puts the CLI of the SDK's version."""
    return Path.home() / ".pulumi" / "versions" / version("pulumi")


def installed() -> str | None:
    """Return the path of the Pulumi CLI: the one on PATH, else the one that `install` brought, else None."""
    own = _own_root() / "bin" / "pulumi"
    return shutil.which("pulumi") or (str(own) if own.is_file() else None)


def install(progress: Progress) -> str:
    """Install the CLI of the SDK's own version under ``~/.pulumi``, if it is not there, and return its path."""
    root = _own_root()
    if (root / "bin" / "pulumi").is_file():
        return str(root / "bin" / "pulumi")
    with progress.step(
        f"downloading the Pulumi CLI {root.name} from get.pulumi.com into {root}", estimate=30
    ):
        try:
            automation.PulumiCommand.install(root=str(root))
        except Exception as error:  # noqa: BLE001 - the SDK raises bare exceptions where the network refuses
            raise EngineError(
                f"could not install the Pulumi CLI: {error}\nWhere the network does not allow it, put a pulumi of "
                "your own on PATH. Disposable sites need none."
            ) from None
    return str(root / "bin" / "pulumi")


def _stack(file: SiteFile) -> automation.Stack:
    command = automation.PulumiCommand(None if shutil.which("pulumi") else str(_own_root()))
    options = automation.LocalWorkspaceOptions(pulumi_command=command)
    return automation.create_or_select_stack(stack_name=file.name, work_dir=str(ROOT), opts=options)


def _config_file(file: SiteFile) -> str | None:
    return None if file.is_stack else str(file.path.resolve())


def _refusing_as_pulumi(action: Callable[[], Result]) -> Result:
    try:
        return action()
    except automation.CommandError as error:
        raise EngineError(str(error)) from None


def up(file: SiteFile, progress: Progress, *, context: str | None) -> Mapping[str, Any]:
    """Update the stack and return its outputs; secret ones are left out.

    A context is remembered in the stack's file, as ``pulumi config set`` does.
    """

    def update() -> automation.UpResult:
        return _with_context(file, context).up(
            on_output=progress.say, color="never", show_secrets=False, config_file=_config_file(file)
        )

    with progress.step(f"pulumi up --stack {file.name}"):
        result = _refusing_as_pulumi(update)
    return {key: output.value for key, output in result.outputs.items() if not output.secret}


def kubeconfig(file: SiteFile) -> str:
    """Return the kubeconfig of a cluster that the stack has made; a secret.

    Raises
    ------
    EngineError
        If there is none, or no Pulumi CLI to read it with.
    """
    if installed() is None:
        raise EngineError(
            "the stack's state says how its cluster is reached: install Pulumi with make pulumi"
        )
    outputs = _refusing_as_pulumi(lambda: _stack(file).outputs())
    if "kubeconfig" not in outputs:
        raise EngineError(f"the stack has not made its cluster yet: python -m stacks up {file.name}")
    return outputs["kubeconfig"].value


POLICY = ROOT / "policy"
"""The gates as a policy pack, which Pulumi enforces on what it is about to do."""

_QUIET = (OpType.SAME, OpType.REFRESH, OpType.READ)
_HOW = {
    OpType.CREATE: How.GONE,
    OpType.IMPORT: How.GONE,
    OpType.UPDATE: How.CHANGED,
    OpType.DELETE: How.LEFT_OVER,
}


def preview(file: SiteFile, progress: Progress, *, context: str | None) -> dict[str, int]:
    """Show what ``up`` would do to the stack, held against the policy pack; return how many resources of what."""

    def show() -> automation.PreviewResult:
        return _with_context(file, context).preview(
            on_output=progress.say,
            color="never",
            diff=True,
            policy_packs=[str(POLICY)] if (POLICY / "PulumiPolicy.yaml").is_file() else None,
            config_file=_config_file(file),
        )

    with progress.step(f"pulumi preview --stack {file.name}"):
        result = _refusing_as_pulumi(show)
    return _changes(result)


def drift(file: SiteFile, progress: Progress, *, context: str | None) -> tuple[Moved, ...]:
    """Return what ``up`` would do to bring the stack back to what its file says, after a look at what is there."""
    moved: dict[str, Moved] = {}

    def note(event: automation.EngineEvent) -> None:
        step = event.resource_pre_event.metadata if event.resource_pre_event else None
        # A replacement has several steps; the first of a resource says it.
        if step and step.op not in _QUIET and step.urn not in moved:
            fields = sorted(step.detailed_diff or step.diffs or ())
            moved[step.urn] = Moved(_called(step.urn), _HOW.get(step.op, How.REPLACED), tuple(fields))

    def look() -> automation.PreviewResult:
        return _with_context(file, context).preview(
            refresh=True, on_event=note, color="never", config_file=_config_file(file)
        )

    with progress.step(f"pulumi preview --refresh --stack {file.name}"):
        result = _refusing_as_pulumi(look)
    if _changes(result) and not moved:
        raise EngineError(
            f"Pulumi would change something of {file.name} and does not say what in words that this version knows: "
            f"pulumi preview --refresh --diff --stack {file.name}"
        )
    return tuple(moved.values())


def _changes(result: automation.PreviewResult) -> dict[str, int]:
    """Return how many resources would become what."""
    return {str(OpType(op).value): count for op, count in result.change_summary.items() if op not in _QUIET}


def _called(urn: str) -> str:
    """Return what people call a resource: the last part of its type, and its name."""
    *_, types, name = urn.split("::")
    return f"{types.rpartition('$')[2].rpartition(':')[2]} {name}"


def _with_context(file: SiteFile, context: str | None) -> automation.Stack:
    """Return the stack; a context is remembered in its file, as ``pulumi config set`` does."""
    stack = _stack(file)
    if context is not None:
        stack.set_config("science-platform:context", automation.ConfigValue(context))
    return stack


def down(file: SiteFile, progress: Progress, *, everything: bool) -> None:
    """Destroy what the stack does not keep; everything, after unprotecting it, when asked."""

    def destroy() -> None:
        stack = _stack(file)
        if everything:
            unprotect = ["state", "unprotect", "--all", "--yes", "--stack", file.name]
            stack.workspace.pulumi_command.run(unprotect, str(ROOT), {})
        stack.destroy(
            on_output=progress.say,
            color="never",
            show_secrets=False,
            exclude_protected=not everything,
            config_file=_config_file(file),
        )

    with progress.step(f"pulumi destroy --stack {file.name}"):
        _refusing_as_pulumi(destroy)
