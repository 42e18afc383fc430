# SPDX-License-Identifier: MIT
"""Emscripten: system calls, the JavaScript runtime, C++ plumbing, side modules, and names that were minified."""

from __future__ import annotations

from typing import Final

from munition.capability.taxonomy_model import Family, Meaning, matching, row

_LIBC: Final = (
    "malloc free calloc realloc memcpy memmove memset memcmp memchr strlen strcmp strncmp strcpy strncpy strcat strncat strchr"
    " strrchr strstr strdup strtol strtoul strtod atoi atof abs labs qsort bsearch isalnum isalpha isblank iscntrl isdigit"
    " isgraph islower isprint ispunct isspace isupper isxdigit tolower toupper iswalnum iswalpha iswblank iswcntrl iswdigit"
    " iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit towlower towupper snprintf vsnprintf sprintf sscanf"
    " __stack_chk_fail __assert_fail abort memmem wcslen _Znwm _Znwj _Znam _Znaj _ZdlPv _ZdaPv _ZdlPvm _ZdlPvj"
)

_SYSCALLS: Final = (
    row("fs.read fs.write", "__syscall_openat __syscall_open __syscall_openat2", opener=True),
    matching(
        "fs.read",
        r"__syscall_(?:[lf]?stat(?:64)?|newfstatat|statx|getdents64|readlinkat|readlink|faccessat2?|access|getcwd|f?statfs64)",
    ),
    matching(
        "",
        r"__syscall_(?:poll|fcntl64|ioctl|dup[23]?|pipe2?|fadvise64|umask|pselect6|_newselect)",
        opened="fs.read",
    ),
    matching(
        "net.socket",
        r"__syscall_(?:bind|connect|accept4|listen|recvfrom|sendto|socket|socketpair|getsockname|getpeername|recvmsg|recvmmsg"
        r"|sendmsg|sendmmsg|getsockopt|setsockopt|shutdown)",
        opener=True,
    ),
    matching(
        "fs.write",
        r"__syscall_(?:chdir|fchdir|f?chmod|fchmodat2?|fchown32|fchownat|chown32|lchown32|fallocate|fdatasync|fsync|f?truncate64"
        r"|link|linkat|mkdir|mkdirat|mknodat|rename|renameat|rmdir|symlink|symlinkat|unlink|unlinkat|utimensat|sync|acct)",
    ),
    matching(
        "env.ids",
        r"__syscall_(?:get(?:e?uid|e?gid|res[ug]id|groups)(?:32)?|getpid|getppid|getpgid|getsid|uname|getrusage|getpriority"
        r"|setpriority|prlimit64|ugetrlimit|sysinfo)",
    ),
    matching(
        "",
        r"__syscall_(?:madvise|mlock2?|munlock|mlockall|munlockall|mincore|mprotect|mremap|sched_yield|munmap)",
    ),
    row("proc.signal", "__syscall_kill __syscall_tkill kill raise"),
    row("proc.exec", "__syscall_execve __syscall_fork __syscall_wait4"),
)

