"""The site as the hub reads it."""

from site_document import (
    Collection,
    Culling,
    Limits,
    LocalUser,
    OidcIdentity,
    PasswordIdentity,
    Profile,
    ProjectSpace,
    Site,
    Software,
    parse,
)

GI = 2**30


def test_the_whole_document(document):
    document["profiles"].pop("small")
    document["projects"]["spaces"].pop("other")
    assert parse(document) == Site(
        name="local",
        title="Local 100% science",
        namespace="science-local",
        url="https://local.localhost:30443",
        identity=PasswordIdentity(
            users={
                "alice": LocalUser(groups=("galaxies",), admin=False),
                "bob": LocalUser(groups=(), admin=False),
                "carol": LocalUser(groups=(), admin=True),
            }
        ),
        profiles={
            "gpu": Profile(
                name="gpu",
                title="GPU",
                description="",
                cpu_guarantee=4,
                cpu_limit=8.5,
                memory_guarantee=4 * GI,
                memory_limit=4 * GI,
                image="registry.example.org/gpu-lab:2",
                gpus=2,
                gpu_resource="amd.com/gpu",
                node_selector={"pool": "gpu"},
                tolerations=({"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},),
                groups=frozenset({"galaxies"}),
                default=False,
            )
        },
        limits=Limits(servers=3, cpu=16, memory=5 * GI),
        culling=Culling(idle=3600, maximum_age=86400, every=300),
        homes_claim="homes",
        projects_claim="projects",
        spaces=(
            ProjectSpace(name="archive", read_write=frozenset(), read_only=frozenset({"galaxies"})),
            ProjectSpace(
                name="survey", read_write=frozenset({"galaxies"}), read_only=frozenset({"students"})
            ),
        ),
        scratch_claim="scratch",
        software=Software(claim="software", read_write=frozenset({"galaxies"})),
        collections=(
            Collection(
                name="embargoed",
                claim="data-embargoed",
                groups=frozenset({"galaxies"}),
                read_write=frozenset(),
            ),
            Collection(name="sky", claim="data-sky", groups=frozenset(), read_write=frozenset({"curators"})),
        ),
        priority_class="science-local-user",
        user_namespaces=False,
        start_timeout=300,
        folder_image="localhost/science-platform/base:1",
        services={"metrics": ("read:metrics",)},
        doors=("webdav",),
        environment={"AWS_REGION": "us-east-1"},
        database="volume",
        labels=document["labels"],
    )


def test_a_site_without_projects(document):
    site = parse({**document, "projects": None})
    assert (site.projects_claim, site.spaces) == (None, ())


def test_a_site_with_homes_alone(document):
    site = parse({**document, "scratch": None, "software": None, "collections": {}})
    assert (site.scratch_claim, site.software, site.collections) == (None, None, ())


def test_a_provider(document):
    document["identity"] = {
        "kind": "oidc",
        "title": "the institute",
        "issuer": "https://id.example.org/realms/science",
        "clientId": "hub",
        "usernameClaim": "preferred_username",
        "groupsClaim": "groups",
        "scopes": ["openid", "profile"],
        "allowedGroups": ["staff"],
        "allowAll": False,
        "adminGroups": ["operators"],
    }
    assert parse(document).identity == OidcIdentity(
        title="the institute",
        issuer="https://id.example.org/realms/science",
        client_id="hub",
        username_claim="preferred_username",
        groups_claim="groups",
        scopes=("openid", "profile"),
        allowed_groups=frozenset({"staff"}),
        allow_all=False,
        admin_groups=frozenset({"operators"}),
    )
