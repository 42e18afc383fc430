// SPDX-License-Identifier: MIT
import { raw, record } from "./log_host";

export namespace log {
  // Text to standard output, without a line end.
  export function write(text: string): void { raw(1, text); }
  // Records; the fields are a Map with string keys, or an object of a class.
  export function debug<T = Map<string, string> | null>(message: string, fields: T = null): void { put<T>(10, message, fields); }
  export function info<T = Map<string, string> | null>(message: string, fields: T = null): void { put<T>(20, message, fields); }
  export function warn<T = Map<string, string> | null>(message: string, fields: T = null): void { put<T>(30, message, fields); }
  export function error<T = Map<string, string> | null>(message: string, fields: T = null): void { put<T>(40, message, fields); }
}

function put<T>(level: i32, message: string, fields: T): void {
  if (changetype<usize>(fields) == 0) {
    record(level, message, 0, 0);
    return;
  }
  let mark = munition$wireMark();
  munition$put<T>(fields);
  record(level, message, munition$wireAt(mark), <i32>munition$wireSize(mark));
  munition$wireCut(mark);
}
