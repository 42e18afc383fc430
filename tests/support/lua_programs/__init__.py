# SPDX-License-Identifier: MIT
"""Random Lua programs that end: `program(random)` writes one.

`context` keeps what is in scope, `expressions` and `statements` are the grammar, `idioms` are larger patterns people
write (classes, closures, iterators, scopes to close, jumps). Any source of randomness with the methods of
`random.Random` will do, so hypothesis can shrink what it draws and a campaign can draw quickly.
"""

from tests.support.lua_programs.program import PRELUDE, program

__all__ = ["PRELUDE", "program"]
