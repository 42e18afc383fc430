// SPDX-License-Identifier: MIT
// console: log, info and debug write a line to standard output, warn and error to standard error.

import { console as binding } from "./bindings/dom";

export namespace console {
  export function assert<T, M = string>(condition: T, message: M = ""): void {
    if (!condition) binding.assert(false, munition$show<M>(message));
  }

  export function log<T>(value: T): void { binding.log(munition$show<T>(value)); }
  export function debug<T>(value: T): void { binding.debug(munition$show<T>(value)); }
  export function info<T>(value: T): void { binding.info(munition$show<T>(value)); }
  export function warn<T>(value: T): void { binding.warn(munition$show<T>(value)); }
  export function error<T>(value: T): void { binding.error(munition$show<T>(value)); }
  export function time(label: string = "default"): void { binding.time(label); }
  export function timeLog(label: string = "default"): void { binding.timeLog(label); }
  export function timeEnd(label: string = "default"): void { binding.timeEnd(label); }
}
