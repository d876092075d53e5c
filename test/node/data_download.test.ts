import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checked, type DataProgress } from "../../src/data/data_file.ts";
import { sha256 } from "../../src/data/bytes.ts";
import { DataError } from "../../src/data/mod.ts";
import { download, type DownloadOptions } from "../../src/data/node/download.ts";
import { pattern } from "../data/files.ts";

const content = pattern(300_000);
const file = {
  name: "data",
  limit: 300_000,
  sha256: { of: "unpacked", digest: await sha256(content) },
} as const;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Context {
  folder: string;
  path: string;
  server: Server;
  origin: string;
  requests: { url: string | undefined; range: string | undefined }[];
  /** How the server answers; the last one repeats. */
  answers: Answer[];
}

/** Answers ranges, as file servers do. */
const whole: Answer = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
  } else if (start > 0) {
    response.writeHead(206, {
      "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
      "content-length": content.length - start,
    }).end(content.subarray(start));
  } else response.writeHead(200, { "content-length": content.length }).end(content);
};

/** Promises all bytes and hangs up in the middle. */
const cut: Answer = (_, response) => {
  response.writeHead(200, { "content-length": content.length });
  response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
};

const always = (status: number, headers: Record<string, string> = {}): Answer => (_, response) => {
  response.writeHead(status, headers).end();
};

const test = suite<Context>("download()");

test.before.each(async (context) => {
  context.requests = [];
  context.answers = [whole];
  context.folder = await mkdtemp(join(tmpdir(), "tapegrad-download-"));
  context.path = join(context.folder, "sub", "data");
  context.server = createServer((request, response) => {
    context.requests.push({ url: request.url, range: request.headers.range });
    const answer = context.answers.length > 1 ? context.answers.shift()! : context.answers[0]!;
    answer(request, response);
  });
  await new Promise<void>((resolve) => context.server.listen(0, "127.0.0.1", resolve));
  context.origin = `http://127.0.0.1:${(context.server.address() as AddressInfo).port}`;
});

test.after.each(async ({ server, folder }) => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function get(context: Context, more: Partial<DownloadOptions> = {}): Promise<Uint8Array> {
  const { origin, path } = context;
  const options = {
    url: `${origin}/data`,
    path,
    limit: 400_000,
    attempts: 2,
    patience: 5,
    ...more,
  };
  return download(options, (bytes) => checked(file, bytes, { where: options.url }));
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(() => undefined, (reason: Error) => reason);
  assert.ok(error, "it must fail");
  return error!;
}

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await failure(promise);
  assert.instance(error, DataError);
  assert.match(error.message, message);
}

const filesOf = ({ folder }: Context): string[] =>
  existsSync(join(folder, "sub")) ? readdirSync(join(folder, "sub")) : [];

test("brings a file, tells progress, and leaves nothing else", async (context) => {
  const seen: DataProgress[] = [];
  assert.equal(await get(context, { onProgress: (it) => seen.push(it) }), content);
  assert.equal(new Uint8Array(readFileSync(context.path)), content);
  assert.equal(filesOf(context), ["data"]);
  assert.equal(seen.at(-1), { label: "data", done: 300_000, total: 300_000 });
  assert.ok(seen.every(({ done }, i) => i === 0 || done > seen[i - 1]!.done));
});

test("asks only for the rest after a lost connection", async (context) => {
  context.answers = [cut, whole];
  assert.equal(await get(context), content);
  assert.is(context.requests[0]!.range, undefined);
  assert.match(context.requests[1]!.range!, /^bytes=[1-9]\d*-$/);
  assert.equal(filesOf(context), ["data"]);
});

test("keeps the part of a truncated body, no final file, and resumes it later", async (context) => {
  context.answers = [cut];
  await refused(
    get(context, { attempts: 1, hint: "buy it" }),
    /Cannot download .*Try again.*buy it/,
  );
  assert.equal(filesOf(context), ["data.part"]);
  context.answers = [whole];
  assert.equal(await get(context), content);
  assert.match(context.requests[1]!.range!, /^bytes=[1-9]\d*-$/);
});

