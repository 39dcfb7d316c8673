"""The spawner: KubeSpawner with the site's profiles, limits and folders."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from jupyterhub.utils import url_path_join
from kubernetes_asyncio.client import V1OwnerReference, V1Pod
from kubernetes_asyncio.client.rest import ApiException
from kubespawner import KubeSpawner
from traitlets import Dict, Instance, default

from refusal import Refused
from server_answer import until_answer
from server_environment import server_environment
from server_folders import folder_traits
from server_limits import Usage, limit_refusal
from server_profiles import chosen_profile, profile_list, profile_traits
from server_progress import progress_message
from site_document import Site
from user_names import UnusableNameError


class SiteSpawner(KubeSpawner):
    """Starts servers of the profiles that a user's groups may choose, within the user's limits."""

    site = Instance(Site, config=True, help="The site.")

    owner = Dict(allow_none=True, config=True, help="Reference of the object that user pods do not outlive.")

    admitted: Usage | None = None
    """What this server holds of its user's limits, from its admission until it has stopped."""

    def group_names(self) -> frozenset[str]:
        """Return the user's groups, as the last sign-in or refresh found them."""
        return frozenset(group.name for group in self.user.groups)

    @default("profile_list")
    def _profile_list(self) -> Callable[..., list[dict[str, Any]]]:
        return lambda spawner: profile_list(spawner.site.profiles, spawner.group_names())

    @default("apply_user_options")
    def _apply_user_options(self) -> Callable[..., None]:
        return SiteSpawner.admit

    async def get_pod_manifest(self) -> V1Pod:
        """Return the pod, owned by what it must not outlive."""
        pod = await super().get_pod_manifest()
        if self.owner:
            pod.metadata.owner_references = [V1OwnerReference(**self.owner)]
        return pod

    def others(self) -> list[Usage]:
        """Return what the user's other servers hold."""
        return [
            Usage(
                name=spawner.name,
                cpu=spawner.admitted.cpu,
                memory=spawner.admitted.memory,
                stopping=spawner.pending == "stop",
            )
            for spawner in self.user.spawners.values()
            if spawner is not self and spawner.active and spawner.admitted is not None
        ]

    def admit(self, user_options: Mapping[str, Any]) -> None:
        """Take the requested profile, or refuse before anything is made for it.

        Nothing is awaited between looking at the other servers and being counted among them, so of two
        servers that start at once and do not fit together the second is refused.

        Raises
        ------
        Refused
            The profile, the name or the limits do not allow it; the message is for the user.
        """
        groups = self.group_names()
        profile = chosen_profile(self.site.profiles, groups, user_options)
        wanted = Usage(name=self.name, cpu=profile.cpu_limit, memory=profile.memory_limit)
        refusal = limit_refusal(self.site.limits, self.others(), wanted)
        if refusal is not None:
            raise Refused(409, refusal)
        try:
            folders = folder_traits(self.site, self.user.name, groups)
        except UnusableNameError as error:
            raise Refused(403, str(error)) from None
        environment = server_environment(self.site, profile)
        for trait, value in {**profile_traits(profile), **folders, "environment": environment}.items():
            setattr(self, trait, value)
        self.admitted = wanted

    async def load_user_options(self) -> None:
        """Leave everything to `admit`, which the hub has called by now."""

    def get_state(self) -> dict[str, Any]:
        """Return what a restarted hub must know, limits included."""
        state = super().get_state()
        if self.admitted is not None:
            state["admitted"] = {"cpu": self.admitted.cpu, "memory": self.admitted.memory}
        return state

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take up a server that ran before the hub restarted."""
        super().load_state(state)
        if "admitted" in state:
            self.admitted = Usage(name=self.name, **state["admitted"])

    def clear_state(self) -> None:
        """Give back what the server held."""
        super().clear_state()
        self.admitted = None

    async def _start(self) -> str:
        try:
            return await super()._start()
        except ApiException as error:
            raise Refused(503, kubernetes_refusal(error)) from None
        except TimeoutError:
            raise TimeoutError(
                f"the server did not start in {self.start_timeout} seconds; the event log says how far it came. "
                "Try again, or choose another kind of server."
            ) from None

    async def _make_create_pod_request(self, pod: V1Pod, request_timeout: float) -> bool:
        """Create the pod, and return when its server answers: what looks for it after this finds it at once."""
        made = await super()._make_create_pod_request(pod, request_timeout)
        if made:
            await until_answer(self.address)
        return made

    def address(self) -> str | None:
        """Return where the server is to answer, None while its pod does not run or once the hub has given it up."""
        pod = self.pod_reflector.pods.get(f"{self.namespace}/{self.pod_name}")
        if self.server is None or not self.is_pod_running(pod):
            return None
        return url_path_join(self._get_pod_url(pod), self.server.base_url, "api")

    async def progress(self) -> AsyncGenerator[dict[str, Any], None]:
        """Yield progress in words for people, each once in a row; events themselves stay in ``raw_event``."""
        last = ""
        async for step in super().progress():
            if "raw_event" in step:
                step["message"] = progress_message(step["raw_event"])
            if step["message"] != last:
                yield step
            last = step["message"]


def kubernetes_refusal(error: ApiException) -> str:
    """Return what to tell a user whose pod Kubernetes did not take; the details are in the hub's log."""
    if "exceeded quota" in str(error.body):
        return "The whole site has no room for this server now. Choose a smaller kind, or try again later."
    return (
        f"The cluster did not take the server ({error.status} {error.reason}). "
        "Try again; if it stays, tell the site's administrators the time of your attempt."
    )
