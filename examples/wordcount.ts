// SPDX-License-Identifier: MIT
// Lines, words and the most frequent words of a text, as wordcount.lua counts them.
//   munition compile wordcount.ts && munition fire wordcount.wasm count '"to be or not to be"'

class Entry { constructor(public word: string, public times: i32) {} }
class Counted { lines: i32 = 0; words: i32 = 0; distinct: i32 = 0; bytes: i32 = 0; frequent: Entry[] = []; }

const STOP = new Set<string>();
for (const word of "a an and as at but by for from had he her his i in is it its not of on or she so that the they to was were with".split(" ")) {
  STOP.add(word);
}

function wordsOf(text: string): string[] {
  const out: string[] = [];
  let start = -1;
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 0;
    const letter = c >= 97 && c <= 122;
    if (start < 0 ? letter : letter || c == 39) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      out.push(text.substring(start, i));
      start = -1;
    }
  }
  return out;
}

export function count(text: string, top: i32 = 5): Counted {
  const out = new Counted();
  const frequency = new Map<string, i32>();
  for (const word of wordsOf(text.toLowerCase())) {
    out.words++;
    frequency.set(word, frequency.has(word) ? frequency.get(word) + 1 : 1);
  }
  out.distinct = frequency.size;
  out.bytes = String.UTF8.byteLength(text);
  out.lines = text.split("\n").length - (text.endsWith("\n") || !text.length ? 1 : 0);
  const entries: Entry[] = [];
  for (const [word, times] of frequency) if (!STOP.has(word)) entries.push(new Entry(word, times));
  entries.sort((a, b) => (a.times != b.times ? b.times - a.times : a.word < b.word ? -1 : 1));
  out.frequent = entries.slice(0, top);
  return out;
}
