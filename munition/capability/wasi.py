# SPDX-License-Identifier: MIT
"""The functions of WASI preview 1 with their types and what a call of each costs.

All take and return numbers: a result is an error number, pointers and lengths are i32, offsets and rights i64. Which grant
links which function is in `munition.capability.imports`; what they do is in `munition.host.wasi`, which charges for bytes
and entries besides.
"""

from __future__ import annotations

from typing import Final

from munition.capability.catalogue import BY_IMPORT, I32, I64, HostFunction

MODULE: Final = "wasi_snapshot_preview1"

_QUICK: Final = 300
_HANDLE: Final = 1000
_PATH: Final = 5000

# Parameters: i for i32, I for i64. Sorted by what they are about.
_SIGNATURES: Final = (
    ("args_get", "ii", _QUICK, "the arguments of the program"),
    ("args_sizes_get", "ii", _QUICK, "how many arguments there are, and their bytes"),
    ("environ_get", "ii", _QUICK, "the environment of the program"),
    ("environ_sizes_get", "ii", _QUICK, "how many variables there are, and their bytes"),
    ("clock_res_get", "ii", _QUICK, "the step of a clock: one millisecond"),
    ("clock_time_get", "iIi", _QUICK, "the time by a clock"),
    ("poll_oneoff", "iiii", _HANDLE, "wait for a clock"),
    ("random_get", "ii", _QUICK, "unpredictable bytes"),
    ("proc_exit", "i", _QUICK, "end the program"),
    ("proc_raise", "i", _QUICK, "raise a signal: refused"),
    ("sched_yield", "", _QUICK, "nothing"),
    ("fd_advise", "iIIi", _QUICK, "nothing"),
    ("fd_allocate", "iII", _QUICK, "refused: read-only"),
    ("fd_close", "i", _HANDLE, "close a descriptor"),
    ("fd_datasync", "i", _QUICK, "refused: read-only"),
    ("fd_fdstat_get", "ii", _QUICK, "what a descriptor is"),
    ("fd_fdstat_set_flags", "ii", _QUICK, "set the flags of a descriptor"),
    ("fd_fdstat_set_rights", "iII", _QUICK, "give up rights of a descriptor"),
    ("fd_filestat_get", "ii", _HANDLE, "size and times of what is open"),
    ("fd_filestat_set_size", "iI", _QUICK, "refused: read-only"),
    ("fd_filestat_set_times", "iIIi", _QUICK, "refused: read-only"),
    ("fd_pread", "iiiIi", _HANDLE, "read from a place in a file"),
    ("fd_prestat_get", "ii", _QUICK, "what a granted directory is"),
    ("fd_prestat_dir_name", "iii", _QUICK, "the name of a granted directory"),
    ("fd_pwrite", "iiiIi", _HANDLE, "refused: read-only"),
    ("fd_read", "iiii", _HANDLE, "read on in a file"),
    ("fd_readdir", "iiiIi", _HANDLE, "the entries of a directory"),
    ("fd_renumber", "ii", _HANDLE, "let one descriptor take the place of another"),
    ("fd_seek", "iIii", _HANDLE, "move in a file"),
    ("fd_sync", "i", _QUICK, "refused: read-only"),
    ("fd_tell", "ii", _QUICK, "the position in a file"),
    ("fd_write", "iiii", _HANDLE, "write to the log"),
    ("path_create_directory", "iii", _QUICK, "refused: read-only"),
    ("path_filestat_get", "iiiii", _PATH, "size and times of what is at a path"),
    ("path_filestat_set_times", "iiiiIIi", _QUICK, "refused: read-only"),
    ("path_link", "iiiiiii", _QUICK, "refused: read-only"),
    ("path_open", "iiiiiIIii", _PATH, "open a file or a directory for reading"),
    ("path_readlink", "iiiiii", _PATH, "where a symbolic link leads"),
    ("path_remove_directory", "iii", _QUICK, "refused: read-only"),
    ("path_rename", "iiiiii", _QUICK, "refused: read-only"),
    ("path_symlink", "iiiii", _QUICK, "refused: read-only"),
    ("path_unlink_file", "iii", _QUICK, "refused: read-only"),
    ("sock_accept", "iii", _QUICK, "refused"),
    ("sock_recv", "iiiiii", _QUICK, "refused"),
    ("sock_send", "iiiii", _QUICK, "refused"),
    ("sock_shutdown", "ii", _QUICK, "refused"),
)
_TYPES: Final = {"i": I32, "I": I64}


def _function(name: str, params: str, fuel: int, doc: str) -> HostFunction:
    results = () if name == "proc_exit" else (I32,)
    return HostFunction(MODULE, name, tuple(_TYPES[p] for p in params), results, "", fuel, 0, doc)


WASI_FUNCTIONS: Final[dict[str, HostFunction]] = {row[0]: _function(*row) for row in _SIGNATURES}


def find_function(module: str, name: str) -> HostFunction | None:
    """The host function of that name, of munition's own or of WASI; None when there is none."""
    return WASI_FUNCTIONS.get(name) if module == MODULE else BY_IMPORT.get((module, name))
