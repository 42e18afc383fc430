# SPDX-License-Identifier: MIT
"""Which Python function stands behind which WASI function, and how what it raises becomes an error number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from munition.host.abi import GuestFaultError
from munition.host.paths import FileError
from munition.host.wasi import descriptors, paths, process, refused
from munition.host.wasi.errno import FROM_CODE, Errno, WasiError

if TYPE_CHECKING:
    from munition.host.abi import Context

_WORKING: Final[tuple[Callable[..., None], ...]] = (
    process.args_get,
    process.args_sizes_get,
    process.environ_get,
    process.environ_sizes_get,
    process.clock_res_get,
    process.clock_time_get,
    process.poll_oneoff,
    process.random_get,
    process.proc_exit,
    process.sched_yield,
    descriptors.fd_advise,
    descriptors.fd_close,
    descriptors.fd_fdstat_get,
    descriptors.fd_fdstat_set_flags,
    descriptors.fd_fdstat_set_rights,
    descriptors.fd_filestat_get,
    descriptors.fd_pread,
    descriptors.fd_prestat_get,
    descriptors.fd_prestat_dir_name,
    descriptors.fd_pwrite,
    descriptors.fd_read,
    descriptors.fd_renumber,
    descriptors.fd_seek,
    descriptors.fd_tell,
    descriptors.fd_write,
    paths.fd_readdir,
    paths.path_filestat_get,
    paths.path_open,
    paths.path_readlink,
)

_REFUSED: Final[dict[str, Callable[..., None]]] = {
    **dict.fromkeys(("fd_allocate", "fd_filestat_set_size"), refused.change_file),
    **dict.fromkeys(("fd_datasync", "fd_sync"), refused.sync),
    "fd_filestat_set_times": refused.set_times,
    **dict.fromkeys(
        (
            "path_create_directory", "path_filestat_set_times", "path_link", "path_remove_directory", "path_rename",
            "path_unlink_file",
        ),
        refused.change_path,
    ),
    "path_symlink": refused.make_symlink,
    **dict.fromkeys(("sock_accept", "sock_recv", "sock_send", "sock_shutdown"), refused.use_socket),
    "proc_raise": refused.raise_signal,
}  # fmt: skip


def _numbered(run: Callable[..., None]) -> Callable[..., int]:
    """`run` as the guest calls it. A pointer to nowhere is an error number, not the end of the fire."""

    def call(context: Context, *arguments: int) -> int:
        try:
            run(context, *arguments)
        except WasiError as error:
            return error.errno
        except FileError as error:
            return FROM_CODE[error.code]
        except GuestFaultError:
            return Errno.FAULT
        return Errno.SUCCESS

    return call


def _always(errno: Errno) -> Callable[..., int]:
    def call(_context: Context, *_arguments: int) -> int:
        return errno

    return call


WASI_BINDINGS: Final[dict[str, Callable[..., int]]] = {
    **{run.__name__: _numbered(run) for run in _WORKING},
    **{name: _numbered(run) for name, run in _REFUSED.items()},
}

WASI_STUBS: Final[dict[str, Callable[..., int]]] = {
    name: run if name in _REFUSED else _always(Errno.NOTCAPABLE) for name, run in WASI_BINDINGS.items()
}
"""What is linked for functions that are not granted, if anything is."""
