"""What an image's SPDX document lists, and where from."""

import json
from pathlib import Path

from images import sbom
from images.sbom import Package

GO_VERSION = """\
/cache/caddy: go1.26.8
\tpath\tgithub.com/caddyserver/caddy/v2/cmd/caddy
\tmod\tgithub.com/caddyserver/caddy/v2\tv2.11.9\th1:bhZtcRKQ=
\tdep\tgolang.org/x/net\tv0.55.0\th1:x=
\tdep\tgithub.com/a/b\tv1.0.0
\t=>\tgithub.com/fork/b\tv1.0.1\th1:y=
\tbuild\tCGO_ENABLED=0
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_debian_packages_with_the_licences_of_their_copyright_files(tmp_path: Path):
    root = write(
        tmp_path,
        {
            "var/lib/dpkg/status": "Package: tini\nVersion: 0.19.0-3+b8\n\nPackage: bash\nVersion: 5.2\n",
            "usr/share/doc/tini/copyright": "Format: x\n\nFiles: *\nLicense: Expat\n\nFiles: a\nLicense: GPL-2+\n",
        },
    )
    assert list(sbom.debian_packages(root)) == [
        Package("deb", "tini", "0.19.0-3+b8", "LicenseRef-Debian-Expat AND LicenseRef-Debian-GPL-2-or-later"),
        Package("deb", "bash", "5.2", "NOASSERTION"),
    ]


def test_python_packages_by_licence_expression_field_or_classifier(tmp_path: Path):
    classifier = "Classifier: License :: OSI Approved :: BSD License\n"
    root = write(
        tmp_path,
        {
            "a-1.dist-info/METADATA": "Name: A\nVersion: 1\nLicense-Expression: MIT OR Apache-2.0\n\ntext",
            "b-2.dist-info/METADATA": "Name: b\nVersion: 2\nLicense: Apache License, Version 2.0\n\ntext",
            "c-3.dist-info/METADATA": f"Name: c\nVersion: 3\nLicense: see the long text\n{classifier}\ntext",
            "d-4.dist-info/METADATA": "Name: d\nVersion: 4\n\nLicense: not a field but text",
        },
    )
    assert list(sbom.python_packages(root)) == [
        Package("pypi", "A", "1", "MIT OR Apache-2.0"),
        Package("pypi", "b", "2", "Apache-2.0"),
        Package("pypi", "c", "3", "BSD-3-Clause"),
        Package("pypi", "d", "4", "NOASSERTION"),
    ]


def test_npm_packages_nested_and_scoped_but_not_the_package_json_inside_them(tmp_path: Path):
    root = write(
        tmp_path / "node_modules",
        {
            "a/package.json": '{"name": "a", "version": "1.0.0", "license": "MIT"}',
            "a/test/package.json": '{"name": "fixture", "version": "9.9.9"}',
            "a/node_modules/b/package.json": '{"name": "b", "version": "2.0.0"}',
            "@s/c/package.json": '{"name": "@s/c", "version": "3.0.0", "license": "ISC"}',
        },
    )
    assert sorted(sbom.node_packages(root)) == [
        Package("npm", "@s/c", "3.0.0", "ISC"),
        Package("npm", "a", "1.0.0", "MIT"),
        Package("npm", "b", "2.0.0", "NOASSERTION"),
    ]


def test_go_modules_with_the_program_itself_the_standard_library_and_replacements():
    assert list(sbom.go_modules(GO_VERSION)) == [
        Package("golang", "stdlib", "1.26.8", "BSD-3-Clause"),
        Package("golang", "github.com/caddyserver/caddy/v2", "v2.11.9"),
        Package("golang", "golang.org/x/net", "v0.55.0"),
        Package("golang", "github.com/fork/b", "v1.0.1"),
    ]


def test_package_urls_follow_their_specification():
    packages = [
        Package("deb", "libstdc++6", "1:14.2~1+b1"),
        Package("pypi", "Jinja2_x.y", "3.1"),
        Package("npm", "@colors/colors", "1.6.0"),
        Package("golang", "golang.org/x/net", "v0.55.0"),
    ]
    assert [package.purl for package in packages] == [
        "pkg:deb/debian/libstdc%2B%2B6@1%3A14.2~1+b1?arch=amd64&distro=trixie",
        "pkg:pypi/jinja2-x-y@3.1",
        "pkg:npm/%40colors/colors@1.6.0",
        "pkg:golang/golang.org/x/net@v0.55.0",
    ]


def test_the_document_is_spdx_and_the_same_whatever_the_order():
    packages = [Package("pypi", "b", "2", "MIT"), Package("deb", "a", "1", "LicenseRef-Debian-Expat")]
    text = sbom.document("hub", "0123", packages)
    assert text == sbom.document("hub", "0123", [*reversed(packages), packages[0]])

    def package(spdx_id: str, name: str, version: str, licence: str) -> dict[str, object]:
        return {
            "SPDXID": spdx_id,
            "name": name,
            "versionInfo": version,
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": licence,
            "copyrightText": "NOASSERTION",
        }

    def purl(locator: str) -> dict[str, object]:
        reference = {
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": locator,
        }
        return {"externalRefs": [reference]}

    def contains(other: str) -> dict[str, str]:
        return {
            "spdxElementId": "SPDXRef-Image",
            "relationshipType": "CONTAINS",
            "relatedSpdxElement": other,
        }

    assert json.loads(text) == {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "hub-0123",
        "documentNamespace": "https://spdx.org/spdxdocs/science-platform-hub-0123",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: science-platform images"]},
        "documentDescribes": ["SPDXRef-Image"],
        "hasExtractedLicensingInfos": [
            {
                "licenseId": "LicenseRef-Debian-Expat",
                "extractedText": "Expat, as the package's copyright file has it.",
            }
        ],
        "packages": [
            package("SPDXRef-Image", "science-platform/hub", "0123", "NOASSERTION"),
            package("SPDXRef-0", "a", "1", "LicenseRef-Debian-Expat")
            | purl("pkg:deb/debian/a@1?arch=amd64&distro=trixie"),
            package("SPDXRef-1", "b", "2", "MIT") | purl("pkg:pypi/b@2"),
        ],
        "relationships": [contains("SPDXRef-0"), contains("SPDXRef-1")],
    }


def test_a_document_is_read_back_for_the_image_on_top():
    packages = (Package("deb", "a", "1", "LicenseRef-Debian-Expat"), Package("npm", "@s/c", "3.0.0"))
    assert sbom.read_packages(sbom.document("base", "0123", packages)) == packages