test("stops at once when aborted, and resumes later", async (context) => {
  const stop = new AbortController();
  context.answers = [(_, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 50_000));
  }];
  const reason = new Error("enough");
  const onProgress = () => stop.abort(reason);
  assert.is(await failure(get(context, { signal: stop.signal, onProgress })), reason);
  assert.equal(filesOf(context), ["data.part"]);
  context.answers = [whole];
  assert.equal(await get(context), content);
  assert.ok(context.requests.at(-1)!.range);
});

test("starts over where the server knows no ranges", async (context) => {
  context.answers = [cut, (_, response) => {
    response.writeHead(200, { "content-length": content.length }).end(content);
  }];
  assert.equal(await get(context), content);
  assert.equal(filesOf(context), ["data"]);
});

test("takes a part that is complete, and throws away one that is too long", async (context) => {
  await get(context);
  const part = `${context.path}.part`;
  await rm(context.path);
  writeFileSync(part, content);
  assert.equal(await get(context), content);
  assert.equal(filesOf(context), ["data"]);
  await rm(context.path);
  writeFileSync(part, pattern(310_000));
  assert.equal(await get(context), content);
});

test("downloads once anew when an earlier part was of another file", async (context) => {
  await get(context);
  await rm(context.path);
  writeFileSync(`${context.path}.part`, new Uint8Array(1000));
  assert.equal(await get(context), content);
  assert.is(context.requests.at(-2)!.range, "bytes=1000-");
  assert.is(context.requests.at(-1)!.range, undefined);
});

test("refuses a file with another checksum, and leaves nothing", async (context) => {
  context.answers = [(_, response) => response.end(pattern(300_000, 9))];
  await refused(get(context), /SHA-256 is [0-9a-f]{64}, it must be/);
  assert.equal(filesOf(context), []);
  assert.is(context.requests.length, 1);
});

test("refuses files above the limit, told or not", async (context) => {
  await refused(get(context, { limit: 200_000 }), /has 300,000 bytes or more, at most 200,000/);
  context.answers = [(_, response) => {
    response.write(content);
    response.end(content);
  }];
  await refused(get(context), /at most 400,000 bytes belong there/);
  assert.equal(filesOf(context), []);
});

test("tries again after a server's trouble, and not after a plain no", async (context) => {
  context.answers = [always(503), whole];
  assert.equal(await get(context), content);
  await rm(context.path);
  context.answers = [always(404)];
  context.requests.length = 0;
  await refused(get(context, { attempts: 3 }), /the server answers 404/);
  assert.is(context.requests.length, 1);
  context.answers = [always(500)];
  await refused(get(context), /the server answers 500/);
});

test("gives up on a connection that is silent", async (context) => {
  context.answers = [(_, response) => response.writeHead(200).write("x")];
  await refused(get(context, { attempts: 1, idle: 50 }), /no byte came for 0\.05 s/);
});

test("follows redirects, also to another host, but not to other protocols or for ever", async (context) => {
  const elsewhere = context.origin.replace("127.0.0.1", "localhost");
  context.answers = [always(302, { location: "/moved" }), whole];
  assert.equal(await get(context), content);
  assert.is(context.requests[1]!.url, "/moved");
  await rm(context.path);
  context.answers = [always(301, { location: `${elsewhere}/there` }), whole];
  await get(context).catch((error: Error) => {
    // A machine may resolve localhost to an address on which nothing listens.
    if (!/ECONNREFUSED/.test(error.message)) throw error;
  });
  await rm(context.path, { force: true });
  context.answers = [always(302, { location: "file:///etc/hostname" })];
  await refused(get(context), /redirects to file:.*not secure/);
  context.answers = [always(302, { location: "/again" })];
  await refused(get(context), /more than five times/);
  assert.equal(filesOf(context), []);
});

test("says where to put the file when nobody answers", async (context) => {
  const url = "http://127.0.0.1:1/data";
  await refused(
    get(context, { url, attempts: 1, hint: "look elsewhere" }),
    /127\.0\.0\.1:1\/data: /,
  );
  const { message } = await failure(get(context, { url, attempts: 1, hint: "look elsewhere" }));
  assert.ok(message.includes(context.path) && message.includes("look elsewhere"), message);
});

test("two at once leave one whole file", async (context) => {
  const both = await Promise.all([get(context), get(context)]);
  for (const bytes of both) assert.equal(bytes, content);
  assert.equal(filesOf(context), ["data"]);
});

test.run();
