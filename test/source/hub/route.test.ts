/** What a proxy may do instead of its work. Each ends the request with its reason and leaves no connection. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createFetch } from "../../../src/source/hub/http-fetch.ts";
import { ask, failedWith, readText, reasonOf } from "./fetching.ts";

const ESTABLISHED = "HTTP/1.1 200 Connection Established\r\n\r\n";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Starts a proxy that answers the first bytes of each connection; returns a fetch through it, and what it was sent. */
async function startBadProxy(answer: (socket: Socket) => unknown) {
  const received: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    socket.once("data", (bytes) => {
      received.push(bytes.toString());
      answer(socket);
    });
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const headers = { "proxy-authorization": "Basic eDp5" };
  return { fetch: createFetch("https://192.0.2.1", () => ({ url, headers })), received };
}

/** Never ends for a connection that is kept. */
async function whenClosed([socket]: readonly Socket[]): Promise<void> {
  if (socket?.closed === false) await new Promise((resolve) => socket.once("close", resolve));
}

/** Sends more than any header should have, until nobody listens. */
function sendForEver(socket: Socket): void {
  const send = () => {
    while (!socket.destroyed && socket.write(`X: ${"x".repeat(1000)}\r\n`));
    socket.once("drain", send);
  };
  socket.write("HTTP/1.1 200 OK\r\n");
  send();
}

const answered = (status: number) =>
  expect.objectContaining({
    cause: expect.objectContaining({ message: `the proxy answered ${status}` }) as unknown,
  }) as unknown;

test.each<[string, (socket: Socket) => unknown, unknown]>([
  ["refuses", (socket) => socket.end("HTTP/1.1 407 No\r\n\r\n"), answered(407)],
  [
    "fails, and stays",
    (socket) => socket.write("HTTP/1.1 502 No\r\nContent-Length: 9\r\n\r\n"),
    answered(502),
  ],
  [
    "redirects",
    (socket) => socket.end("HTTP/1.1 302 No\r\nLocation: http://192.0.2.1\r\n\r\n"),
    answered(302),
  ],
  ["says to go on", (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n"), answered(100)],
  [
    "upgrades",
    (socket) => socket.write("HTTP/1.1 101 Up\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    answered(101),
  ],
  ["hangs up", (socket) => socket.end(), failedWith("ECONNRESET")],
  ["resets", (socket) => socket.resetAndDestroy(), failedWith("ECONNRESET")],
  ["speaks no HTTP", (socket) => socket.write("SSH-2.0-OpenSSH\r\n"), failedWith("HPE_INVALID_CONSTANT")],
  ["never ends its header", sendForEver, failedWith("HPE_HEADER_OVERFLOW")],
  [
    "sends a sign-in page",
    (socket) => socket.write(`${ESTABLISHED}<!doctype html>`),
    failedWith("ERR_SSL_WRONG_VERSION_NUMBER"),
  ],
  [
    "loses the host",
    (socket) => socket.once("data", () => socket.resetAndDestroy()).write(ESTABLISHED),
    failedWith("ECONNRESET"),
  ],
])("a proxy that %s instead of opening a tunnel", async (_, answer, expected) => {
  const { fetch, received } = await startBadProxy(answer);
  const headers = { authorization: "Bearer hf_valid" };
  expect(await reasonOf(fetch("https://hub.example/", ask({ headers })))).toEqual(expected);
  expect(received).toEqual([expect.stringMatching(/^CONNECT hub\.example:443 HTTP\/1\.1\r\n/)]);
  expect(received[0]).not.toContain("hf_valid");
  await whenClosed(sockets);
});

test.each<[string, string, (socket: Socket) => unknown]>([
  ["opens no tunnel", "https://hub.example/", () => {}],
  ["opens a tunnel to nobody", "https://[2001:db8::1]:8443/", (socket) => socket.write(ESTABLISHED)],
  ["passes nothing on", "http://hub.example/", () => {}],
])("whoever asked may leave a silent proxy that %s: it hangs up", async (_, address, answer) => {
  const controller = new AbortController();
  const { fetch, received } = await startBadProxy((socket) => {
    answer(socket);
    setTimeout(() => controller.abort(), 20);
  });
  expect(await reasonOf(fetch(address, ask({ signal: controller.signal })))).toEqual(failedWith("ABORT_ERR"));
  expect(received[0]).toContain(`\r\nhost: ${new URL(address).host}`);
  await whenClosed(sockets);
});

test("a proxy is sent the whole address of http, without its fragment, and its credentials", async () => {
  const { fetch, received } = await startBadProxy((socket) =>
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"),
  );
  expect(await readText(await fetch("http://hub.example:81/a?b=c#d", ask()))).toBe("fine");
  expect(received[0]).toMatch(/^GET http:\/\/hub\.example:81\/a\?b=c HTTP\/1\.1\r\n/);
  expect(received[0]).toContain("\r\nhost: hub.example:81\r\n");
  expect(received[0]).toContain("\r\nproxy-authorization: Basic eDp5\r\n");
});

test("a proxy of http that wants credentials is an error, a host that does is an answer", async () => {
  const refuse = (status: number) => (socket: Socket) =>
    socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
  const wanting = await startBadProxy(refuse(407));
  expect(await reasonOf(wanting.fetch("http://hub.example/", ask()))).toEqual(answered(407));
  const refusing = await startBadProxy(refuse(401));
  expect(await refusing.fetch("http://hub.example/", ask())).toMatchObject({ status: 401 });
});
