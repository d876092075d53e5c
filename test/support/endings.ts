// What must happen after the last test of a process, before it exits.

/** Run in turn by the harness. */
export const endings: (() => Promise<void>)[] = [];
