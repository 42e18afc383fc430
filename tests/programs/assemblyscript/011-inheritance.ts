abstract class Shape { constructor(public name: string) {} abstract area(): f64; }
class Square extends Shape { constructor(public side: f64) { super("square"); } area(): f64 { return this.side * this.side; } }
class Circle extends Shape { constructor(public radius: f64) { super("circle"); } area(): f64 { return 3.0 * this.radius * this.radius; } }
export function shapes(): Shape[] { return [new Square(2), new Circle(1)]; }
export function areas(): f64[] { return shapes().map<f64>(s => s.area()); }
export function square(s: Square): f64 { return s.area(); }

//> shapes [] => [{"name": "square", "side": 2.0}, {"name": "circle", "radius": 1.0}]
//> areas [] => [4.0, 3.0]
//> square [{"name": "mine", "side": 3}] => 9.0
// SPDX-License-Identifier: MIT
