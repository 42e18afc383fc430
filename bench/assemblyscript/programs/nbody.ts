// SPDX-License-Identifier: MIT
class Body { constructor(public x: f64, public y: f64, public vx: f64, public vy: f64, public m: f64) {} }
export function run(n: i32): f64 {
  const bodies: Body[] = [];
  for (let i = 0; i < 5; i++) bodies.push(new Body(i * 1.5, i * 0.5 - 1, 0.1 * i, 0.2 - 0.05 * i, 1.0 / (i + 1)));
  for (let s = 0; s < n; s++) {
    for (let i = 0; i < 5; i++) {
      const a = bodies[i];
      for (let j = i + 1; j < 5; j++) {
        const b = bodies[j];
        const dx = a.x - b.x, dy = a.y - b.y;
        const d = dx * dx + dy * dy + 0.01;
        const f = 0.001 / (d * Math.sqrt(d));
        a.vx -= dx * b.m * f; a.vy -= dy * b.m * f;
        b.vx += dx * a.m * f; b.vy += dy * a.m * f;
      }
    }
    for (let i = 0; i < 5; i++) { const b = bodies[i]; b.x += 0.001 * b.vx; b.y += 0.001 * b.vy; }
  }
  return bodies[0].x;
}
