# SPDX-License-Identifier: MIT
"""Which compiler it is: the packages of one release, the files used of each, and their hashes.

Nothing of it is part of munition. `munition setup assemblyscript` brings the packages; whoever starts a worker compares
every file with these hashes first, so it does not matter where they came from.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.28.20"
LICENSE: Final = "Apache-2.0"

# name of the package -> version, SHA-512 of the published archive in base64 (as npm writes it)
PACKAGES: Final = {
    "assemblyscript": (
        VERSION,
        "5PM7GZpvcLypHcLmi30aP8mqm5HjU+LL3BdV1xDyA3USGtL2w+iMiUnhtH+vW8+2kOuHlAyPu7M+QgyEw5he1g==",
    ),
    "binaryen": (
        "131.0.0-nightly.20260721",
        "AAQIkhfbYXh4FBObwBrlO+5L+6Rp6OOMOjh6AdT0M+GLNLyrwKWgtW+EzmizNgx9CWDfTJPfDtKoZi62QESbtg==",
    ),
    "long": (
        "5.3.2",
        "mNAgZ1GmyNhD7AuqnTG3/VQ26o760+ZYBPKjPvugO8+nLbYfX6TVpJPseBvopbdY+qpZ/lKUnmEc1LeZYS3QAA==",
    ),
}

# path below the folder -> SHA-256
FILES: Final = {
    "assemblyscript/dist/asc.js": "ebce85ca33b6e2d901ad2f9fe2daf4f98a42217a0bcbbb40fd98991ababd3891",
    "assemblyscript/dist/assemblyscript.js": "b0ea444edfff355fe2981451358c5b8b24996f5e9190e02bceae60c94adeea19",
    "assemblyscript/package.json": "976b644fe0dd3390f97e2ebe3d1c150ba354e9e37b537b57d6035f5740310321",
    "assemblyscript/LICENSE": "b40930bbcf80744c86c46a12bc9da056641d722716c378f5659b9e555ef833e1",
    "assemblyscript/NOTICE": "03558ea0ee94e22f63393d0ed42792afd00ab8b39dac965f2da2726003f8c846",
    "binaryen/index.js": "08e348487a67b24351d5ff81ae707e051b5d213bd359d84ad90c789f3793001a",
    "binaryen/package.json": "64babb72bd39f38352b8207e5723ce3502df547f5d230ca2eadd064571ce0d56",
    "binaryen/LICENSE": "c5accbbd8546e94c34aed24afe689a617627d18eed5a6c48277e48db57c23851",
    "long/index.js": "8d6b1d2162ff21170db73d6b91e313e6b90bd35acfdd60453b2792ec433ae69e",
    "long/package.json": "982e554a35d140981c7962fbba77855563e5890de200f8dc0a249135e4d9acb8",
    "long/LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
}
