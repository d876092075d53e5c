/**
 * Schedules: pure functions from the step, counted from 0, to the learning rate. The numbers are
 * those of PyTorch's schedulers.
 *
 * @module
 */

/** The learning rate of a step; some schedules move momentum too. */
export interface Schedule {
  (step: number): number;
  /** The momentum of a step. */
  readonly momentum?: (step: number) => number;
}

function check(schedule: string, name: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least) return;
  throw new RangeError(
    `Cannot make the schedule ${schedule}: ${name} is ${value}, it must be at least ${least}`,
  );
}

/** The same rate at every step. */
export function constant(lr: number): Schedule {
  check("constant", "lr", lr, 0);
  return () => lr;
}

/**
 * PyTorch's StepLR: lr gamma^floor(step / stepSize).
 *
 * @example
 * ```ts
 * import { stepDecay } from "tapegrad";
 * const schedule = stepDecay({ lr: 1, stepSize: 10 });
 * schedule(9); // 1
 * schedule(10); // 0.1
 * ```
 */
export function stepDecay(
  options: {
    /** Rate of the first step. */
    readonly lr: number;
    /** Steps between two changes. */
    readonly stepSize: number;
    /** Factor of a change. Default 0.1. */
    readonly gamma?: number;
  },
): Schedule {
  const { lr, stepSize, gamma = 0.1 } = options;
  check("stepDecay", "lr", lr, 0);
  check("stepDecay", "stepSize", stepSize, 1);
  check("stepDecay", "gamma", gamma, 0);
  return (step) => lr * gamma ** Math.floor(step / stepSize);
}

/**
 * PyTorch's CosineAnnealingLR: minimum + (lr - minimum) (1 + cos(π step / steps)) / 2. Beyond `steps`
 * it rises again.
 */
export function cosine(
  options: {
    /** Rate of the first step. */
    readonly lr: number;
    /** Steps until the minimum. */
    readonly steps: number;
    /** Smallest rate. Default 0. */
    readonly minimum?: number;
  },
): Schedule {
  const { lr, steps, minimum = 0 } = options;
  check("cosine", "lr", lr, 0);
  check("cosine", "steps", steps, 1);
  check("cosine", "minimum", minimum, 0);
  return (step) => between(lr, minimum, step / steps, "cosine");
}

/** From a at fraction 0 to b at fraction 1. */
function between(a: number, b: number, fraction: number, way: "cosine" | "linear"): number {
  if (way === "linear") return a + (b - a) * fraction;
  return b + (a - b) * (1 + Math.cos(Math.PI * fraction)) / 2;
}

/** Settings of `oneCycle`. */
export interface OneCycleOptions {
  /** Highest rate. */
  readonly maxLr: number;
  /** Steps of the whole cycle; later steps keep its last rate. */
  readonly totalSteps: number;
  /** Share of the steps on the way up. Default 0.3. */
  readonly pctStart?: number;
  /** How it goes up and down. Default "cosine". */
  readonly way?: "cosine" | "linear";
  /** The first rate is maxLr / divFactor. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first one / finalDivFactor. Default 10000. */
  readonly finalDivFactor?: number;
  /** Whether momentum moves against the rate. Default true. */
  readonly cycleMomentum?: boolean;
  /** Momentum at the highest rate. Default 0.85. */
  readonly baseMomentum?: number;
  /** Momentum at both ends. Default 0.95. */
  readonly maxMomentum?: number;
}

/**
 * PyTorch's OneCycleLR (Smith and Topin, 2018): up from maxLr / divFactor to maxLr, then down to
 * nearly nothing, while momentum goes the other way.
 *
 * @example
 * ```ts
 * import { oneCycle } from "tapegrad";
 * const schedule = oneCycle({ maxLr: 0.5, totalSteps: 20 });
 * schedule(5); // 0.5
 * schedule.momentum!(5); // 0.85
 * ```
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { maxLr, totalSteps, pctStart = 0.3, way = "cosine" } = options;
  const { divFactor = 25, finalDivFactor = 1e4 } = options;
  const { cycleMomentum = true, baseMomentum = 0.85, maxMomentum = 0.95 } = options;
  check("oneCycle", "maxLr", maxLr, 0);
  check("oneCycle", "totalSteps", totalSteps, 1);
  check("oneCycle", "pctStart", pctStart, 0);
  check("oneCycle", "1 - pctStart", 1 - pctStart, 0);
  const first = maxLr / divFactor, last = first / finalDivFactor;
  const top = pctStart * totalSteps - 1, end = totalSteps - 1;
  function at(step: number, [low, high, final]: readonly [number, number, number]): number {
    if (step <= top && top > 0) return between(low, high, step / top, way);
    // With a very short way up the cycle starts at its top.
    const start = Math.max(top, 0);
    const fraction = end > start ? (Math.min(step, end) - start) / (end - start) : 1;
    return between(high, final, fraction, way);
  }
  const lr: Schedule = (step) => at(step, [first, maxLr, last]);
  if (!cycleMomentum) return lr;
  const momentum = (step: number) => at(step, [maxMomentum, baseMomentum, maxMomentum]);
  return Object.assign(lr, { momentum });
}

/**
 * Rises linearly to the first rate of another schedule, then follows it from its start: PyTorch's
 * LinearLR before it.
 *
 * @example
 * ```ts
 * import { cosine, warmup } from "tapegrad";
 * const schedule = warmup(cosine({ lr: 0.1, steps: 1000 }), { steps: 100, start: 0.01 });
 * schedule(0); // 0.001
 * schedule(100); // 0.1
 * ```
 */
export function warmup(
  then: Schedule,
  options: {
    /** Steps on the way up. */
    readonly steps: number;
    /** The first rate as a share of the last. Default 1 / 3. */
    readonly start?: number;
  },
): Schedule {
  const { steps, start = 1 / 3 } = options;
  check("warmup", "steps", steps, 1);
  check("warmup", "start", start, 0);
  const lr: Schedule = (step) => {
    return step < steps ? then(0) * between(start, 1, step / steps, "linear") : then(step - steps);
  };
  const { momentum } = then;
  if (momentum === undefined) return lr;
  return Object.assign(lr, { momentum: (step: number) => momentum(Math.max(step - steps, 0)) });
}
