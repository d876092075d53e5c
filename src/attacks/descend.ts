/**
 * The loop that all gradient attacks share: step along the gradient, come back into the ball about
 * the clean images, then into the box. One step without random start is FGSM or its Euclidean twin.
 *
 * @module
 */
import type { Module } from "../nn/mod.ts";
import { RandomStream } from "../random.ts";
import { tidy } from "../scope.ts";
import { capturedBy, Captures, type Tensor } from "../tensor/mod.ts";
import { gainAndGradient, gainAt, type Goal } from "./goal.ts";
import type { Ball, Norm } from "./norms.ts";

/** How to go. */
export interface Path {
  readonly norm: Norm;
  readonly steps: number;
  /** Length of a step in the norm, in the unit of the pixels. */
  readonly stepSize: number;
  /** Whether to start at a random point of the ball instead of at the clean image. */
  readonly randomStart: boolean;
  /** How often to start; per example the best end counts. */
  readonly restarts: number;
  /** Whether the last point counts, or the best on the way. */
  readonly keep: "last" | "best";
  readonly seed: number;
  /** Which draw of random starts it is. */
  readonly draw: number;
  /** Which example each image is, so that its random start does not depend on the batch. */
  readonly ids: Tensor;
  /** Captured steps to go on with. */
  readonly captures: Captures | undefined;
}

/** From so many steps on, an attack captures them for itself. */
const WORTH_CAPTURING = 4;

/** What is attacked, and within which bounds. */
interface Scene {
  readonly model: Module;
  readonly ball: Ball;
  readonly goal: Goal;
}

/** Points and their gain, per example. */
interface Found {
  readonly x: Tensor;
  readonly gain: Tensor;
}

/** Per example the point with the higher gain; the earlier one when equal. */
function better(a: Found, b: Found): Found {
  const shape = a.x.shape.map((size, axis) => axis === 0 ? size : 1);
  const later = b.gain.gt(a.gain);
  return { x: later.reshape(shape).where(b.x, a.x), gain: later.where(b.gain, a.gain) };
}

/** The better of both; gives the loser's memory back. */
function replace(a: Found, b: Found): Found {
  const winner = tidy(() => better(a, b));
  for (const tensor of [a.x, a.gain, b.gain]) tensor.dispose();
  return winner;
}

/** The gain at x, and the next point. */
function step(
  { model, ball, goal }: Scene,
  { norm, stepSize, captures }: Path,
  x: Tensor,
): { readonly here: Found; readonly next: Tensor } {
  const captured = capturedBy(captures, "step", (x: Tensor, center: Tensor, classes: Tensor) => {
    return tidy(() => {
      const { value, gradient } = gainAndGradient(model, x, { ...goal, classes });
      return { value, next: norm.step(x, gradient, stepSize, { ...ball, center }) };
    });
  });
  const { value, next } = captured(x, ball.center, goal.classes);
  return { here: { x, gain: value }, next };
}

/** The gain at x, whose memory the caller gives back. */
function end({ model, goal }: Scene, { captures }: Path, x: Tensor): Found {
  const captured = capturedBy(captures, "gain", (x: Tensor, classes: Tensor) => {
    return gainAt(model, x, { ...goal, classes });
  });
  return { x, gain: captured(x, goal.classes) };
}

/** One start of the loop. */
function runOnce(scene: Scene, path: Path, restart: number): Tensor {
  return tidy(() => {
    const { ball } = scene;
    const { norm, steps, keep, seed, ids } = path;
    let x = ball.center.detach();
    if (path.randomStart) {
      const random = new RandomStream(seed).fork("attack start");
      random.step = 2 * (path.draw * path.restarts + restart); // a start draws at most twice
      x = tidy(() => norm.project(norm.start(ball, { random, ids }), ball));
    }
    let best: Found | undefined;
    for (let i = 0; i < steps; i++) {
      const { here, next } = step(scene, path, x);
      // The start itself only counts when it is random: an attack does not return its input.
      if (keep === "best" && (i > 0 || path.randomStart)) {
        best = best === undefined ? here : replace(best, here);
      } else {
        here.gain.dispose();
      }
      if (best?.x !== x) x.dispose();
      x = next;
    }
    return best === undefined ? x : better(best, end(scene, path, x)).x;
  });
}

/** Adversarial images for every image of the ball's centre. Launches work and waits for nothing. */
export function descend(scene: Scene, path: Path): Tensor {
  return tidy(() => {
    const own = path.steps >= WORTH_CAPTURING ? new Captures() : undefined;
    const ours = { ...path, captures: path.captures ?? own };
    let x = runOnce(scene, ours, 0);
    if (path.restarts === 1) return x;
    let best = end(scene, ours, x);
    for (let restart = 1; restart < path.restarts; restart++) {
      x = runOnce(scene, ours, restart);
      best = better(best, end(scene, ours, x));
    }
    return best.x;
  });
}
