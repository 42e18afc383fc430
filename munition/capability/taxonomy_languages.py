# SPDX-License-Identifier: MIT
"""Interfaces that compilers of languages with a JavaScript host generate: wasm-bindgen, Go, AssemblyScript, Kotlin and others."""

from __future__ import annotations

from typing import Final

from munition.capability.taxonomy_model import Family, Meaning, matching, row

_H: Final = "_[0-9a-f]{16}"
_BENIGN_METHODS: Final = (
    "length byteLength byteOffset isArray isSafeInteger isInteger next done value iterator entries keys values codePointAt fromCodePoint"
    " instanceof_[A-Za-z0-9]+ get_unchecked prototypesetcall stack String Number Error push resolve then catch stringify parse"
    " toString valueOf buffer slice subarray newwithlength newwithbyteoffsetandlength newwithbyteoffset new_with_length"
    " new_from_slice new_with_byte_offset_and_length new_with_byte_offset charCodeAt fromCharCode concat join from of is hasOwnProperty"
    " message name cause toLowerCase toUpperCase encode decode encodeInto fill includes indexOf sort isView asUintN asIntN BigInt"
)
_WBG_BUILTINS: Final = (
    r"throw|rethrow|object_(?:drop|clone)_ref|string_(?:new|get)|in|is_.*|jsval_.*|json_(?:serialize|parse)|error_new|cast|init_externref_table"
    r"|debug_string|number_.*|boolean_.*|bigint_.*|memory|module|function_table|copy_to_typed_array|cb_(?:drop|forget)|closure_wrapper[0-9]*"
    r"|shr|add|sub|mul|div|rem|lt|le|gt|ge|eq|ne|not|neg|typeof|as_number|try_into_number|checked_div|pow|bit_.*|void_.*|link_.*|uint8_array_new|array_(?:new|push)"
)

_WBG_JOINED: Final = (
    "throw|rethrow|memory|module|functiontable|jsvaleq|jsvallooseeq|in|is[a-z]+|(?:string|number|boolean|bigint)get[a-z0-9]*"
    "|debugstring|typeof|cbdrop|bitor|bitand|lt|le|gt|ge|add|sub|mul|div|neg|trynumber"
)
"""The same in the spelling of some versions, without underscores."""

_WBG_ROWS: Final = (
    matching("", rf"(?:__wbg_)?__wbindgen_(?:{_WBG_BUILTINS})(?:{_H})?"),
    matching("", rf"__wbg_wbindgen(?:{_WBG_JOINED}){_H}"),
    matching(
        "random", rf"__wbg_(?:getRandomValues|randomFillSync|crypto|msCrypto|node|random|randomUUID){_H}"
    ),
    matching(
        "time",
        rf"__wbg_(?:now|getTime|new0|new_0|getTimezoneOffset|performance|timeOrigin|get(?:Full)?Year|getMonth|getDate|getHours){_H}",
    ),
    matching("log", rf"__wbg_(?:log|warn|info|debug|error|trace|mark|measure){_H}"),
    matching(
        "net.http",
        rf"__wbg_(?:fetch|sendBeacon|[A-Za-z]*(?:XMLHttp|WebSocket|Request|Response|Headers|EventSource)[A-Za-z]*){_H}",
    ),
    matching(
        "net.http",
        rf"__wbg_(?:send|open|abort|signal|headers|status|statusText|url|text|json|arrayBuffer|blob|body){_H}",
        note="may belong to a request or to something else",
    ),
    matching(
        "time.sleep",
        rf"__wbg_(?:setTimeout|setInterval|clearTimeout|clearInterval|queueMicrotask|requestAnimationFrame|setImmediate){_H}",
    ),
    matching("storage", rf"__wbg_(?:localStorage|sessionStorage|indexedDB|[gs]etItem|removeItem|caches){_H}"),
    matching("dom net.http", rf"__wbg_set_?(?:src|href|action){_H}", note="loads what the address names"),
    matching(
        "dom",
        rf"__wbg_(?:[A-Za-z]*(?:document|Document|Element|innerHTML|[cC]anvas|Context|appendChild|drawImage|[sS]tyle|ObjectURL|Attribute"
        rf"|Property|Window|onload|onerror|EventListener|location|history|navigator|Node|body|head)[A-Za-z]*|set_(?:font|line[A-Z][A-Za-z]*)"
        rf"|fill(?:Rect)?|stroke|clip|save|restore|measureText|(?:set_)?(?:width|height)){_H}",
    ),
    matching(
        "js.any",
        rf"__wbg_(?:call|apply|new_no_args|newnoargs|new_with_args|eval|construct|get|set|get_with_ref_key|has|deleteProperty|defineProperty"
        rf"|ownKeys|require|importScripts|import|static_accessor_[A-Za-z_]+|globalThis|self|window|global|process|versions|bind|Function){_H}",
        note="generic access to JavaScript objects",
    ),
    matching(
        "opaque", rf"__wbg_new{_H}", opener=True, note="the name does not say which class is constructed"
    ),
    matching("", rf"__wbg_(?:{'|'.join(_BENIGN_METHODS.split())}){_H}"),
    matching("", r"__wbindgen_closure_wrapper[0-9]+|__wbg_[a-z0-9_]+_(?:free|new|unwrap)", callback=True),
)

