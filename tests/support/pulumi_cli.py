"""A stand-in for the Pulumi CLI as its Automation API calls it: writes calls down, tells events as told to."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

SCRIPT = """#!{python}
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
with (folder / "calls").open("a") as calls:
    calls.write(" ".join(arguments) + "\\n")
if arguments[0] == "version":
    print("v{version}")
elif "preview" in arguments:
    stack = arguments[arguments.index("--stack") + 1]
    told = json.loads((folder / f"{{stack}}.json").read_text())
    address = arguments[arguments.index("--event-log") + 1].removeprefix("tcp://")
    import grpc
    from pulumi.runtime.proto import events_pb2, events_pb2_grpc
    with grpc.insecure_channel(address) as channel:
        events_pb2_grpc.EventsStub(channel).StreamEvents(
            events_pb2.EventRequest(event=json.dumps(event)) for event in told["events"]
        )
    print(told["out"])
    print(told["err"], file=sys.stderr)
    sys.exit(told["code"])
"""


class PulumiCli:
    """The stand-in, in a folder that has to be first on PATH."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        script = folder / "pulumi"
        script.write_text(SCRIPT.format(python=sys.executable, version=version("pulumi")))
        script.chmod(0o755)

    def preview(
        self, stack: str, *steps: dict[str, Any], out: str = "", err: str = "", code: int = 0
    ) -> None:
        """Say what a preview of a stack tells: its steps, as `step` makes them, and how it ends."""
        counts: dict[str, int] = {}
        for each in steps:
            op = each["resourcePreEvent"]["metadata"]["op"]
            counts[op] = counts.get(op, 0) + 1
        summary = {"summaryEvent": {"resourceChanges": counts, "maybeCorrupt": False, "durationSeconds": 1}}
        told = {"events": [*steps, summary], "out": out, "err": err, "code": code}
        (self._folder / f"{stack}.json").write_text(json.dumps(told))

    def calls(self, verb: str) -> list[str]:
        """Return the calls of a verb."""
        lines = (self._folder / "calls").read_text().splitlines()
        return [line for line in lines if f" {verb} " in f" {line} "]


def step(op: str, kind: str, name: str, *, diff: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a step of the engine on a resource inside the platform's component."""
    component, type_ = "science-platform:index:SciencePlatform", f"kubernetes:apps/v1:{kind}"
    metadata = {
        "op": op,
        "urn": f"urn:pulumi:local::science-platform::{component}${type_}::{name}",
        "type": type_,
        "provider": "",
        "detailedDiff": {path: {"diffKind": "update", "inputDiff": True} for path in diff},
        **more,
    }
    return {"sequence": 1, "timestamp": 1, "resourcePreEvent": {"metadata": metadata}}
