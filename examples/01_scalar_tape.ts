/**
 * A tape in sixty lines, without any library: the idea that everything else here stands on. Each
 * operation computes its value and leaves a note of how a gradient passes back through it; backward
 * reads the notes from the last to the first.
 *
 * Run: npx tsx examples/01_scalar_tape.ts
 */

/** A number that remembers where it came from. */
class Scalar {
  grad = 0;
  readonly value: number;
  readonly name: string;
  readonly inputs: readonly Scalar[];
  /** Hands this scalar's gradient on to its inputs. */
  readonly handOn: () => void;

  constructor(
    value: number,
    name = "leaf",
    inputs: readonly Scalar[] = [],
    handOn: () => void = () => {},
  ) {
    this.value = value;
    this.name = name;
    this.inputs = inputs;
    this.handOn = handOn;
  }

  add(other: Scalar): Scalar {
    const result: Scalar = new Scalar(this.value + other.value, "add", [this, other], () => {
      this.grad += result.grad;
      other.grad += result.grad;
    });
    return result;
  }

  mul(other: Scalar): Scalar {
    const result: Scalar = new Scalar(this.value * other.value, "mul", [this, other], () => {
      this.grad += result.grad * other.value;
      other.grad += result.grad * this.value;
    });
    return result;
  }

  tanh(): Scalar {
    const t = Math.tanh(this.value);
    const result: Scalar = new Scalar(t, "tanh", [this], () => {
      this.grad += result.grad * (1 - t * t);
    });
    return result;
  }

  /** Every scalar that this one depends on, inputs before results. */
  tape(seen: Set<Scalar> = new Set()): Scalar[] {
    if (seen.has(this)) return [];
    seen.add(this);
    return [...this.inputs.flatMap((input) => input.tape(seen)), this];
  }

  backward(): void {
    this.grad = 1;
    for (const scalar of this.tape().reverse()) scalar.handOn();
  }
}

const x = new Scalar(0.5), w = new Scalar(-1.5), b = new Scalar(0.25);
const y = x.mul(w).add(b).tanh();
y.backward();
console.log(y.tape().map((scalar) => scalar.name).join(" ")); // leaf leaf mul leaf add tanh
console.log(y.value.toFixed(6)); // -0.462117
console.log(x.grad.toFixed(6), w.grad.toFixed(6)); // -1.179672 0.393224

// The same by a central difference: move x a little both ways.
const f = (at: number): number => Math.tanh(at * w.value + b.value);
console.log(((f(0.5 + 1e-5) - f(0.5 - 1e-5)) / 2e-5).toFixed(6)); // -1.179672
