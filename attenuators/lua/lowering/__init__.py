# SPDX-License-Identifier: MIT
"""From a resolved chunk to IR.

`placement` decides where each variable lives, `builder` collects the code of one function, `expressions`, `conditions`,
`calls`, `assignments`, `loops`, `blocks` and `scopes` lower what their names say, `program` puts the whole together.
"""
