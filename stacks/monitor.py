"""Runs a Pulumi program without Pulumi's engine: a resource monitor in this process, and the loop around it.

`Monitor` receives every registration exactly as the engine would and asks `Monitor.realise` what became of
it; the plan answers from the inputs, the direct apply from the cluster.
"""

# ruff: noqa: N802 - the names of methods are those of Pulumi's protocol

import asyncio
import contextvars
import itertools
import json
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import mocks, set_all_config, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.rpc_manager import RPCManager
from pulumi.runtime.stack import run_in_stack

from stacks import urns
from stacks.objects import has_name, with_name
from stacks.resources import Options, PlannedResource, ProgramError
from stacks.wire import decode, encode

_PLACE: contextvars.ContextVar[int] = contextvars.ContextVar("place")

Request = Any
"""One of Pulumi's protobuf messages; their generated types say less than their names."""


class Monitor(mocks.MockMonitor):
    """Records registrations; subclasses say what each becomes.

    Attributes
    ----------
    registered
        The resources by their place in the program: the order in which it constructed them, whatever the
        order in which their inputs became known.
    outputs
        What the stack exports.
    """

    def __init__(self, stack: str, project: str) -> None:
        # MockMonitor's own constructor wants Mocks; nothing that is left of it here uses them.
        self.stack = stack
        self.project = project
        self.registered: dict[int, PlannedResource] = {}
        self.outputs: dict[str, object] = {}
        self._by_urn: dict[str, PlannedResource] = {}
        self._stack_urn = ""

    @abstractmethod
    def realise(self, resource: PlannedResource) -> tuple[str | None, Mapping[str, object]]:
        """Return the resource's ID (None: not known yet) and its properties."""

    def named(self, resource: PlannedResource) -> dict[str, object]:
        """Return the inputs of a Kubernetes object that the program gives no name, with one."""
        return with_name(resource.inputs, resource.name, resource.urn)

    def call(self, token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """Answer a provider's function, such as ``aws:index/getAvailabilityZones:getAvailabilityZones``."""
        raise ProgramError(f"{token} needs Pulumi's engine: it cannot be answered here ({sorted(arguments)})")

    def RegisterResource(self, request: Request) -> resource_pb2.RegisterResourceResponse:
        """Record one resource and answer with what became of it."""
        if request.type == urns.STACK_TYPE:
            self._stack_urn = urns.make(self.stack, self.project, request.type, request.name)
            return resource_pb2.RegisterResourceResponse(urn=self._stack_urn)
        _refuse_unseen(request)
        resource = self._record(request, request.object, self._options(request), custom=request.custom)
        id_, properties = self.realise(resource) if resource.custom else ("", resource.inputs)
        # ``unknown``: a property that is not among these is not known yet, rather than None.
        return resource_pb2.RegisterResourceResponse(
            urn=resource.urn, id=id_ or "", object=encode(properties), unknown=True
        )

    def ReadResource(self, request: Request) -> resource_pb2.ReadResourceResponse:
        """Record what is only read (``.get()``), and answer with it."""
        resource = self._record(request, request.properties, Options(), custom=True, read_id=request.id)
        id_, properties = self.realise(resource)
        return resource_pb2.ReadResourceResponse(
            urn=resource.urn, id=id_ or "", properties=encode(properties), unknown=True
        )

    def RegisterResourceOutputs(self, request: Request) -> empty_pb2.Empty:
        """Keep the stack's outputs; those of components are of no use to anyone here."""
        if request.urn == self._stack_urn:
            self.outputs = decode(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Request) -> resource_pb2.ResourceInvokeResponse:
        """Answer a provider's function."""
        if not request.provider and not request.tok.startswith("pulumi:"):
            raise ProgramError(_no_provider(f"the call of {request.tok}"))
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(encode(self.call(request.tok, decode(request.args))))
        return response

    def RegisterStackTransform(self, request: Request) -> empty_pb2.Empty:  # noqa: ARG002 - whatever it is
        """Refuse what only the engine would run."""
        raise ProgramError(_ENGINE_ONLY.format("a stack's transforms"))

    RegisterStackInvokeTransform = RegisterStackTransform

    def _record(
        self,
        request: Request,
        properties: Struct,
        options: Options,
        *,
        custom: bool,
        read_id: str | None = None,
    ) -> PlannedResource:
        urn = urns.make(self.stack, self.project, request.type, request.name, request.parent)
        # A provider's reference is its URN and its ID, joined as the parts of a URN are.
        provider = request.provider.rsplit("::", 1)[0] or None
        if not provider and custom and not request.type.startswith("pulumi:"):
            raise ProgramError(_no_provider(f"{request.name} ({request.type})"))
        if urn in self._by_urn:
            raise ProgramError(
                f"two resources are {urn}: a URN holds the parent's type, not its name, so begin the names "
                "of a component's children with the component's own"
            )
        by_property = getattr(request, "propertyDependencies", {})
        resource = PlannedResource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent if request.parent != self._stack_urn else None,
            provider=provider,
            inputs=decode(properties),
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: tuple(sorted(by_property[key].urns))
                for key in sorted(by_property)
                if by_property[key].urns
            },
            options=options,
            custom=custom,
            read_id=read_id,
        )
        if resource.is_manifest and not has_name(resource.inputs):
            if resource.is_patch:
                raise ProgramError(f"{resource.name} changes another's object: say which by metadata.name")
            resource = replace(resource, autonamed=True)
            resource = replace(resource, inputs=self.named(resource))
        self._by_urn[urn] = self.registered[_PLACE.get()] = resource
        return resource

    def _options(self, request: Request) -> Options:
        urn = urns.make(self.stack, self.project, request.type, request.name, request.parent)
        above = self._by_urn.get(request.parent)
        times = request.customTimeouts
        return Options(
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            additional_secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
            aliases=urns.resolve_aliases(
                urn, request.parent, request.aliases, above.options.aliases if above else ()
            ),
            deleted_with=request.deletedWith or None,
            custom_timeouts={
                key: getattr(times, key) for key in ("create", "delete", "update") if getattr(times, key)
            },
            import_id=request.importId or None,
        )


