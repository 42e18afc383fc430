export class Point {
  constructor(public x: f64, public y: f64) {}
  plus(o: Point): Point { return new Point(this.x + o.x, this.y + o.y); }
  get length(): f64 { return Math.sqrt(this.x * this.x + this.y * this.y); }
  static origin(): Point { return new Point(0, 0); }
}
export class Line { from: Point = Point.origin(); to: Point = Point.origin(); label: string | null = null; }
export function add(a: Point, b: Point): Point { return a.plus(b); }
export function length(p: Point): f64 { return p.length; }
export function line(p: Point): Line { const l = new Line(); l.to = p; l.label = "to"; return l; }
export function label(l: Line): string { return l.label ? l.label! : "none"; }

//> add [{"x": 1, "y": 2}, {"x": 0.5, "y": -2}] => {"x": 1.5, "y": 0.0}
//> length [{"x": 3, "y": 4}] => 5.0
//> line [{"x": 1, "y": 1}] => {"from": {"x": 0.0, "y": 0.0}, "to": {"x": 1.0, "y": 1.0}, "label": "to"}
//> label [{"from": {"x": 0, "y": 0}, "to": {"x": 0, "y": 0}}] => "none"
// SPDX-License-Identifier: MIT
