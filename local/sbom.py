"""The bill of materials of a zip, as CycloneDX 1.6 (ECMA-424) JSON: what it really holds, read from its metadata."""

import hashlib
from importlib.metadata import Distribution, PackageMetadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from local import contents

# Chalice's own packager puts its runtime in as two files, without metadata; the whole project is under this licence.
CHALICE_LICENCE = "Apache-2.0"
NAME = "envoi"
LONGEST_LICENCE = 100


def bill(code: Path, *, chalice: str) -> dict[str, Any]:
    """The bill of a zip: the zip with its SHA-256, and each distribution in it with version and licence.

    `chalice` is the version whose runtime was put in. The same zip gives the same bill: no date, no serial number.
    """
    parts = [_component(one) for one in contents.installed(code)]
    parts.append(_described("chalice", chalice, [{"license": {"id": CHALICE_LICENCE}}]))
    digest = hashlib.sha256(code.read_bytes()).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": NAME, "name": NAME, "version": digest[:12],
                "hashes": [{"alg": "SHA-256", "content": digest}],
            },
        },
        "components": sorted(parts, key=lambda part: str(part["name"])),
        "dependencies": [{"ref": NAME, "dependsOn": sorted(part["bom-ref"] for part in parts)}],
    }  # fmt: skip


def _component(one: Distribution) -> dict[str, Any]:
    return _described(canonicalize_name(one.name), one.version, _licences(one.metadata))


def _described(name: str, version: str, licences: list[dict[str, Any]]) -> dict[str, Any]:
    url = f"pkg:pypi/{name}@{version}"
    return {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url, "licenses": licences}


def _licences(metadata: PackageMetadata) -> list[dict[str, Any]]:
    """What a distribution says of its licence: the expression of PEP 639, else the older field, else classifiers."""
    if expression := "".join(metadata.get_all("License-Expression") or []):
        return [{"expression": expression}]
    named = "".join(metadata.get_all("License") or [])
    if named and "\n" not in named and len(named) <= LONGEST_LICENCE:  # some put the whole text there
        return [{"license": {"name": named}}]
    classified = [
        value.rsplit(" :: ", 1)[1] for value in metadata.get_all("Classifier") or [] if value.startswith("License ::")
    ]
    return [{"license": {"name": name}} for name in classified]
