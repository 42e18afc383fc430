# SPDX-License-Identifier: MIT
"""The front ends: each turns source text of one language into a module, a manifest and diagnostics."""
