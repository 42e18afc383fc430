# SPDX-License-Identifier: MIT
"""`make bench-lua`: twenty Lua programs, against the reference implementation and others."""
