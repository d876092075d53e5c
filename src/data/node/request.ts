/**
 * HTTP requests for files. Redirects are followed, five at most, also to another host, since files
 * are accepted by their checksum alone; but never from https to http.
 *
 * @module
 */
import { DataError } from "../data_error.ts";

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The answer of the last server: a success, or 416 where there are no bytes from `from` on.
 *
 * @throws DataError for answers that another attempt would not change; Error for the rest.
 */
export async function request(
  url: string,
  { from, signal }: { readonly from: number; readonly signal: AbortSignal },
): Promise<Response> {
  // Servers would recompress files that are gzip already, and ranges would count other bytes.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) headers["range"] = `bytes=${from}-`;
  let at = new URL(url);
  for (let redirects = 0; redirects <= 5; redirects++) {
    const response = await fetch(at, { headers, signal, redirect: "manual" });
    const { status } = response;
    if (!REDIRECTS.includes(status)) {
      if (response.ok || (status === 416 && from > 0)) return response;
      await response.body?.cancel();
      if (status >= 500 || status === 429 || status === 408) {
        throw new Error(`the server answers ${status}`);
      }
      throw new DataError(`Cannot download ${url}: the server answers ${status}`);
    }
    await response.body?.cancel();
    const next = new URL(response.headers.get("location") ?? "", at);
    const safe = next.protocol === "https:" ||
      (next.protocol === "http:" && at.protocol === "http:");
    if (!safe) {
      throw new DataError(`Cannot download ${url}: it redirects to ${next}, which is not secure`);
    }
    at = next;
  }
  throw new DataError(`Cannot download ${url}: it redirects more than five times`);
}
