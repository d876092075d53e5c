// A crew over entries made for tests: they count, wait for each other, trap and hang.

import { Crew } from "../../src/backend/cpu/crew.ts";
import { heapStart } from "../../src/backend/cpu/layout.ts";
import { type Build, type KernelModule, start } from "../../src/backend/cpu/module.ts";

/**
 * Written by hand, in WebAssembly's text format, for the assembler wasm-as. Arguments are 32-bit words.
 *
 *   count(array)          adds 1 to word `task` of the array, for each of its tasks
 *   mix(x, y, n)          y[task] = 3 x[task] + x[(task + 1) mod n]: reads what other tasks have written before
 *   spin(rounds)          counts so many rounds for each of its tasks
 *   act(flag, thread, deed)
 *       The thread sets the flag and then 0 goes on, 1 traps, 2 reads outside of the memory, 3 hangs; all others wait
 *       for the flag. With a task for each thread it is sure to take part.
 *
 * (module
 *   (import "env" "memory" (memory 1 65536 shared))
 *   (global $thread (mut i32) (i32.const 0))
 *   (func (export "start") (param $index i32) (global.set $thread (local.get $index)))
 *   (func (export "count") (param $arguments i32) (param $first i32) (param $last i32)
 *     (local $task i32)
 *     (local.set $task (local.get $first))
 *     (loop $next
 *       (if (i32.lt_s (local.get $task) (local.get $last)) (then
 *         (drop (i32.atomic.rmw.add
 *           (i32.add (i32.load (local.get $arguments)) (i32.shl (local.get $task) (i32.const 2)))
 *           (i32.const 1)))
 *         (local.set $task (i32.add (local.get $task) (i32.const 1)))
 *         (br $next)))))
 *   (func (export "mix") (param $arguments i32) (param $first i32) (param $last i32)
 *     (local $task i32) (local $x i32)
 *     (local.set $x (i32.load (local.get $arguments)))
 *     (local.set $task (local.get $first))
 *     (loop $next
 *       (if (i32.lt_s (local.get $task) (local.get $last)) (then
 *         (i32.store
 *           (i32.add (i32.load offset=4 (local.get $arguments)) (i32.shl (local.get $task) (i32.const 2)))
 *           (i32.add
 *             (i32.mul (i32.const 3)
 *               (i32.load (i32.add (local.get $x) (i32.shl (local.get $task) (i32.const 2)))))
 *             (i32.load (i32.add (local.get $x) (i32.shl
 *               (i32.rem_s (i32.add (local.get $task) (i32.const 1))
 *                 (i32.load offset=8 (local.get $arguments)))
 *               (i32.const 2))))))
 *         (local.set $task (i32.add (local.get $task) (i32.const 1)))
 *         (br $next)))))
 *   (func (export "spin") (param $arguments i32) (param $first i32) (param $last i32)
 *     (local $left i64)
 *     (local.set $left (i64.mul
 *       (i64.extend_i32_s (i32.sub (local.get $last) (local.get $first)))
 *       (i64.extend_i32_u (i32.load (local.get $arguments)))))
 *     (loop $next
 *       (local.set $left (i64.sub (local.get $left) (i64.const 1)))
 *       (br_if $next (i64.gt_s (local.get $left) (i64.const 0)))))
 *   (func (export "act") (param $arguments i32) (param $first i32) (param $last i32)
 *     (local $flag i32)
 *     (local.set $flag (i32.load (local.get $arguments)))
 *     (if (i32.eq (global.get $thread) (i32.load offset=4 (local.get $arguments)))
 *       (then
 *         (i32.atomic.store (local.get $flag) (i32.const 1))
 *         (if (i32.eq (i32.load offset=8 (local.get $arguments)) (i32.const 1)) (then (unreachable)))
 *         (if (i32.eq (i32.load offset=8 (local.get $arguments)) (i32.const 2)) (then
 *           (drop (i32.load (i32.const -4)))))
 *         (if (i32.eq (i32.load offset=8 (local.get $arguments)) (i32.const 3)) (then
 *           (loop $forever (br $forever)))))
 *       (else
 *         (loop $wait
 *           (br_if $wait (i32.eqz (i32.atomic.load (local.get $flag)))))))))
 */
