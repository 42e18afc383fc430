// SPDX-License-Identifier: MIT
@external("munition:filesystem_read", "open") declare function host_open(path: usize, length: i32): i32;
@external("munition:filesystem_read", "close") declare function host_close(handle: i32): i32;
@external("munition:filesystem_read", "read") declare function host_read(handle: i32, at: usize, length: i32): i32;
@external("munition:filesystem_read", "size") declare function host_size(path: usize, length: i32): i64;
@external("munition:filesystem_read", "list") declare function host_list(handle: i32, at: usize, length: i32): i32;

// @ts-ignore: decorator
@lazy const CHUNK: i32 = 1 << 20;

// @ts-ignore: decorator
@lazy let last: i32 = 0;

// Reading files of the granted directories. A path is separated by slashes; a single unnamed root is `/`.
export namespace fs {
  // The number of the last failure: -2 not there, -13 no permission, -20 not a directory, -21 a directory, ...
  export function error(): i32 { return last; }

  export function exists(path: string): bool {
    let name = String.UTF8.encode(path);
    let size = host_size(changetype<usize>(name), name.byteLength);
    return size >= 0 || size == -21;
  }

  // Bytes of a file; negative when there is none.
  export function size(path: string): i64 {
    let name = String.UTF8.encode(path);
    return host_size(changetype<usize>(name), name.byteLength);
  }

  // The whole file; null when it cannot be read.
  export function tryReadBytes(path: string): Uint8Array | null {
    let name = String.UTF8.encode(path);
    let handle = host_open(changetype<usize>(name), name.byteLength);
    if (handle < 0) {
      last = handle;
      return null;
    }
    let found = readAll(handle);
    host_close(handle);
    return found;
  }

  export function readBytes(path: string): Uint8Array {
    let found = tryReadBytes(path);
    if (!found) throw new Error("fs: cannot read " + path + " (" + last.toString() + ")");
    return found!;
  }

  export function tryReadText(path: string): string | null {
    let bytes = tryReadBytes(path);
    return bytes ? String.UTF8.decodeUnsafe(bytes!.dataStart, bytes!.byteLength) : null;
  }

  // The whole file as UTF-8.
  export function readText(path: string): string {
    let bytes = readBytes(path);
    return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.byteLength);
  }

  // The names in a directory, in the order of their bytes; those of directories end with a slash.
  export function list(path: string): string[] {
    let name = String.UTF8.encode(path);
    let handle = host_open(changetype<usize>(name), name.byteLength);
    if (handle < 0) throw new Error("fs: cannot list " + path + " (" + handle.toString() + ")");
    let names: string[] = [];
    let room = new ArrayBuffer(65536);
    let n = host_list(handle, changetype<usize>(room), room.byteLength);
    while (n > 0) {
      addNames(names, changetype<usize>(room), changetype<usize>(room) + <usize>n);
      n = host_list(handle, changetype<usize>(room), room.byteLength);
    }
    host_close(handle);
    if (n < 0) throw new Error("fs: cannot list " + path + " (" + n.toString() + ")");
    return names;
  }
}

function readAll(handle: i32): Uint8Array | null {
  let n = 0;
  let at: usize = 0, length: usize = 0, room: usize = 0;
  while (true) {
    if (room - length < <usize>CHUNK / 16) {
      room = max<usize>(room * 2, 65536);
      at = at ? heap.realloc(at, room) : heap.alloc(room);
    }
    n = host_read(handle, at + length, min<i32>(CHUNK, <i32>(room - length)));
    if (n <= 0) break;
    length += <usize>n;
  }
  if (n < 0) {
    last = n;
    heap.free(at);
    return null;
  }
  let out = new Uint8Array(<i32>length);
  memory.copy(out.dataStart, at, length);
  heap.free(at);
  return out;
}

function addNames(names: string[], at: usize, end: usize): void {
  while (at + 3 <= end) {
    let size = <usize>load<u16>(at, 1);
    let name = String.UTF8.decodeUnsafe(at + 3, size);
    names.push(load<u8>(at) == 2 ? name + "/" : name);
    at += 3 + size;
  }
}
