# SPDX-License-Identifier: MIT
"""WebAssembly binaries as records: reader, writer, printer and linker for core modules.

Everything that makes, checks or explains a module stands on this package. It knows nothing of capabilities, languages
or engines, and trusts no byte it reads: see `docs/wasm.md`.
"""
