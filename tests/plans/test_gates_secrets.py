"""Secrets outside of Secrets are caught wherever in a site they are, and never shown."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stacks.gates.standing import standing
from stacks.masking import SECRET
from stacks.plan import Plan
from stacks.site import Site
from stacks.site_loading import site_from_config
from tests.support.gates import planted
from tests.support.plans import SITES, planned_file, site_value

BOREAL = site_from_config(site_value(SITES["boreal"]), name="boreal")
HUB = "Deployment/hub"

# Put together here, so that no scanner of repositories takes them for what they only look like.
PRIVATE_KEY = "-----BEGIN EC " + "PRIVATE KEY-----"
AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "a1B2" * 9
GITLAB = "glpat-" + "a1B2c3D4e5F6g7H8i9J0"
JWT = ".".join(["eyJ" + "hbGciOiJIUzI1NiJ9", "eyJ" + "zdWIiOiIxMjM0NTYifQ", "sflKxwRJSMeKKF2QT4"])
RANDOM = "kX9vQ2mT" + "7rLp4ZsB8nWd3HfJ"
HEX = "9f86d081884c7d65" + "9a2feaa0c55ad015"
URL = "postgresql://hub:" + "orion@database.example.org/hub"

Inputs = dict[str, Any]
Edit = Callable[[Inputs], object]


def found(plan: Plan, site: Site = BOREAL, **arguments: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401
    return [(each.gate, each.subject, each.reason) for each in standing(plan, site, **arguments)]


def caught(edit: Edit, subject: str = HUB, **arguments: Any) -> list[str]:  # noqa: ANN401 - those of standing
    """Return what is said of an edited object of a site, all of it by this gate."""
    verdicts = found(planted(planned_file(SITES["boreal"]), subject, edit), **arguments)
    assert {(gate, named) for gate, named, _ in verdicts} <= {("secret-in-plain-text", subject)}
    return [reason.removesuffix(": put it into a Secret, and name that") for _, _, reason in verdicts]


def variable(name: str, value: str) -> Edit:
    def edit(inputs: Inputs) -> None:
        inputs["spec"]["template"]["spec"]["containers"][0].setdefault("env", []).insert(
            0, {"name": name, "value": value}
        )

    return edit


ENV = "spec.template.spec.containers[0].env[0].value"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (PRIVATE_KEY, "holds a private key"),
        (AWS_KEY, "holds an access key of AWS"),
        (GITHUB, "holds a token of GitHub"),
        (GITLAB, "holds a token of GitLab"),
        (JWT, "holds a signed token (JWT)"),
        (URL, "holds a URL with a password"),
        (RANDOM, "holds what looks like a secret"),
        (HEX, "holds what looks like a secret"),
        (f"a text with {RANDOM} in it", "holds what looks like a secret"),
        (
            base64.b64encode(b"\x07\xc3\xf1" * 3 + bytes(range(40, 240, 7))).decode(),
            "holds what looks like a secret",
        ),
        (SECRET, "holds a value that the program keeps secret"),
        (f"{SECRET}#{'0' * 32}", "holds a value that the program keeps secret"),
    ],
)
def test_by_its_shape_in_the_value_of_a_variable(value: str, why: str):
    assert caught(variable("SETTING", value)) == [f"{ENV} {why}"]


@pytest.mark.parametrize(
    "value",
    [
        "registry.example.org/hub@sha256:" + HEX * 2,
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        "-----BEGIN CERTIFICATE-----\n"
        + "MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn" * 3
        + "\n-----END CERTIFICATE-----",
        "postgresql://hub@database.example.org/hub",
        "https://${user}:${password}@database.example.org",
        "/usr/local/lib/python3.13/site-packages/jupyterhub/handlers",
        "c.KubeSpawner.extra_pod_config = server_pod(settings, user_options)",
        "system:serviceaccount:science-boreal:hub",
    ],
)
def test_what_is_public_is_none(value: str):
    assert caught(variable("SETTING", value)) == []


@pytest.mark.parametrize("name", ["DATABASE_PASSWORD", "HUB_TOKEN", "OIDC_CLIENT_SECRET", "API_KEY"])
def test_by_its_name(name: str):
    assert caught(variable(name, "orion7")) == [f"{ENV} is called a secret and has a value"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_PASSWORD_FILE", "/etc/hub/database1"),
        ("TOKEN_URL", "login7"),
        ("TOKEN_SECONDS", "3600s"),
        ("HUB_TOKEN", "/etc/hub/token1"),
        ("HUB_TOKEN", "$(TOKEN_1)"),
        ("PASSWORD_REQUIRED", "true"),
        ("PASSWORD", ""),
        ("OIDC_CLIENT_SECRET", "oidc-client-secret"),
    ],
)
def test_a_name_of_where_a_secret_is_makes_none(name: str, value: str):
    assert caught(variable(name, value)) == []


@pytest.mark.parametrize("arguments", [["--password=orion7"], ["--password", "orion7"]])
def test_in_an_argument(arguments: list[str]):
    def edit(inputs: Inputs) -> None:
        inputs["spec"]["template"]["spec"]["containers"][0]["args"] = arguments

    place = f"spec.template.spec.containers[0].args[{len(arguments) - 1}]"
    assert caught(edit) == [f"{place} is called a secret and has a value"]


def test_in_an_annotation_a_label_and_the_name_of_an_object():
    def annotated(inputs: Inputs) -> None:
        inputs["metadata"]["annotations"] = {"example.org/key": RANDOM, RANDOM: "yes"}

    assert caught(annotated) == [
        "metadata.annotations.example.org/key holds what looks like a secret",
        f"metadata.annotations.{RANDOM} holds what looks like a secret",
    ]
    assert caught(lambda inputs: inputs["metadata"]["labels"].update(key=HEX)) == [
        "metadata.labels.key holds what looks like a secret"
    ]


def test_in_the_name_of_a_resource_whatever_it_is():
    plan = planned_file(SITES["boreal"])
    named = [replace(each, name=RANDOM) if each.package == "pulumi" else each for each in plan.resources]
    (verdict,) = found(replace(plan, resources=tuple(named)))
    assert verdict[2] == "its name looks like a secret: names are in logs, URLs and states"


def config(plan: Plan) -> str:
    (name,) = {
        each["metadata"]["name"]
        for each in plan.manifests()
        if each["metadata"]["name"].startswith("hub-config-")
    }
    return f"ConfigMap/{name}"


@pytest.mark.parametrize(
    ("key", "content", "why"),
    [
        ("hub.py", f"cookie = '{HEX}'", "data.hub.py holds what looks like a secret"),
        (
            "hub.json",
            f'{{"a": [{{"cookieSecret": "{RANDOM}"}}]}}',
            "data.hub.json.a[0].cookieSecret is called a secret",
        ),
        (
            "hub.json",
            '{"database": {"password": "orion7"}}',
            "data.hub.json.database.password is called a secret",
        ),
        ("key.pem", PRIVATE_KEY, "data.key.pem holds a private key"),
    ],
)
def test_in_a_file_of_a_config_map(key: str, content: str, why: str):
    subject = config(planned_file(SITES["boreal"]))
    (reason,) = caught(lambda inputs: inputs["data"].update({key: content}), subject)
    assert reason.startswith(why)


def test_what_is_in_a_secret_is_where_it_should_be():
    assert caught(lambda inputs: inputs.update(data={"key": RANDOM}), "Secret/hub-keys") == []
    assert caught(lambda inputs: inputs.update(stringData={"key": RANDOM}), "Secret/hub-keys") == []
    assert caught(
        lambda inputs: inputs["metadata"].update(annotations={"key": RANDOM}), "Secret/hub-keys"
    ) == ["metadata.annotations.key holds what looks like a secret"]


@pytest.mark.parametrize(
    "form", [str, lambda text: base64.b64encode(text.encode()).decode()], ids=["plain", "base64"]
)
def test_a_secret_of_the_site_is_found_whatever_it_looks_like(form: Callable[[str], str]):
    edit = variable("GREETING", f"hello {form('orion nebula')}")
    assert caught(edit, known_secrets=("orion nebula",)) == [f"{ENV} holds one of the site's secrets"]
    assert caught(edit) == []


@pytest.mark.parametrize("secret", [PRIVATE_KEY, AWS_KEY, GITHUB, JWT, RANDOM, HEX, URL])
def test_no_verdict_shows_a_secret(secret: str):
    plan = planted(planned_file(SITES["boreal"]), HUB, variable("HUB_TOKEN", secret))
    verdicts = standing(plan, BOREAL, (secret,))
    assert verdicts
    assert secret not in repr(verdicts)
