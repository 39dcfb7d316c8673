"""Pulumi's own engine, through its Automation API, where its CLI is on PATH.

The project's backend, secrets provider and login are Pulumi's own settings (``pulumi login``, ``PULUMI_*``).
"""

import shutil
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pulumi import automation
from semver import VersionInfo

from infra.paths import ROOT
from infra.progress import Progress
from stacks.sites import SiteFile

HOME = Path.home() / ".pulumi"


class EngineError(Exception):
    """Pulumi refused; the text is its own."""


def installed() -> bool:
    """Return whether the Pulumi CLI is on PATH."""
    return shutil.which("pulumi") is not None


def install(progress: Progress) -> str:
    """Install the CLI of the SDK's own version under ``~/.pulumi`` and return its path."""
    wanted = VersionInfo.parse(version("pulumi"))
    folder = HOME / "versions" / str(wanted)
    with progress.step(f"downloading the Pulumi CLI {wanted} from get.pulumi.com into {folder}", estimate=30):
        try:
            automation.PulumiCommand.install(version=wanted, root=str(folder))
        except Exception as error:  # noqa: BLE001 - the SDK raises bare exceptions for a network that refuses
            raise EngineError(
                f"could not install the Pulumi CLI: {error}\nWhere the network does not allow it, install "
                "pulumi from your own mirror and put it on PATH; disposable sites need none"
            ) from None
    return str(folder / "bin" / "pulumi")


def _stack(file: SiteFile) -> automation.Stack:
    if not file.is_stack:
        raise EngineError(f"{file.path}: Pulumi finds stacks by name in stacks/; move the file there")
    return automation.create_or_select_stack(stack_name=file.name, work_dir=str(ROOT))


def _run(action: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the Automation API returns
    try:
        return action()
    except automation.CommandError as error:
        raise EngineError(str(error)) from None


def up(file: SiteFile, progress: Progress, *, context: str | None) -> Mapping[str, Any]:
    """Update the stack and return its outputs; secret ones are left out."""
    stack = _run(lambda: _stack(file))
    if context is not None:
        _run(lambda: stack.set_config("science-platform:context", automation.ConfigValue(context)))
    with progress.step(f"pulumi up --stack {file.name}"):
        result = _run(lambda: stack.up(on_output=progress.say, color="never"))
    return {key: output.value for key, output in result.outputs.items() if not output.secret}


def down(file: SiteFile, progress: Progress, *, everything: bool) -> None:
    """Destroy what the stack does not keep; everything, after unprotecting it, when asked."""
    stack = _run(lambda: _stack(file))
    with progress.step(f"pulumi destroy --stack {file.name}"):
        if everything:
            _run(
                lambda: stack.workspace.pulumi_command.run(
                    ["state", "unprotect", "--all", "--yes", "--stack", file.name], str(ROOT), {}
                )
            )
        _run(lambda: stack.destroy(on_output=progress.say, color="never", exclude_protected=not everything))
