# SPDX-License-Identifier: MIT
"""What is read from tables and stored in them, metatables included, as the inference follows it."""

from __future__ import annotations

from munition.ir.heap_model import Site
from munition.ir.infer_state import Inference
from munition.ir.lattice import ANY, FUNCTION, NIL, OTHER, STRING, TABLE, UNKNOWN, Mask


def load_named(s: Inference, mask: Mask, name: bytes) -> Mask:
    """What `value.name` can be."""
    out = 0
    if mask & (UNKNOWN | OTHER):
        out |= ANY
    if mask & STRING and s.string_site is not None:
        s.string_site.named_readers.setdefault(name, set()).add(s.current)
        out |= ANY if s.string_site.escaped else s.string_site.named(name)
    seen: set[int] = set()
    queue = s.sites_of(mask, name)
    while queue:
        site = queue.pop()
        if id(site) in seen:
            continue
        seen.add(id(site))
        out |= ANY if site.escaped else site.named(name)
        queue += _inherited(s, site, name)
    return out


def load_any(s: Inference, mask: Mask, key: Mask) -> Mask:
    """What `value[key]` can be."""
    out = ANY if mask & (UNKNOWN | OTHER | STRING) else 0
    seen: set[int] = set()
    queue = s.sites_of(mask)
    while queue:
        site = queue.pop()
        if id(site) in seen:
            continue
        seen.add(id(site))
        if site.escaped:
            out |= ANY
        elif key & STRING:
            out |= site.contents() | NIL
        else:
            out |= site.items | site.loose | NIL
        queue += _inherited(s, site)
    return out


def _inherited(s: Inference, site: Site, name: bytes | None = None) -> list[Site]:
    """The tables a site's metatables name as `__index`. Other kinds of `__index` make the site escape."""
    out: list[Site] = []
    for meta in s.sites_of(site.meta, b"__index"):
        out += s.sites_of(meta.named(b"__index"), name)
    return out


def store(s: Inference, mask: Mask, key: Mask, value: Mask) -> None:
    """`table[key] = value` for a key that is no constant name."""
    if mask & (UNKNOWN | OTHER) or s.is_open_string(mask):
        s.escape(value)
        s.escape(key)
    for site in s.sites_of(mask):
        if site.escaped:
            s.escape(value)
            s.escape(key)
        before = site.items, site.loose, site.keys
        if key & STRING:
            site.loose |= value
        if key & ~STRING:
            site.items |= value
        site.keys |= key
        if before != (site.items, site.loose, site.keys):
            s.wake(site.readers if before[1] == site.loose else site.all_readers())
            if site.is_meta and key & STRING:
                s.escape_site(site)


def store_named(s: Inference, mask: Mask, name: bytes, value: Mask) -> None:
    """`table.name = value`."""
    if mask & (UNKNOWN | OTHER) or s.is_open_string(mask):
        s.escape(value)
    if name.startswith(b"__") and value & FUNCTION:
        s.escape(value)
    for site in s.sites_of(mask, name):
        if site.escaped:
            s.escape(value)
        before = site.fields.get(name, 0)
        if site.library is not None and name not in site.stored:
            site.stored.add(name)
            s.wake_named(site, name)
        if value & ~before:
            site.fields[name] = before | value
            s.wake_named(site, name)
            if site is s.objects[s.globals_number] and name in s.exported:
                s.escape(value)


def set_metatable(s: Inference, mask: Mask, meta: Mask) -> None:
    """`setmetatable(table, meta)`. Only metatables with nothing but tables for `__index` are followed."""
    plain = not meta & (UNKNOWN | OTHER)
    for site in s.sites_of(meta):
        site.is_meta = True
        plain = plain and _is_plain_meta(s, site)
    for site in s.sites_of(mask):
        if meta & ~site.meta:
            site.meta |= meta
            s.wake(site.all_readers())
        if not plain:
            s.escape_site(site)
    if not plain:
        s.escape(meta)
    if mask & UNKNOWN:
        s.escape(meta)


def _is_plain_meta(s: Inference, site: Site) -> bool:
    if site.escaped or site.loose:
        return False
    for name, mask in site.fields.items():
        if name == b"__index":
            if mask & ~(TABLE | NIL) & ANY:
                return False
        elif name.startswith(b"__") and name != b"__name":
            return False
    return True
