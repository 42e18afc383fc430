class V { constructor(public x: i32, public y: i32) {}
  @operator("+") plus(o: V): V { return new V(this.x + o.x, this.y + o.y); }
  @operator("==") same(o: V): bool { return this.x == o.x && this.y == o.y; } }
export function sum(a: V, b: V): V { return a + b; }
export function same(a: V, b: V): bool { return a == b; }

//> sum [{"x": 1, "y": 2}, {"x": 3, "y": 4}] => {"x": 4, "y": 6}
//> same [{"x": 1, "y": 2}, {"x": 1, "y": 2}] => true
// SPDX-License-Identifier: MIT