_GO_JS: Final = (
    row("time", "runtime.nanotime1 runtime.walltime runtime.walltime1 runtime.ticks runtime.nanotime"),
    row("random", "runtime.getRandomData"),
    row("time.sleep", "runtime.scheduleTimeoutEvent runtime.clearTimeoutEvent runtime.sleepTicks"),
    row("stdio.out", "runtime.wasmWrite", note="writes to a descriptor of the JavaScript host"),
    row("proc.exit", "runtime.wasmExit"),
    row("", "runtime.resetMemoryDataView debug"),
    matching(
        "js.any",
        r"syscall/js\.value(?:Call|Invoke|New|Get|Set|SetIndex|Delete)",
        note="files, network and processes are reached this way",
    ),
    matching(
        "",
        r"syscall/js\.(?:stringVal|value(?:Index|Length|PrepareString|LoadString|InstanceOf)|finalizeRef|copyBytesTo(?:Go|JS))",
    ),
)

_DOTNET: Final = (
    matching(
        "js.any",
        r"mono_wasm_(?:invoke_js.*|invoke_import.*|bind_js.*|bind_cs.*|.*_promise|release_cs_owned_object|create_cs_owned.*|[gs]et_(?:by_index|object_property|global_object|by_property).*|typed_array.*)",
    ),
    matching(
        "js.any", r"SystemInteropJS_.*|SystemJS_.*(?:Import|Promise|Invoke).*|mono_wasm_install_js_worker.*"
    ),
    row("random", "mono_wasm_browser_entropy SystemJS_RandomBytes"),
    row(
        "time.sleep",
        "mono_wasm_schedule_timer schedule_background_exec SystemJS_ScheduleTimer SystemJS_ScheduleBackgroundJob mono_set_timeout mono_wasm_schedule_synchronization_context",
    ),
    row(
        "env.ids",
        "mono_wasm_process_current_pid mono_wasm_get_locale_info SystemJS_GetLocaleInfo mono_wasm_get_culture_info mono_wasm_get_calendar_info",
    ),
    row("log", "mono_wasm_trace_logger mono_wasm_console_clear mono_wasm_debugger_log SystemJS_ConsoleClear"),
    row(
        "",
        "mono_wasm_set_entrypoint_breakpoint mono_wasm_free_method_data mono_wasm_asm_loaded",
        note="debugging and bookkeeping",
    ),
    matching(
        "host:mono.jit",
        r"mono_interp_.*|mono_jiterp_.*",
        callback=True,
        note="compiles and links further code while running",
    ),
    matching("host:mono.debugger", r"mono_wasm_(?:add_dbg_command_received|fire_debugger_agent_message.*)"),
    matching("thread", r"mono_wasm_(?:pthread_.*|.*_thread.*)"),
    matching(
        "time",
        r"mono_wasm_(?:.*timezone.*|change_case.*|compare_string|index_of|starts_with|ends_with|is_normalized|normalize_string|get_first_day_of_week|get_first_week_of_year).*",
    ),
)

_NAPI: Final = (
    matching(
        "js.any",
        r"napi_(?:get_global|call_function|new_instance|run_script|make_callback|.*_propert(?:y|ies).*|[gs]et_(?:named_property|element|property)"
        r"|has_.*|delete_(?:property|element)|get_prototype|coerce_.*|instanceof|define_.*|get_all_property_names)",
        note="generic access to JavaScript objects",
    ),
    matching(
        "thread",
        r"napi_(?:create|queue|cancel)_async_work|napi_.*threadsafe_function|_emnapi_(?:async_.*|worker_.*|tell_js_.*|emit_async_.*|.*_waiting_request_counter|is_main_.*_thread)",
    ),
    matching("time", r"_emnapi_get_now"),
    matching("host:napi", r"napi_.*|_?emnapi_.*|node_api_.*|_emnapi.*", callback=True),
)

_ASSEMBLYSCRIPT: Final = (
    row("", "abort", note="AssemblyScript's abort takes a message and a place in the source"),
    row("log", "trace"),
    matching("log", r"console\.[A-Za-z]+"),
    row("random", "seed Math.random"),
    matching("random", r"crypto\.getRandomValues[A-Za-z]*"),
    row("time", "Date.now performance.now Date.getTimezoneOffset"),
    matching("", r"Math\.(?!random\b)[A-Za-z0-9]+"),
    row("proc.exit", "process.exit"),
    row("env.vars", "process.env"),
    row("env.args", "process.argv"),
    matching("dom", r"document\..*|window\..*"),
    matching("net.http", r"fetch|Response\..*|Request\..*"),
    matching("js.any", r"globalThis\..*|Reflect\..*|eval"),
)

