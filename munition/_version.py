# SPDX-License-Identifier: MIT
"""The version of this package, read by the build and written into every manifest."""

__version__ = "0.1.0"
