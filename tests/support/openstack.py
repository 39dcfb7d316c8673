"""An OpenStack cloud as a double: what it would answer for what a plan makes and looks up."""

from collections.abc import Mapping

from infra.lookups import looked_up
from stacks.plan import PlannedResource

NFS = "10.20.0.5:/shares/{}"
CEPH = "10.20.0.1:6789,10.20.0.2:6789:/volumes/_nogroup/{}"


class OpenstackDouble:
    """Names what it makes after the resources."""

    def outputs(self, resource: PlannedResource) -> Mapping[str, object]:
        made: dict[str, object] = {"id": f"id-of-{resource.name}"}
        match resource.type:
            case "openstack:containerinfra/cluster:Cluster":
                made["kubeconfig"] = {"raw_config": "kubeconfig"}
            case "openstack:networking/floatingIp:FloatingIp":
                made["address"] = "203.0.113.10"
            case "openstack:sharedfilesystem/share:Share":
                form = NFS if resource.inputs["shareProto"] == "NFS" else CEPH
                made["exportLocations"] = [
                    {"path": form.format(resource.inputs["name"]), "preferred": "true"}
                ]
            case "openstack:sharedfilesystem/shareAccess:ShareAccess":
                made["accessKey"] = "cephx-key"
            case _:
                pass
        return made

    def call(self, token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        answer = looked_up(token, arguments)
        assert answer is not None, f"nobody looks {token} up"
        return answer
