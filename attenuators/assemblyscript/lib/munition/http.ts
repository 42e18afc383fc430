// SPDX-License-Identifier: MIT
@external("munition:http", "request") declare function host_request(at: usize, length: i32): i32;
@external("munition:http", "take") declare function host_take(at: usize, length: i32): i32;

// The answer to a request. One that failed has status 0, a sentence in `error` and one of the host's codes in `code`.
export class Response {
  status: i32 = 0;
  url: string = "";
  headers: Map<string, string> = new Map<string, string>();
  body: Uint8Array = new Uint8Array(0);
  error: string = "";
  code: string = "";

  get ok(): bool { return this.status >= 200 && this.status < 300; }
  text(): string { return String.UTF8.decodeUnsafe(this.body.dataStart, this.body.byteLength); }
}

// Requests to the hosts that were granted.
export namespace http {
  export function get(url: string): Response { return request("GET", url); }
  export function post(url: string, body: string): Response { return request("POST", url, body); }

  export function request(
    method: string, url: string, body: string = "", headers: Map<string, string> | null = null,
  ): Response {
    let mark = munition$wireMark();
    munition$results(1);
    munition$object(headers ? 4 : 3);
    munition$field("method", method);
    munition$field("url", url);
    munition$field("body", body);
    if (headers) munition$field("headers", headers!);
    let size = host_request(munition$wireAt(mark), <i32>munition$wireSize(mark));
    munition$wireCut(mark);
    let answer = new ArrayBuffer(size);
    let length = host_take(changetype<usize>(answer), size);
    return read(changetype<usize>(answer) + 1, <usize>length - 1);
  }
}

// The block the host writes: one table, or nothing, a sentence and a code.
function read(at: usize, length: usize): Response {
  let out = new Response();
  let n = munition$readFrom(at, length);
  if (n == 3) {
    munition$readAny();
    out.error = munition$take<string>();
    out.code = munition$take<string>();
    return out;
  }
  for (let fields = munition$readFields(); fields > 0; --fields) {
    let name = munition$readName();
    if (name == "status") out.status = munition$take<i32>();
    else if (name == "url") out.url = munition$take<string>();
    else if (name == "body") out.body = munition$readOctets();
    else readHeaders(out.headers);
  }
  return out;
}

function readHeaders(into: Map<string, string>): void {
  for (let n = munition$readFields(); n > 0; --n) {
    let name = munition$readName();
    let value = munition$readOctets();
    into.set(name, String.UTF8.decodeUnsafe(value.dataStart, value.byteLength));
  }
}
