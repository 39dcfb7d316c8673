"""What an image contains, as an SPDX 2.3 document.

The scanners are pure functions of a file tree or a text; ``document`` is a pure function of what they found, so the
same image has the same bytes of SBOM.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

from images.catalog import SUITE
from images.debian import stanzas
from images.oci import CREATED

UNKNOWN = "NOASSERTION"
"""SPDX's word for what nobody has said."""

_SPDX_ID = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")

_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

_COMMON = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "MIT License": "MIT",
}


@dataclass(frozen=True, order=True)
class Package:
    """One package in an image.

    Parameters
    ----------
    kind
        Type of its package URL: ``deb``, ``pypi``, ``npm`` or ``golang``.
    name, version
        As its registry gives them.
    licence
        SPDX expression, or ``NOASSERTION``.
    """

    kind: str
    name: str
    version: str
    licence: str = UNKNOWN

    @property
    def purl(self) -> str:
        """The package URL (https://github.com/package-url/purl-spec)."""
        version = quote(self.version, safe="+.~-_")
        if self.kind == "deb":
            return f"pkg:deb/debian/{quote(self.name)}@{version}?arch=amd64&distro={SUITE}"
        if self.kind == "pypi":
            return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{version}"
        return f"pkg:{self.kind}/{quote(self.name.replace('@', '%40'), safe='/%')}@{version}"


def debian_packages(root: Path) -> Iterator[Package]:
    """Yield the Debian packages in a root file system, with the licences their copyright files name."""
    for fields in stanzas(root):
        licence = _debian_licence(root / "usr/share/doc" / fields["Package"] / "copyright")
        yield Package("deb", fields["Package"], fields["Version"], licence)


def _debian_licence(copyright_file: Path) -> str:
    if not copyright_file.is_file():
        return UNKNOWN
    text = copyright_file.read_text(errors="replace")
    # Debian's machine-readable format 1.0; its short names are SPDX's but for case and a few versions.
    found = {
        line.removeprefix("License:").strip() for line in text.splitlines() if line.startswith("License:")
    }
    ids = sorted({name for name in found if name and re.fullmatch(r"[A-Za-z0-9.+-]+", name)})
    return " AND ".join(f"LicenseRef-Debian-{name.replace('+', '-or-later')}" for name in ids) or UNKNOWN


def python_packages(site_packages: Path) -> Iterator[Package]:
    """Yield the distributions installed in a ``site-packages`` folder."""
    for metadata in sorted(site_packages.glob("*.dist-info/METADATA")):
        fields = HeaderParser().parsestr(metadata.read_text(errors="replace"))
        yield Package("pypi", fields["Name"], fields["Version"], _python_licence(fields))


def _python_licence(fields: Message) -> str:
    stated = str(fields.get("License-Expression") or fields.get("License") or "").strip()
    stated = _COMMON.get(stated, stated)
    if _SPDX_ID.fullmatch(stated):
        return stated
    for classifier in fields.get_all("Classifier") or ():
        if known := _CLASSIFIERS.get(str(classifier).rpartition(" :: ")[2]):
            return known
    return UNKNOWN


def node_packages(modules: Path) -> Iterator[Package]:
    """Yield the packages under a ``node_modules`` folder."""
    for file in sorted(modules.glob("**/package.json")):
        if file.parent.parent.name != "node_modules" and not file.parent.parent.name.startswith("@"):
            continue
        fields = json.loads(file.read_text())
        if "name" in fields and "version" in fields:
            licence = fields.get("license")
            known = licence if isinstance(licence, str) and _SPDX_ID.fullmatch(licence) else UNKNOWN
            yield Package("npm", fields["name"], fields["version"], known)


def go_modules(version_output: str) -> Iterator[Package]:
    """Yield the modules that ``go version -m`` lists for a binary, and the standard library."""
    first, *rest = version_output.splitlines()
    yield Package("golang", "stdlib", first.rpartition(": go")[2], "BSD-3-Clause")
    modules: list[tuple[str, str]] = []
    for line in rest:
        kind, *fields = line.strip().split("\t")
        if kind in ("mod", "dep"):
            modules.append((fields[0], fields[1]))
        elif kind == "=>":
            # A replacement is what was linked.
            modules[-1] = (fields[0], fields[1])
    yield from (Package("golang", name, version) for name, version in modules)


def document(name: str, tag: str, packages: Iterable[Package]) -> bytes:
    """Return the SPDX 2.3 document of an image as canonical JSON."""
    ordered = sorted(set(packages))
    described = "SPDXRef-Image"
    body = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{name}-{tag}",
        "documentNamespace": f"https://spdx.org/spdxdocs/science-platform-{name}-{tag}",
        "creationInfo": {"created": CREATED, "creators": ["Tool: science-platform images"]},
        "documentDescribes": [described],
        "hasExtractedLicensingInfos": _extracted(ordered),
        "packages": [
            _spdx_package(described, f"science-platform/{name}", tag, UNKNOWN),
            *(
                _spdx_package(
                    f"SPDXRef-{number}", package.name, package.version, package.licence, package.purl
                )
                for number, package in enumerate(ordered)
            ),
        ],
        "relationships": [
            {
                "spdxElementId": described,
                "relationshipType": "CONTAINS",
                "relatedSpdxElement": f"SPDXRef-{number}",
            }
            for number in range(len(ordered))
        ],
    }
    return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _extracted(packages: Iterable[Package]) -> list[dict[str, str]]:
    used = {
        word for package in packages for word in package.licence.split() if word.startswith("LicenseRef-")
    }
    return [
        {
            "licenseId": reference,
            "extractedText": f"{reference.removeprefix('LicenseRef-Debian-')}, as the package's copyright file has it.",
        }
        for reference in sorted(used)
    ]


def _spdx_package(spdx_id: str, name: str, version: str, licence: str, purl: str = "") -> dict[str, Any]:
    package: dict[str, Any] = {
        "SPDXID": spdx_id,
        "name": name,
        "versionInfo": version,
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": False,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": licence,
        "copyrightText": UNKNOWN,
    }
    if purl:
        package["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        ]
    return package


def read_packages(document_bytes: bytes) -> tuple[Package, ...]:
    """Return the packages that a document written by ``document`` lists."""
    packages = []
    for entry in json.loads(document_bytes)["packages"]:
        for reference in entry.get("externalRefs", ()):
            kind = reference["referenceLocator"].removeprefix("pkg:").partition("/")[0]
            packages.append(Package(kind, entry["name"], entry["versionInfo"], entry["licenseDeclared"]))
    return tuple(packages)