_MICROPYTHON: Final = (
    matching(
        "js.any",
        r"call[0-2n](?:_kwarg)?|(?:lookup|store|has)_attr|js_.*|create_promise|proxy_(?:convert|js)_.*",
        callback=True,
    ),
    row("random", "mp_js_random_u32"),
    row("time", "mp_js_ticks_ms mp_js_time_ms"),
    row("stdio.out", "mp_js_write"),
    row("time.sleep", "mp_js_hook"),
)

_GETRANDOM: Final = (row("random", "__getrandom_custom __getrandom_v02_custom __getrandom_v03_custom"),)

_DART: Final = (matching("js.any", r".*"),)

_JS_BUILTINS: Final = (
    row(
        "",
        "cast test fromCharCodeArray intoCharCodeArray fromCharCode fromCodePoint charCodeAt codePointAt length concat substring equals compare",
    ),
)

LANGUAGE_FAMILIES: Final = (
    Family(
        "wasm-bindgen",
        "Rust, wasm-bindgen",
        r"wbg|__wbindgen_placeholder__|__wbindgen_externref_xform__|\./[^/]*_bg\.js",
        _WBG_ROWS,
    ),
    Family(
        "wasm-bindgen-snippet",
        "Rust, JavaScript beside wasm-bindgen",
        r"\./snippets/.*",
        rest=Meaning(("js.any",), opener=True, note="a script shipped with the module"),
    ),
    Family("go-js", "Go for JavaScript", "gojs|go", _GO_JS),
    Family(
        "go-js",
        "TinyGo for JavaScript",
        "env",
        _GO_JS,
        needs=r"env\.(?:runtime\.ticks|runtime\.sleepTicks|syscall/js\..*)",
    ),
    Family("napi", "Node-API (napi-rs, emnapi)", "env|napi|emnapi", _NAPI),
    Family(
        "dotnet",
        ".NET (Mono) in a browser",
        "env",
        _DOTNET,
        needs=r"env\.(?:mono_.*|SystemInteropJS_.*|SystemJS_.*)",
    ),
    Family(
        "micropython-js", "MicroPython in JavaScript", "env", _MICROPYTHON, needs=r"env\.mp_js_[a-z0-9_]+"
    ),
    Family(
        "assemblyscript",
        "AssemblyScript",
        "env",
        _ASSEMBLYSCRIPT,
        needs=r"env\.abort:\(i32, i32, i32, i32\) -> \(\)$|env\.(?:seed|Date\.now|performance\.now):\(\) -> \(f64\)$|env\.console\.",
    ),
    Family("rust-getrandom", "Rust, random numbers of the host", "env", _GETRANDOM),
    Family(
        "kotlin",
        "Kotlin/Wasm",
        "js_code",
        rest=Meaning(("js.any",), opener=True, note="each is a piece of JavaScript that is not in this file"),
    ),
    Family("kotlin-skiko", "Kotlin/Wasm, Skiko", r"\./skiko\.mjs", rest=Meaning(("gpu", "dom"))),
    Family("kotlin-intrinsics", "Kotlin/Wasm intrinsics", "intrinsics", (row("", "tag js_tag"),)),
    Family(
        "javascript-builtins",
        "Built-in functions of JavaScript engines",
        r"wasm:js-string|wasm:text-(?:en|de)coder",
        _JS_BUILTINS,
    ),
    Family("dart", "Dart (dart2wasm)", r"dart2wasm|moduleLoadingHelper", _DART),
    Family(
        "swift-js",
        "Swift, JavaScriptKit",
        r"javascript_kit|bjs|JavaScriptEventLoopTestSupport",
        (matching("js.any", r"swjs_(?:call|get|set|new|create|i?instanceof|load|eval|unsafe).*|.*"),),
    ),
    Family("ruby-js", "Ruby in JavaScript", "rb-js-abi-host", (matching("js.any", r".*"),)),
    Family(
        "pyodide",
        "Python in JavaScript (Pyodide)",
        "env",
        (
            matching(
                "js.any",
                r"(?:JsProxy_|Js[A-Z][A-Za-z]*_|hiwire_|js2python|python2js|pyproxy_|JsvObject_|JsvFunction_|JsvPromise_).*",
            ),
        ),
        needs=r"env\.(?:hiwire_|JsProxy_|Jsv).*",
    ),
    Family(
        "component-adapter",
        "Component adapter",
        "canonical_abi",
        (matching("", r"resource_(?:drop|get|new|clone)_.*"),),
    ),
    Family(
        "component-adapter",
        "Component adapter",
        "__main_module__",
        (row("", "cabi_realloc", callback=True, note="allocates in the module it is linked with"),),
        rest=Meaning(("dyn.link",), opener=True),
    ),
)
