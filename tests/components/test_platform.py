"""The map of the house: the site's namespace, and which services may ask the hub what."""

from components.platform import DOORS, SERVICES, namespace, services


def test_the_namespace_admits_only_restricted_pods():
    assert namespace("demo") == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "science-demo",
            "labels": {
                "app.kubernetes.io/name": "platform",
                "app.kubernetes.io/component": "platform",
                "app.kubernetes.io/instance": "demo",
                "app.kubernetes.io/part-of": "science-platform",
                "app.kubernetes.io/managed-by": "pulumi",
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
        },
    }


def test_no_service_may_do_more_than_look():
    scopes = {scope for scopes in SERVICES.values() for scope in scopes}
    assert scopes == {
        "read:metrics",
        "list:users",
        "read:users:activity",
        "read:users:groups",
        "read:servers",
        "read:hub",
    }


def test_doors_may_only_tell_who_calls():
    assert set(DOORS["webdav"]) == {"read:users:name", "read:users:groups"}
    assert set(DOORS["s3"]) == {"read:users:name", "read:users:groups", "read:tokens"}


def test_only_doors_that_a_site_has_get_a_token():
    assert services([]) == SERVICES
    assert services(["webdav"]) == SERVICES | {"webdav": DOORS["webdav"]}
