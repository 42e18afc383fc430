// SPDX-License-Identifier: MIT
// Classifies lines of a log as classify.lua does. There are no patterns in AssemblyScript: words and prefixes do.
//   munition compile classify.ts --caps log && munition fire classify.wasm report '["GET /health 200 3ms"]' --caps log

import { format } from "munition";

class Result { constructor(public kind: string, public captures: string[] = []) {} }

function upper(word: string): bool {
  for (const c of word) if (c < "A" || c > "Z") return false;
  return word.length > 0;
}

function request(words: string[]): Result | null {
  if (words.length < 4 || !upper(words[0]) || words[2].length != 3) return null;
  const status = words[2], took = words[3];
  if (words.length == 4 && took.endsWith("ms") && took.length >= 6) return new Result("slow", [words[1], took.slice(0, -2)]);
  if (status.startsWith("4")) return new Result("client error", [words[1]]);
  if (status.startsWith("5")) return new Result("server error", [words[1]]);
  return status >= "100" && status < "400" ? new Result("request", [words[1]]) : null;
}

export function classify(line: string): Result {
  const failed = line.indexOf("ailed password for ");
  if (failed > 0) {
    const rest = line.substring(failed + 19).split(" ");
    if (rest.length > 2 && rest[1] == "from") return new Result("security", [rest[0], rest[2]]);
  }
  if (line.includes("POSSIBLE BREAK-IN")) return new Result("security");
  const found = request(line.split(" "));
  if (found) return found;
  if (line.includes("anic")) return new Result("crash");
  return new Result(line.includes("No space left on device") ? "disk" : "other");
}

export function report(lines: string[]): void {
  const seen = new Map<string, i32>();
  for (const line of lines) {
    const name = classify(line).kind;
    seen.set(name, seen.has(name) ? seen.get(name) + 1 : 1);
    console.log(format("{:<12} {}", name, line));
  }
  for (const [name, times] of seen) console.log(format("{:3} {}", times, name));
}
