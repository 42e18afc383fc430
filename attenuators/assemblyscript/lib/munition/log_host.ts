// SPDX-License-Identifier: MIT
@external("munition:log", "write") declare function host_write(stream: i32, at: usize, length: i32): void;
@external("munition:log", "record")
declare function host_record(level: i32, at: usize, length: i32, fields: usize, fieldsLength: i32): void;

// One line of text, with its end, in one call.
export function line(stream: i32, text: string): void {
  let bytes = String.UTF8.encode(text + "\n");
  host_write(stream, changetype<usize>(bytes), bytes.byteLength);
}

export function raw(stream: i32, text: string): void {
  let bytes = String.UTF8.encode(text);
  host_write(stream, changetype<usize>(bytes), bytes.byteLength);
}

export function record(level: i32, message: string, fields: usize, fieldsLength: i32): void {
  let bytes = String.UTF8.encode(message);
  host_record(level, changetype<usize>(bytes), bytes.byteLength, fields, fieldsLength);
}