const PROBE =
  "AGFzbQEAAAABCwJgA39/fwBgAX8AAhIBA2VudgZtZW1vcnkCAwGAgAQDBgUBAAAAAAYGAX8BQQALByQFBXN0" +
  "YXJ0AAAFY291bnQAAQNtaXgAAgRzcGluAAMDYWN0AAQKiwIFBgAgACQACy4BAX8gASEDA0AgAyACSARAIAAo" +
  "AgAgA0ECdGpBAf4eAgAaIANBAWohAwwBCwsLVAECfyAAKAIAIQQgASEDA0AgAyACSARAIAAoAgQgA0ECdGpB" +
  "AyAEIANBAnRqKAIAbCAEIANBAWogACgCCG9BAnRqKAIAajYCACADQQFqIQMMAQsLCyQBAX4gAiABa6wgACgC" +
  "AK1+IQMDQCADQgF9IQMgA0IAVQ0ACwtZAQF/IAAoAgAhAyMAIAAoAgRGBEAgA0EB/hcCACAAKAIIQQFGBEAA" +
  "CyAAKAIIQQJGBEBBfCgCABoLIAAoAghBA0YEQANADAALAAsFA0AgA/4QAgBFDQALCws=";

/**
 * Workers of this one fail when they start.
 *
 * (module
 *   (import "env" "memory" (memory 1 65536 shared))
 *   (func (export "start") (param $index i32)
 *     (if (local.get $index) (then (unreachable)))))
 */
export const FAILING: string =
  "AGFzbQEAAAABBQFgAX8AAhIBA2VudgZtZW1vcnkCAwGAgAQDAgEABwkBBXN0YXJ0AAAKCgEIACAABEAACws=" +
  "";

/**
 * Workers of this one never get ready.
 *
 * (module
 *   (import "env" "memory" (memory 1 65536 shared))
 *   (func (export "start") (param $index i32)
 *     (if (local.get $index) (then (loop $forever (br $forever))))))
 */
export const NEVER_READY: string =
  "AGFzbQEAAAABBQFgAX8AAhIBA2VudgZtZW1vcnkCAwGAgAQDAgEABwkBBXN0YXJ0AAAKDwENACAABEADQAwA" +
  "CwALCw==";

/** What act() does after it has set the flag. */
export const DEEDS = { nothing: 0, trap: 1, outside: 2, hang: 3 } as const;

export type ProbeEntry = "act" | "count" | "mix" | "spin";

/** A crew, its memory, and calls on them. */
export class Probe {
  readonly crew: Crew;
  readonly module: KernelModule;
  readonly words: Int32Array;
  /** Where tests may put their arrays: 64 KiB. */
  readonly space: number;
  #arguments: number;

  constructor(module: KernelModule, patience?: number) {
    const threads = module.workers.length + 1;
    this.module = module;
    this.crew = new Crew(module, threads, patience);
    this.words = new Int32Array(module.memory.buffer);
    this.space = heapStart(threads);
    this.#arguments = this.space + 65536;
  }

  /** Writes arguments to memory; gives entry, address and tasks. */
  call(name: ProbeEntry, parameters: readonly number[], tasks: number): [number, number, number] {
    const address = this.#arguments;
    this.words.set(parameters, address / 4);
    this.#arguments += parameters.length * 4;
    return [this.module.names.indexOf(name), address, tasks];
  }

  /** Runs one call. */
  run(name: ProbeEntry, parameters: readonly number[], tasks: number): void {
    const arguments_ = this.#arguments;
    this.crew.run(...this.call(name, parameters, tasks));
    this.#arguments = arguments_;
  }

  /** Runs act() with a fresh flag on as many tasks as there are threads. */
  act(thread: number, deed: number): void {
    this.words[this.space / 4] = 0;
    this.run("act", [this.space, thread, deed], this.crew.threads);
  }

  /** Puts a program into memory; gives its address. */
  program(calls: readonly (readonly [number, number, number])[]): number {
    const address = this.#arguments;
    this.words.set(calls.flat(), address / 4);
    this.#arguments += calls.length * 12;
    return address;
  }

  /** The array of `count` words at `offset` bytes from `space`. */
  array(count: number, offset = 0): Int32Array {
    return this.words.subarray(this.space / 4 + offset / 4).subarray(0, count);
  }
}

/** A module made for tests, as the library's kernels. */
export async function compileProbe(base64: string = PROBE): Promise<Build> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return { compiled: await WebAssembly.compile(bytes), build: "SIMD" };
}

/** Starts threads and makes a crew of them. */
export async function openProbe(threads: number, patience?: number): Promise<Probe> {
  return new Probe(await start(await compileProbe(), threads), patience);
}