_ENGINE_ONLY = "{} are run by Pulumi's engine alone, so no plan would show what they do: use a plain function"


def _refuse_unseen(request: Request) -> None:
    """Refuse what the engine would do out of this process, and a plan could not show."""
    if request.remote:
        raise ProgramError(
            f"{request.name} ({request.type}) is a remote component: no plan would show its parts"
        )
    if request.transforms:
        raise ProgramError(_ENGINE_ONLY.format(f"the transforms of {request.name}"))
    if any(hooks for _, hooks in request.hooks.ListFields()):
        raise ProgramError(_ENGINE_ONLY.format(f"the hooks of {request.name}"))


def _no_provider(what: str) -> str:
    return (
        f"{what} names no provider, and default providers are disabled (Pulumi.yaml): give it "
        "opts=ResourceOptions(provider=…) or a parent that has one"
    )


def run(
    program: Callable[[], Awaitable[None] | None],
    monitor: Monitor,
    *,
    config: Mapping[str, object],
    secrets: frozenset[str],
    preview: bool,
) -> None:
    """Run ``program`` against ``monitor``; its own exceptions come out as they are.

    Nothing is left behind: Pulumi keeps its settings in context variables, and these live in a context of
    this run's own, as do the event loop and the (inline) executor.

    Parameters
    ----------
    config, secrets
        Configuration by full key (``science-platform:site``), and the keys whose values are secret. Values
        that are not strings are given to the program as JSON, as the engine does.
    preview
        What `pulumi.runtime.is_dry_run` says.
    """
    contextvars.copy_context().run(_run, program, monitor, config, secrets, preview)


def _run(
    program: Callable[[], Awaitable[None] | None],
    monitor: Monitor,
    config: Mapping[str, object],
    secrets: frozenset[str],
    preview: bool,
) -> None:
    settings.reset_options(
        project=monitor.project, stack=monitor.stack, preview=preview, organization="organization"
    )
    # Both are context variables behind a property, which type checkers take for a function.
    settings.SETTINGS.monitor = monitor  # pyright: ignore[reportAttributeAccessIssue]
    settings.SETTINGS.rpc_manager = _Numbered()  # pyright: ignore[reportAttributeAccessIssue]
    set_all_config(_as_text(config), sorted(secrets))
    loop = asyncio.new_event_loop()
    try:
        loop.set_default_executor(_Inline(max_workers=1))
        # When one resource fails, those that wait for it fail as well: the first failure is raised, which is
        # enough.
        loop.set_exception_handler(lambda _loop, _context: None)
        loop.run_until_complete(run_in_stack(program))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def _as_text(config: Mapping[str, object]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


class _Numbered(RPCManager):
    """Numbers the calls when the program makes them: they are sent later, in another order."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count()

    def do_rpc(self, name: str, rpc_function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Return the call, which will know its number wherever it runs."""
        place = next(self._numbers)

        async def numbered(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed through
            _PLACE.set(place)
            return await rpc_function(*args, **kwargs)

        return super().do_rpc(name, numbered)


class _Inline(ThreadPoolExecutor):
    """Runs what is submitted at once, in the caller's thread: one order, and no locks in the monitors."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        """Return a future that is already done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed on by the future
            future.set_exception(error)
        return future
