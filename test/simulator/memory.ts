// Memory that invocations share, with a shadow that tells who touched each word since the last barrier.

/** Something that must not happen. */
export interface Fault {
  readonly kind: "race" | "uninitialised read" | "out of bounds" | "barrier not reached by all";
  /** What it happened to, for people. */
  readonly what: string;
}

/** An access by one invocation, for figures of traffic. */
export interface Access {
  readonly site: string;
  readonly memory: Memory;
  readonly kind: "read" | "write";
  /** First word, and how many. */
  readonly word: number;
  readonly words: number;
  readonly invocation: number;
}

/** Who touches memory. */
export interface Toucher {
  /** In its workgroup. */
  readonly invocation: number;
  readonly workgroup: number;
}

type Words = Float32Array | Int32Array | Uint32Array;

const NOBODY = -1, MANY = -2;

/** NaN as a pattern: numbers that come from it are seen in results. */
const POISON = 0x7fc0dead;

/** A buffer or a variable of a workgroup. */
export class Memory {
  readonly name: string;
  readonly space: "storage" | "workgroup";
  readonly data: Words;
  readonly #faults: Fault[];
  readonly #writer: Int32Array;
  readonly #reader: Int32Array;
  readonly #stamp: Uint32Array;
  /** The last workgroup that touched a word, and that wrote it. */
  readonly #group: Int32Array;
  readonly #writtenIn: Int32Array;
  readonly #known: Uint8Array;
  #phase = 1;

  constructor(
    name: string,
    space: "storage" | "workgroup",
    { data, faults }: { readonly data: Words; readonly faults: Fault[] },
  ) {
    this.name = name;
    this.space = space;
    this.data = data;
    this.#faults = faults;
    const size = data.length;
    this.#writer = new Int32Array(size).fill(NOBODY);
    this.#reader = new Int32Array(size).fill(NOBODY);
    this.#stamp = new Uint32Array(size);
    this.#group = new Int32Array(size).fill(NOBODY);
    this.#writtenIn = new Int32Array(size).fill(NOBODY);
    this.#known = new Uint8Array(size).fill(space === "storage" ? 1 : 0);
  }

  /** Another workgroup begins: its variables hold anything. */
  poison(): void {
    this.#known.fill(0);
    new Uint32Array(this.data.buffer, this.data.byteOffset, this.data.length).fill(POISON);
    this.#phase++;
  }

  /** All invocations of a workgroup have met: what they did before is in order. */
  meet(): void {
    this.#phase++;
  }

  read(word: number, who: Toucher, site: string): number {
    if (!this.#inside(word, "read", site)) return 0;
    if (this.#known[word] === 0) this.#fault("uninitialised read", word, site);
    this.#refresh(word, who, site, false);
    const { invocation } = who, reader = this.#reader[word]!;
    if (this.#writer[word] !== NOBODY && this.#writer[word] !== invocation) {
      this.#fault("race", word, `${site} reads what another invocation writes`);
    }
    if (reader !== invocation) this.#reader[word] = reader === NOBODY ? invocation : MANY;
    return this.data[word]!;
  }

  write(word: number, value: number, who: Toucher, site: string): void {
    if (!this.#inside(word, "write", site)) return;
    this.#refresh(word, who, site, true);
    const { invocation } = who;
    for (const other of [this.#writer[word]!, this.#reader[word]!]) {
      if (other !== NOBODY && other !== invocation) {
        this.#fault("race", word, `${site} writes what another invocation touches`);
      }
    }
    this.#writer[word] = invocation;
    this.#known[word] = 1;
    this.data[word] = value;
  }

  /** Forgets what happened before the last barrier; workgroups never meet. */
  #refresh(word: number, { workgroup }: Toucher, site: string, writes: boolean): void {
    const before = this.#group[word]!, other = before !== NOBODY && before !== workgroup;
    const writtenIn = this.#writtenIn[word]!;
    const meets = writes ? other : writtenIn !== NOBODY && writtenIn !== workgroup;
    if (this.space === "storage" && meets) {
      this.#fault("race", word, `${site}: two workgroups touch it`);
    }
    if (this.#stamp[word] !== this.#phase || other) {
      this.#reader[word] = NOBODY;
      this.#writer[word] = NOBODY;
    }
    if (writes) this.#writtenIn[word] = workgroup;
    this.#stamp[word] = this.#phase;
    this.#group[word] = workgroup;
  }

  #inside(word: number, act: string, site: string): boolean {
    if (word >= 0 && word < this.data.length) return true;
    this.#fault("out of bounds", word, `${site}: a ${act}, there are ${this.data.length} words`);
    return false;
  }

  #fault(kind: Fault["kind"], word: number, how: string): void {
    if (this.#faults.length >= 20) return;
    this.#faults.push({ kind, what: `${this.name}, word ${word}: ${how}` });
  }
}
