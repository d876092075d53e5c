/**
 * How threads share work: a module of its own, of which every thread has an instance. A program is
 * a list of calls, three words each: entry, address of its arguments, tasks. All threads walk
 * through it together: each takes tasks of the current call while there are any, and whoever
 * completes the call moves on to the next. Nobody waits for a thread that sleeps or is late.
 *
 *   OPEN   first task | end     tasks of the current call that nobody has taken, 32 bits each
 *
 * The calling thread takes tasks from the low end and workers from the high end, so that with two
 * threads each finds in its caches what it wrote in the call before. A share is a fixed part of what
 * is left: large at first, single tasks at last, so that all threads finish together.
 */

// Where the shared words lie: the same as CONTROL in layout.ts; a test compares them.
export const OPEN: usize = 0;
export const DONE: usize = 128;
export const CALL: usize = 256;
export const NEXT: usize = 260;
export const END: usize = 264;
export const THREADS: usize = 268;
export const PAGES: usize = 272;
export const RUNNING: usize = 384;
export const SIGNAL: usize = 512;
export const SLEEPING: usize = 640;
export const WAITING: usize = 768;
export const FAILED: usize = 896;

/** Bytes of a call: entry, arguments, tasks. */
const TRIPLE: usize = 12;

/** What share() saw: nothing, work that it took part in, the end of the program. */
export const NOTHING: i32 = 0;
export const WORKED: i32 = 1;
export const ENDED: i32 = 2;

type Entry = (address: usize, first: i32, last: i32) => void;

/** How many tasks this thread has taken and not finished. */
let held: i32 = 0;

/** Runs a program, as share() does. Only for the calling thread, and when no other program runs. */
export function run(program: usize, calls: i32, threads: i32, spins: i32): i32 {
  store<u32>(NEXT, program);
  store<u32>(END, program + <usize> calls * TRIPLE);
  store<i32>(THREADS, threads);
  store<i32>(PAGES, memory.size());
  atomic.store<i32>(RUNNING, 1);
  advance();
  return share(0, spins);
}

/**
 * Takes part in the program until it has ended (the calling thread, 0) or until there was nothing to
 * do for `spins` looks (workers too).
 */
export function share(thread: i32, spins: i32): i32 {
  let saw = NOTHING;
  for (let left = spins; left > 0; left--) {
    const open = atomic.load<u64>(OPEN);
    const low = <i32> open, high = <i32> (open >> 32);
    if (low < high) {
      // Everything here follows from the word itself, so it does not matter whether it was read in
      // this call or in one before, with the same number of tasks.
      const count = max((high - low) / (2 * load<i32>(THREADS)), 1);
      const first = thread === 0 ? low : high - count;
      const rest = thread === 0 ? pack(low + count, high) : pack(low, first);
      if (atomic.cmpxchg<u64>(OPEN, open, rest) !== open) continue;
      // One wakes the next, so that the calling thread pays for one only.
      if (thread !== 0 && count < high - low && atomic.load<i32>(SLEEPING) > 0) wake();
      held = count;
      // Engines tell other threads late that memory has grown; to grow by nothing asks for it now.
      if (memory.size() < load<i32>(PAGES)) memory.grow(0);
      const call = <usize> load<u32>(CALL);
      call_indirect<void>(load<u32>(call), load<u32>(call + 4), first, first + count);
      finish();
      saw = WORKED;
      left = spins;
    } else if (thread === 0 && atomic.load<i32>(RUNNING) === 0) {
      return ENDED;
    }
  }
  return saw;
}

/** After a trap in run() or share(): gives back what this thread held, and ends the program. */
export function recover(): void {
  atomic.cmpxchg<u32>(FAILED, 0, load<u32>(CALL));
  if (held === 0) {
    end();
    return;
  }
  // Nobody else moves on while this thread holds tasks: what is open belongs to this call.
  const open = atomic.xchg<u64>(OPEN, 0);
  held += <i32> (open >> 32) - <i32> open;
  finish();
}

function pack(low: i32, high: i32): u64 {
  return <u64> <u32> low | (<u64> high << 32);
}

/** Reports what this thread held as done. */
function finish(): void {
  const count = held;
  // Read before it is reported: then the next call may begin.
  const tasks = load<i32>(<usize> load<u32>(CALL) + 8);
  held = 0;
  if (atomic.add<i32>(DONE, count) + count === tasks) advance();
}

/** Moves on: runs calls of one task here, opens the next call that has more to all. */
function advance(): void {
  const last = <usize> load<u32>(END);
  for (let call = <usize> load<u32>(NEXT); call !== last; call += TRIPLE) {
    if (atomic.load<u32>(FAILED) !== 0) break;
    const tasks = load<i32>(call + 8);
    store<u32>(CALL, call);
    if (tasks > 1 && load<i32>(THREADS) > 1) {
      store<u32>(NEXT, call + TRIPLE);
      store<i32>(DONE, 0);
      atomic.store<u64>(OPEN, pack(0, tasks));
      wake();
      return;
    }
    call_indirect<void>(load<u32>(call), load<u32>(call + 4), 0, tasks);
  }
  end();
}

function end(): void {
  atomic.store<i32>(RUNNING, 0);
  if (atomic.load<i32>(WAITING) !== 0) wake();
}

/** Tells of something to do: to all when the calling thread sleeps, and else to one worker. */
function wake(): void {
  atomic.add<i32>(SIGNAL, 1);
  const waiting = atomic.load<i32>(WAITING) !== 0;
  let sleeping = atomic.load<i32>(SLEEPING);
  while (waiting || sleeping > 0) {
    const left = waiting ? 0 : sleeping - 1;
    const found = atomic.cmpxchg<i32>(SLEEPING, sleeping, left);
    if (found !== sleeping) {
      sleeping = found;
      continue;
    }
    // Once more: whoever was counted out, but did not sleep yet, must not fall asleep now.
    atomic.add<i32>(SIGNAL, 1);
    atomic.notify(SIGNAL, waiting ? -1 : 1);
    return;
  }
}
