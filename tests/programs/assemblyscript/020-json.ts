import { JSON } from "munition";
export class Item { sku: string = ""; count: i32 = 0; price: f64 = 0; tags: string[] = []; note: string | null = null; }
export function there(text: string): Item { return JSON.parse<Item>(text); }
export function back(i: Item): string { return JSON.stringify(i); }
export function again(text: string): string { return JSON.stringify(JSON.parse<Map<string, i64[]>>(text)); }
export function texts(a: string[]): string { return JSON.stringify(a); }
export function odd(): string { return JSON.stringify([NaN, 1.0, 1.5, -Infinity]); }

//> there ["{\"sku\": \"a\\u00e9\\n\", \"count\": -3, \"price\": 1.5e1, \"tags\": [\"x\"], \"other\": {\"deep\": [1, {}]}}"] => {"sku": "aé\n", "count": -3, "price": 15.0, "tags": ["x"], "note": null}
//> back [{"sku": "a\"b", "count": 1, "price": 2, "tags": []}] => "{\"sku\":\"a\\\"b\",\"count\":1,\"price\":2,\"tags\":[],\"note\":null}"
//> again ["{\"a\": [9007199254740993, -1], \"b\": []}"] => "{\"a\":[9007199254740993,-1],\"b\":[]}"
//> texts [["\u0001", "\t/\\", "🎈"]] => "[\"\\u0001\",\"\\t/\\\\\",\"🎈\"]"
//> odd [] => "[null,1,1.5,null]"
// SPDX-License-Identifier: MIT
