"""The field types of site files: what each takes, and what it says of the rest."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from infra import fields
from infra.fields import Spec, bytes_of, seconds_of


class ProbeSpec(Spec):
    """A section."""

    gpu_resource: str = "nvidia.com/gpu"
    """What the nodes call it."""


def accepted(field: TypeAdapter[str], value: str) -> bool:
    try:
        return field.validate_python(value) == value
    except ValidationError:
        return False


def refusal(field: TypeAdapter[str], value: str) -> str:
    with pytest.raises(ValidationError) as refused:
        field.validate_python(value)
    return refused.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ("512Mi", 536870912),
        ("1.5Gi", 1610612736),
        ("60Ti", 65970697666560),
        ("0.1Gi", 107374182),
    ],
)
def test_an_amount_is_in_bytes(memory: str, expected: int):
    assert bytes_of(memory) == expected


@pytest.mark.parametrize("memory", ["512", "512MB", "512M", "1,5Gi", "-1Gi", " 1Gi", "Gi", "1e3Mi"])
def test_anything_else_is_no_amount(memory: str):
    with pytest.raises(ValueError, match=r"is not an amount such as 512Mi, 2Gi or 1\.5Ti"):
        bytes_of(memory)


@pytest.mark.parametrize(
    ("duration", "expected"), [("30s", 30), ("90m", 5400), ("12h", 43200), ("7d", 604800)]
)
def test_a_duration_is_in_seconds(duration: str, expected: int):
    assert seconds_of(duration) == expected


@pytest.mark.parametrize("duration", ["30", "1.5h", "1w", "1h30m", "-1s", ""])
def test_anything_else_is_no_duration(duration: str):
    with pytest.raises(ValueError, match="is not a duration such as 30s, 90m, 12h or 7d"):
        seconds_of(duration)


@pytest.mark.parametrize(
    ("field", "value"), [(TypeAdapter(fields.Memory), "0Gi"), (TypeAdapter(fields.Duration), "0s")]
)
def test_nothing_is_neither_an_amount_nor_a_duration(field: TypeAdapter[str], value: str):
    assert refusal(field, value) == "Value error, must be more than nothing"


@pytest.mark.parametrize("cidr", ["192.0.2.0/24", "10.60.4.20/32", "2001:db8::/32", "0.0.0.0/0"])
def test_a_network(cidr: str):
    assert accepted(TypeAdapter(fields.Cidr), cidr)


def test_an_address_with_a_prefix_is_told_its_network():
    assert refusal(TypeAdapter(fields.Cidr), "192.0.2.7/24") == (
        "Value error, is an address in the network 192.0.2.0/24: write the network"
    )


@pytest.mark.parametrize("cidr", ["192.0.2.0/33", "192.0.2/24", "300.0.0.0/8"])
def test_what_looks_like_a_network_but_is_none(cidr: str):
    assert refusal(TypeAdapter(fields.Cidr), cidr) == "Value error, expected a network such as 192.0.2.0/24"


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (
            TypeAdapter(fields.Name),
            ["small", "large-memory", "a1"],
            ["Small", "1a", "a-", "a_b", "", "a" * 41],
        ),
        (
            TypeAdapter(fields.ObjectName),
            ["ceph-rwx", "1a.b", "letsencrypt"],
            ["Ceph", ".a", "a.", "a_b", "", "a" * 254],
        ),
        (
            TypeAdapter(fields.GroupName),
            ["galaxies", "/survey/members", "urn:x:y", "Dark Energy", "a@b"],
            [" a", "-a", "", "a\nb", "a,b", "a" * 256],
        ),
        (
            TypeAdapter(fields.Username),
            ["ada", "a.b@c", "0042"],
            ["Ada", "-a", "a-", "", "a b", "a/b", "a" * 65],
        ),
        (
            TypeAdapter(fields.Host),
            ["science.example.org", "local.localhost", "a"],
            ["https://a", "a:443", "a/b", "A.org", "a..b", "-a.org", "", "a."],
        ),
        (
            TypeAdapter(fields.LabelKey),
            ["pool", "node.kubernetes.io/instance-type", "nvidia.com/gpu"],
            ["/a", "a/", "a b", "", "A/b", "-a"],
        ),
        (TypeAdapter(fields.LabelValue), ["", "g3.xl", "true"], ["-a", "a b", "a/b", "a" * 64]),
    ],
    ids=["name", "object name", "group", "user", "host", "label key", "label value"],
)
def test_each_kind_of_name(field: TypeAdapter[str], good: list[str], bad: list[str]):
    assert [value for value in good if not accepted(field, value)] == []
    assert [value for value in bad if accepted(field, value)] == []


def test_an_unknown_key_is_an_error():
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ProbeSpec.model_validate({"gpuResouce": "amd.com/gpu"})


def test_keys_are_in_camel_case_and_only_that():
    assert ProbeSpec.model_validate({"gpuResource": "amd.com/gpu"}).gpu_resource == "amd.com/gpu"
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ProbeSpec.model_validate({"gpu_resource": "amd.com/gpu"})


def test_values_never_change():
    spec: Any = ProbeSpec()
    with pytest.raises(ValidationError, match="Instance is frozen"):
        spec.gpu_resource = "amd.com/gpu"


def test_the_schema_has_titles_and_descriptions_from_the_source():
    assert ProbeSpec.model_json_schema() == {
        "title": "Probe",
        "description": "A section.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "gpuResource": {
                "title": "GPU resource",
                "description": "What the nodes call it.",
                "type": "string",
                "default": "nvidia.com/gpu",
            }
        },
    }


def test_a_pattern_is_explained_in_words_where_editors_look():
    assert TypeAdapter(fields.Name).json_schema() == {
        "type": "string",
        "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$",
        "maxLength": 40,
        "patternErrorMessage": (
            "expected a name of at most 40 lower-case letters, digits and hyphens, such as large-memory"
        ),
    }
