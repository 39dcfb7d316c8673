"""Two sites on one cluster cannot have the same host, node port or volume."""

from pathlib import Path

from stacks.site_clashes import clashes

GOOD = Path(__file__).parent / "good"


def site(folder: Path, name: str, base: str, *edits: tuple[str, str]) -> Path:
    text = (GOOD / f"{base}.yaml").read_text()
    for old, new in edits:
        text = text.replace(old, new)
    file = folder / f"Pulumi.{name}.yaml"
    file.write_text(text)
    return file


def found(*files: Path) -> list[str]:
    return [str(problem).rpartition("/")[2] for problem in clashes(files)]


def test_the_same_host_and_node_port_on_one_local_cluster(tmp_path: Path):
    assert found(site(tmp_path, "a", "local"), site(tmp_path, "b", "local")) == [
        "Pulumi.b.yaml:8:13: edge.host: is the host of Pulumi.a.yaml too, on the same cluster",
        "Pulumi.b.yaml:9:17: edge.nodePort: is the node port of Pulumi.a.yaml too, on the same cluster",
    ]


def test_the_same_volume_of_one_existing_cluster(tmp_path: Path):
    volumes = ("      nodePools:", "      volumes:\n        homes: {volumeName: homes}\n      nodePools:")
    other_host = ("science.example.org", "other.example.org")
    files = (site(tmp_path, "a", "existing", volumes), site(tmp_path, "b", "existing", volumes, other_host))
    assert found(*files) == [
        "Pulumi.b.yaml:10:29: cluster.volumes.homes.volumeName: is the volume of Pulumi.a.yaml too, on the same cluster"
    ]


def test_another_cluster_may_have_the_same(tmp_path: Path):
    other = ("      kind: local", "      kind: local\n      name: other")
    assert found(site(tmp_path, "a", "local"), site(tmp_path, "b", "local", other)) == []
