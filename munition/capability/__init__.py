# SPDX-License-Identifier: MIT
"""Capabilities: the names and host functions (data), the algebra of sets, the manifest, and what imports need.

This package reads no WebAssembly and touches no host; the linker, the compilers and the analyzer stand on it.
"""

from munition.capability.catalogue import BY_IMPORT, HOST_FUNCTIONS, HostFunction
from munition.capability.imports import Denial, Imported, denied, required
from munition.capability.manifest import Manifest, ManifestExport
from munition.capability.model import NOTHING, Capability, CapabilitySet
from munition.capability.names import GRANTABLE, NAMES, Name, Risk
from munition.capability.parse import parse, parse_grants, parse_one

__all__ = [
    "BY_IMPORT",
    "GRANTABLE",
    "HOST_FUNCTIONS",
    "NAMES",
    "NOTHING",
    "Capability",
    "CapabilitySet",
    "Denial",
    "HostFunction",
    "Imported",
    "Manifest",
    "ManifestExport",
    "Name",
    "Risk",
    "denied",
    "parse",
    "parse_grants",
    "parse_one",
    "required",
]