_RUNTIME: Final = (
    row(
        "net.socket",
        "getaddrinfo getnameinfo gethostbyname gethostbyaddr getprotobyname getprotobynumber _emscripten_lookup_name",
    ),
    row("proc.exec", "system fork vfork popen", note="under Node.js the runtime can start a process"),
    matching("proc.exec", r"posix_spawn(?:p|_file_actions_.*)?|exec[lv]p?e?|execvpe"),
    row("fs.read", "_mmap_js", note="maps an open file"),
    row("fs.write", "_msync_js _munmap_js", note="writes a mapping back"),
    row("random", "getentropy __random_get emscripten_random"),
    matching("time", r"_?emscripten_(?:date_now|get_now(?:_is_monotonic|_res)?|performance_now)"),
    row(
        "time",
        "time clock gettimeofday clock_gettime clock_getres _clock_time_get strftime strftime_l strptime",
        note="a clock, or only its formats",
    ),
    row("time", "_localtime_js _gmtime_js _mktime_js _timegm_js _tzset_js __localtime_r __gmtime_r __tzset"),
    row(
        "time.sleep",
        "_setitimer_js emscripten_sleep usleep nanosleep emscripten_set_timeout emscripten_set_interval",
    ),
    row(
        "time.sleep",
        "emscripten_set_main_loop emscripten_request_animation_frame_loop _emscripten_yield",
        callback=True,
    ),
    matching(
        "js.any",
        r"_?emscripten_(?:asm_const.*|run_script.*|async_run_script|run_preload_plugins)|_*emval_.*|emscripten_set_value.*|EM_.*",
        note="runs JavaScript that is not in this file",
    ),
    matching(
        "dyn.link",
        r"_?dlopen(?:_js)?|_?dlsym(?:_js|_catchup_js)?|_emscripten_dlopen_js|emscripten_dlopen.*|dladdr",
    ),
    matching(
        "gpu",
        r"gl[A-Z].*|_?emscripten_gl[A-Z].*|_?emscripten_webgl_.*|egl[A-Z].*|wgpu[A-Z].*|emscripten_webgpu_.*|navigator_gpu_.*",
    ),
    matching("net.http", r"_?emscripten_(?:wget|async_wget|fetch).*|emscripten_start_fetch"),
    matching("net.socket", r"emscripten_websocket_.*|emscripten_set_socket_.*"),
    matching("storage", r"_?emscripten_idb_.*|emscripten_idb_.*|wasmfs_.*|_wasmfs_.*|emscripten_syscall_.*"),
    matching(
        "dom",
        r"_?emscripten_(?:set|get)_(?:mouse|key|wheel|touch|resize|focus|blur|click|canvas|element|window|fullscreen|pointerlock|device|gamepad|battery|visibility|beforeunload|orientation|scroll)[a-z0-9_]*",
    ),
    matching(
        "dom",
        r"SDL_.*|glfw[A-Z].*|emscripten_(?:request|exit)_(?:fullscreen|pointerlock).*|al[A-Z].*|emscripten_hide_mouse",
    ),
    matching(
        "thread",
        r"_*pthread_.*|_*emscripten_(?:init_main_thread_js|thread_.*|receive_on_main_thread_js|notify_(?:task|mailbox).*|proxy_.*"
        r"|create_wasm_worker|wasm_worker_.*|create_worker|destroy_worker|call_worker|worker_respond.*|terminate_.*worker.*|lock_.*"
        r"|notify_mailbox_postmessage|set_offscreencanvas_size.*|sync_run_in_main_thread.*|main_thread_.*|exit_with_live_runtime)"
        r"|_emscripten_thread_.*|pthreadCreate.*|__pthread_.*",
    ),
    row("proc.exit", "exit _exit emscripten_force_exit _emscripten_force_exit proc_exit __cxa_atexit_exit"),
    matching("", r"invoke_[vijfdp]+", callback=True),
    row("", "__call_sighandler emscripten_call_sighandler", callback=True),
    matching(
        "",
        r"_*cxa_.*|_*resumeException|llvm_eh_typeid_for|setThrew|[gs]etTempRet0|_?emscripten_throw_longjmp|_emscripten_.*tempret.*|__throw_.*|_?Unwind_.*|_Unwind_.*",
    ),
    row(
        "",
        "emscripten_resize_heap emscripten_get_heap_max emscripten_memcpy_js emscripten_memcpy_big _emscripten_memcpy_js",
    ),
    row(
        "",
        "emscripten_check_blocking_allowed emscripten_notify_memory_growth emscripten_get_heap_size emscripten_stack_snapshot",
    ),
    matching(
        "",
        r"_*emscripten_runtime_keepalive_.*|emscripten_(?:log|console_.*|dbg.*|out|err)|_*emscripten_(?:stack|unwind).*",
    ),
    matching(
        "",
        r"_*embind_(?:register|finalize)_.*|_?embind_.*",
        callback=True,
        note="offers the module's own functions to JavaScript",
    ),
    row(
        "",
        "abort _abort_js __assert_fail __handle_stack_overflow segfault alignfault ___cxa_throw __stack_chk_fail abortOnCannotGrowMemory",
    ),
    row(
        "env.ids",
        "emscripten_num_logical_cores emscripten_has_asyncify emscripten_get_compiler_setting sysconf _emscripten_get_progname __emscripten_get_progname emscripten_get_device_pixel_ratio",
    ),
    row("fs.read fs.write", "_emscripten_fs_load_embedded_files", note="only files embedded in the module"),
    row("env.vars", "__environ_get getenv emscripten_get_environ"),
)

_SIDE_NOTE: Final = "by the convention of side modules the main module supplies it"

EMSCRIPTEN_FAMILIES: Final = (
    Family(
        "dylink",
        "Side module of Emscripten or WASI (dylink)",
        "env",
        (row("", _LIBC, note=_SIDE_NOTE),),
        section=("dylink.0", "dylink"),
    ),
    Family(
        "dylink-got",
        "Global offset table of a side module",
        r"GOT\.func|GOT\.mem",
        rest=Meaning(("dyn.link",), opener=True),
        section=("dylink.0", "dylink"),
    ),
    Family("emscripten", "Emscripten", "env", (*_SYSCALLS, *_RUNTIME)),
    Family(
        "emscripten-minified",
        "Emscripten, names minified",
        "a",
        (
            matching(
                "opaque",
                r"[A-Za-z_$][A-Za-z0-9_$]{0,2}",
                opener=True,
                note="minified: the JavaScript beside the module may tell more (--glue)",
            ),
        ),
    ),
)
