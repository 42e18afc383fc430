# SPDX-License-Identifier: MIT
"""WASI: preview 1 by function, preview 2 and 3 by interface and method, and interfaces in its neighbourhood."""

from __future__ import annotations

from typing import Final

from munition.capability.taxonomy_model import Family, Meaning, Row, matching, row

_PREVIEW1: Final = (
    row("stdio.out", "fd_write fd_pwrite", opened="fs.write"),
    row("stdio.in", "fd_read fd_pread", opened="fs.read"),
    row("", "fd_close fd_seek fd_tell fd_fdstat_get fd_filestat_get fd_advise fd_renumber", opened="fs.read"),
    row("", "fd_fdstat_set_flags fd_fdstat_set_rights", opened="fs.read"),
    row("", "fd_prestat_get fd_prestat_dir_name", opened="fs.preopen"),
    row("fs.write", "fd_sync fd_datasync fd_filestat_set_size fd_filestat_set_times fd_allocate"),
    row("fs.read fs.write", "path_open", opener=True),
    row("fs.read", "path_filestat_get path_readlink fd_readdir"),
    row("fs.write", "path_create_directory path_unlink_file path_filestat_set_times path_remove_directory"),
    row("fs.write", "path_rename path_symlink path_link"),
    row("env.vars", "environ_get environ_sizes_get"),
    row("env.args", "args_get args_sizes_get"),
    row("time", "clock_time_get clock_res_get"),
    row("time time.sleep", "poll_oneoff"),
    row("random", "random_get"),
    row("proc.exit", "proc_exit"),
    row("proc.signal", "proc_raise"),
    row("", "sched_yield"),
    row("net.socket", "sock_recv sock_send sock_shutdown"),
    row("net.socket", "sock_accept", opener=True),
)

_WASMEDGE: Final = row(
    "net.socket",
    "sock_open sock_bind sock_listen sock_connect sock_recv_from sock_send_to sock_getaddrinfo sock_getlocaladdr"
    " sock_getpeeraddr sock_getsockopt sock_setsockopt sock_accept_v2",
    opener=True,
    note="an extension of one engine, not of the standard",
)

_TYPES_NOTE: Final = "only describes requests; sending one needs wasi:http/outgoing-handler"
_STREAM_NOTE: Final = "a stream has the power of what opened it, which is imported too"
_DROP: Final = r"\[resource-drop\].*"


def _interface(name: str, labels: str, *rows: Row, note: str = "", opener: bool = False) -> Family:
    """All functions of an interface mean the same, but for those in `rows` and for dropping resources."""
    rest = Meaning(tuple(labels.split()), note=note, opener=opener)
    return Family(
        "wasi-components",
        "WASI for components (0.2, 0.3)",
        f"wasi:{name}",
        (*rows, matching("", _DROP)),
        rest,
    )


_FILES: Final = (
    row("", "filesystem-error-code"),
    row("fs.read fs.write", "[method]descriptor.open-at", opener=True),
    matching(
        "fs.read", r"\[method\]descriptor\.(read.*|stat.*|get-.*|metadata-hash.*|is-same-object|advise)"
    ),
    matching("fs.read", r"\[method\]directory-entry-stream\..*"),
    matching(
        "fs.write",
        r"\[method\]descriptor\.(write.*|append.*|set-.*|create-.*|remove-.*|rename-.*|unlink-.*|link-.*|symlink-.*|sync.*)",
    ),
)

_PREVIEW2: Final = (
    _interface(
        "cli/environment",
        "env.vars env.args",
        row("env.args", "get-arguments"),
        row("env.vars", "get-environment"),
    ),
    _interface("cli/exit", "proc.exit"),
    _interface("cli/stdin", "stdio.in"),
    _interface("cli/stdout", "stdio.out"),
    _interface("cli/stderr", "stdio.out"),
    _interface("cli/(?:terminal-stdin|terminal-input)", "stdio.in"),
    _interface("cli/(?:terminal-stdout|terminal-stderr|terminal-output)", "stdio.out"),
    _interface("cli/types", ""),
    _interface("random/(?:random|insecure|insecure-seed)", "random"),
    _interface(
        "clocks/(?:monotonic-clock|wall-clock|system-clock|timezone|types)",
        "time",
        matching("time time.sleep", r"subscribe-.*|wait-.*|\[async-lower\]wait-.*"),
    ),
    _interface("io/poll", "time.sleep", note="waits for clocks, streams and sockets alike"),
    _interface("io/(?:streams|error)", "", note=_STREAM_NOTE),
    _interface("filesystem/preopens", "fs.preopen"),
    Family(
        "wasi-components",
        "WASI for components (0.2, 0.3)",
        "wasi:filesystem/types",
        (*_FILES, matching("", _DROP)),
        Meaning(("fs.read", "fs.write"), opener=True),
    ),
    _interface(
        "sockets/(?:network|instance-network|tcp|udp|tcp-create-socket|udp-create-socket|ip-name-lookup|types)",
        "net.socket",
        opener=True,
    ),
    _interface("http/types", "", note=_TYPES_NOTE),
    _interface("http/(?:outgoing-handler|handler|client)", "net.http"),
    _interface("logging/logging", "log"),
    _interface("config/(?:store|runtime)", "env.vars"),
    _interface("keyvalue/(?:store|atomics|batch|watch)", "storage"),
    _interface("blobstore/(?:blobstore|container|types)", "storage"),
    _interface("messaging/(?:producer|consumer|types|request-reply|messaging-types)", "net"),
    _interface("webgpu/webgpu", "gpu"),
    _interface("tls/(?:types|client)", "net.socket"),
)

_WASIX: Final = (
    row("proc.exec", "proc_exec proc_spawn proc_fork proc_spawn2 proc_exec2 proc_exec3 proc_fork_env"),
    row("proc.signal", "proc_signal proc_raise_interval thread_signal"),
    row("", "proc_join proc_snapshot callback_signal stack_checkpoint stack_restore"),
    row("env.ids", "proc_id proc_parent getcwd tty_get thread_id thread_parallelism"),
    row("fs.read", "chdir fd_dup fd_dup2 pipe fd_event fd_pipe"),
    row("stdio.out", "tty_set"),
    matching("thread", r"thread_.*|futex_.*"),
    matching("net.socket", r"sock_.*|port_.*|resolve|http_.*", opener=True),
    row("time", "clock_time_set"),
    row(
        "dyn.link",
        "dlopen dlsym dl_invalid_handle dynamic_call call_dynamic closure_allocate closure_prepare",
    ),
)

WASI_FAMILIES: Final = (
    Family("wasi-preview1", "WASI preview 1", "wasi_snapshot_preview1", (*_PREVIEW1, _WASMEDGE)),
    Family(
        "wasi-unstable",
        "WASI, an older draft of preview 1: same functions, other record layouts",
        "wasi_unstable",
        _PREVIEW1,
    ),
    Family("wasi-threads", "WASI threads", "wasi", (row("thread", "thread-spawn"),)),
    *_PREVIEW2,
    Family("wasi-nn", "WASI neural networks", r"wasi_ephemeral_nn|wasi:nn/[a-z-]+", host="wasi-nn"),
    Family("wasi-crypto", "WASI cryptography", r"wasi_ephemeral_crypto_[a-z_]+", host="wasi-crypto"),
    Family("wasix", "WASIX", "wasix_32v1|wasix_64v1", _WASIX),
)
