"""What the identity layer declares, and what it tells the hub."""

from pydantic import TypeAdapter

from components.identity.component import Identity, SignIn
from components.identity.manifests import environment, provider_egress, settings
from components.identity.spec import IdentitySpec
from stacks.plan import Plan
from tests.support.layer import objects_of, planned_layer

OIDC: IdentitySpec = TypeAdapter(IdentitySpec).validate_python(
    {"kind": "oidc", "issuer": "https://login.example.org", "clientId": "science", "allowAll": True}
)
SHARED: IdentitySpec = TypeAdapter(IdentitySpec).validate_python(
    {"kind": "sharedPassword", "users": {"alice": {}}}
)


def planned(spec: IdentitySpec, *secrets: str) -> tuple[Plan, SignIn]:
    told: list[SignIn] = []
    plan = planned_layer(
        lambda place, options: told.append(
            Identity("demo-identity", place=place, spec=spec, options=options).sign_in
        ),
        secrets=secrets,
    )
    return plan, told[0]


def test_the_clients_secret_is_the_operators_and_follows_the_configuration():
    plan, _ = planned(OIDC, "oidcClientSecret")
    secret = objects_of(plan, "demo-identity")["Secret sign-in"]
    assert secret.inputs["data"] == {"clientSecret": "[secret]"}
    assert secret.options.ignore_changes == ()


def test_shared_passwords_are_made_once():
    plan, _ = planned(SHARED)
    secret = objects_of(plan, "demo-identity")["Secret sign-in"]
    assert secret.inputs["data"] == {"userPassword": "[secret]", "adminPassword": "[secret]"}
    assert secret.options.ignore_changes == ("data",)


def test_the_hub_is_told_how_people_sign_in():
    _, sign_in = planned(OIDC, "oidcClientSecret")
    assert sign_in == SignIn(
        settings=settings(OIDC), environment=environment(OIDC), egress=provider_egress(OIDC)
    )
