// SPDX-License-Identifier: MIT
export namespace JSON {
  // The JSON of a value: of a class its fields, of a map an object, of a set an array.
  export function stringify<T>(value: T): string { return munition$stringify<T>(value); }
  // The value of type T a text stands for; throws when it stands for none.
  export function parse<T>(text: string): T { return munition$parse<T>(text); }
}
