"""What DaCHS reads: its own configuration files, made from the site file."""

import json
from collections.abc import Iterable, Mapping

from components.tap.spec import TapSpec
from infra.fields import bytes_of, seconds_of

ROOT = "/var/gavo"
STATE = f"{ROOT}/state"
SECRETS = "/secrets/dachs"
FILES = "/etc/tap"
PORT = 8080
GROUP = "jovyan"
"""The group of uid 1000 in the image: DaCHS asks for one by name."""

SUBJECTS = (
    "astronomical-software",
    "astronomy-web-services",
    "catalogs",
    "interferometry",
    "observational-astronomy",
    "solar-system-astronomy",
    "spectral-line-identification",
    "virtual-observatories",
)
"""Subjects, from the Unified Astronomy Thesaurus, of what DaCHS publishes by itself."""

VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "product-type": (
        "cube",
        "dynamic-spectrum",
        "event",
        "image",
        "measurements",
        "sed",
        "spectrum",
        "time-cube",
        "timeseries",
        "visibility",
    ),
    "messenger": (
        "EUV",
        "Gamma-ray",
        "Infrared",
        "Millimeter",
        "Neutrino",
        "Optical",
        "Photon",
        "Radio",
        "UV",
        "X-ray",
    ),
    "voresource/content_level": (
        "Amateur",
        "Community College",
        "Elementary Education",
        "General",
        "Informal Education",
        "Middle School Education",
        "Research",
        "Secondary Education",
        "University",
    ),
    "voresource/content_type": (
        "Animation",
        "Archive",
        "Artwork",
        "Background",
        "BasicData",
        "Bibliography",
        "Catalog",
        "Education",
        "Historical",
        "Organisation",
        "Other",
        "Outreach",
        "Photographic",
        "Project",
        "Registry",
        "Simulation",
        "Software",
        "Survey",
        "Transformation",
    ),
    "voresource/date_role": (
        "Accepted",
        "Available",
        "Collected",
        "Copyrighted",
        "Created",
        "Issued",
        "Submitted",
        "Updated",
        "Valid",
        "created",
        "representative",
        "updated",
    ),
    "voresource/relationship_type": (
        "Cites",
        "Continues",
        "IsContinuedBy",
        "IsDerivedFrom",
        "IsIdenticalTo",
        "IsNewVersionOf",
        "IsPartOf",
        "IsPreviousVersionOf",
        "IsServedBy",
        "IsServiceFor",
        "IsSourceOf",
        "IsSupplementTo",
        "IsSupplementedBy",
        "derived-from",
        "mirror-of",
        "related-to",
        "served-by",
        "service-for",
    ),
}
"""Terms of the IVOA's vocabularies (https://www.ivoa.net/rdf/) that DaCHS checks metadata against.

It would fetch them; the service has no way out, so it is given those that it asks for.
"""


def vocabularies(subjects: Iterable[str] = ()) -> str:
    """Return the terms of all vocabularies by name, as JSON.

    Parameters
    ----------
    subjects
        Terms of the Unified Astronomy Thesaurus that the site uses: the operator answers for those.
    """
    terms = {name: sorted(words) for name, words in VOCABULARIES.items()}
    return json.dumps(terms | {"uat": sorted({*SUBJECTS, *subjects})}, indent=1)


def _ini(sections: Mapping[str, Mapping[str, object]]) -> str:
    return "\n".join(
        f"[{section}]\n" + "".join(f"{key}: {value}\n" for key, value in values.items())
        for section, values in sections.items()
    )


def gavo_rc(spec: TapSpec, title: str, url: str) -> str:
    """Return DaCHS's settings (https://docs.g-vo.org/DaCHS/ref.html#the-gavorc-file).

    Parameters
    ----------
    title
        Name of the site as people read it.
    url
        What people open, without a path.
    """
    limits = spec.limits
    return _ini(
        {
            "general": {
                "rootDir": ROOT,
                "group": GROUP,
                "gavoGroup": GROUP,
                "maintainerAddress": spec.contact.email,
                # There is no mail system in a pod.
                "sendmail": "cat > /dev/null",
            },
            "web": {
                # Empty for every interface: the network policy says who may connect.
                "bindAddress": "",
                "serverPort": PORT,
                "serverURL": url,
                "user": GROUP,
                "sitename": title.replace("\\", ""),
                "adaptProtocol": "False",
                "maxUploadSize": bytes_of(limits.upload),
                "maxSyncUploadSize": bytes_of(limits.upload),
                "sqlTimeout": seconds_of(limits.sync_time),
            },
            "db": {"profilePath": f"{SECRETS}:{ROOT}/etc", "poolSize": 8},
            "ivoa": {
                "authority": spec.authority,
                "dalDefaultLimit": limits.rows,
                "dalHardLimit": min(limits.most_rows, 1_000_000),
            },
            "async": {
                "defaultExecTimeSync": seconds_of(limits.sync_time),
                "defaultExecTime": seconds_of(limits.async_time),
                "maxTAPRunning": limits.async_jobs,
                "defaultLifetime": seconds_of(limits.retention),
                "defaultMAXREC": limits.rows,
                "hardMAXREC": limits.most_rows,
            },
        }
    )


def default_meta(spec: TapSpec, title: str) -> str:
    """Return what DaCHS says of every resource that says nothing else of itself."""
    values = {
        "publisher": spec.publisher,
        "contact.name": spec.contact.name,
        "contact.address": spec.contact.address,
        "contact.email": spec.contact.email,
        "creator.name": spec.publisher,
        "_noresultwarning": "Your query did not match any data.",
        # Registries want a date, which is the resource's own business and never changes.
        "authority.creationDate": "2026-01-01T00:00:00",
        "authority.shortName": title[:13].replace("\\", ""),
        "authority.title": f"{title} authority".replace("\\", ""),
        "authority.description": f"Names of the resources of {title}".replace("\\", ""),
        "authority.managingOrg": f"ivo://{spec.authority}/org",
        "organization.title": spec.publisher,
        "organization.description": spec.publisher,
        "organization.referenceURL": f"mailto:{spec.contact.email}",
        "site.description": spec.description,
    }
    return "".join(f"{key}: {value}\n" for key, value in values.items())


def files(spec: TapSpec, title: str, url: str, subjects: Iterable[str] = ()) -> dict[str, str]:
    """Return the service's configuration files by name."""
    return {
        "gavo.rc": gavo_rc(spec, title, url),
        "defaultmeta.txt": default_meta(spec, title),
        "vocabularies.json": vocabularies(subjects),
    }
