# SPDX-License-Identifier: MIT
"""AssemblyScript without ambient authority: its own compiler, driven in a process of ours. See README.md."""
