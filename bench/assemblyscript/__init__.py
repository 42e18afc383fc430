# SPDX-License-Identifier: MIT
"""AssemblyScript: how long compiling takes beside the compiler's own interface, and how fast the result runs."""
