import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createNetServer, type AddressInfo, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFetch } from "../../../src/source/hub/http-fetch.ts";
import { runBuilt } from "../../built.ts";
import { readCertificate } from "../../hub/certificate.ts";
import type { Certificate } from "../../hub/hub.ts";
import { ask, failedWith, readText, reasonOf } from "./fetching.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const servers: { close(): unknown; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Site {
  readonly url: string;
  readonly requests: IncomingMessage[];
  readonly sockets: Socket[];
}

async function serve(answer: Answer, server: Server = createServer()): Promise<Site> {
  servers.push(server);
  const site = { requests: [] as IncomingMessage[], sockets: [] as Socket[] };
  server.on("connection", (socket: Socket) => void site.sockets.push(socket));
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    site.requests.push(request);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { ...site, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

let fetch: ReturnType<typeof createFetch>;
beforeEach(() => void (fetch = createFetch("http://127.0.0.1")));

describe("an answer", () => {
  test("has a status, headers by any case of their names, and a body", async () => {
    const { url } = await serve((_, response) =>
      response.writeHead(404, { "X-Error-Code": "EntryNotFound", Link: ["<a>", "<b>"] }).end("not here"),
    );
    const response = await fetch(url, ask());
    expect(response.status).toBe(404);
    for (const name of ["x-error-code", "X-Error-Code", "X-ERROR-CODE"])
      expect(response.headers.get(name)).toBe("EntryNotFound");
    expect(response.headers.get("link")).toBe("<a>, <b>");
    expect(response.headers.get("x-none")).toBeNull();
    expect(await readText(response)).toBe("not here");
  });

  test("may be empty", async () => {
    const { url } = await serve((_, response) => response.writeHead(204).end());
    expect(await readText(await fetch(url, ask()))).toBe("");
  });

  test("that redirects is given as it is", async () => {
    const { url, requests } = await serve((_, response) =>
      response.writeHead(307, { Location: "/elsewhere" }).end(),
    );
    const response = await fetch(url, ask());
    expect(response).toMatchObject({ status: 307 });
    expect(response.headers.get("location")).toBe("/elsewhere");
    expect(requests).toHaveLength(1);
  });

  test("comes over https from who is trusted, and from nobody else", async () => {
    const serveWith = async (certificate: Certificate) => {
      const { url } = await serve((_, response) => response.end("secret"), createTlsServer(certificate));
      return url.replace("http:", "https:");
    };
    const unsigned = await serveWith(readCertificate("unsigned"));
    expect(await reasonOf(fetch(unsigned, ask()))).toEqual(failedWith("DEPTH_ZERO_SELF_SIGNED_CERT"));
    expect(await readText(await fetch(await serveWith(readCertificate("trusted")), ask()))).toBe("secret");
  });
});

describe("compression", () => {
  const compressed: Answer = ({ headers }, response) =>
    headers["accept-encoding"] === "gzip"
      ? response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync("x".repeat(100_000)))
      : response.end("as it is");

  test("is asked for and undone", async () => {
    const { url } = await serve(compressed);
    expect(await readText(await fetch(url, ask()))).toBe("x".repeat(100_000));
  });

  test("is refused of a range", async () => {
    const { url, requests } = await serve(compressed);
    const headers = { range: "bytes=0-7", "user-agent": "llm-size/1.0" };
    expect(await readText(await fetch(url, ask({ headers })))).toBe("as it is");
    expect(requests[0]?.headers).toMatchObject({ ...headers, "accept-encoding": "identity" });
  });

  test.each([
    ["cut short", gzipSync("x".repeat(100_000)).subarray(0, 60)],
    ["that is none", Buffer.from("plain text")],
  ])("%s is a failure", async (_, bytes) => {
    const { url } = await serve((__, response) =>
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(bytes),
    );
    const response = await fetch(url, ask());
    expect(await reasonOf(readText(response))).toEqual(failedWith(expect.stringMatching(/^Z_/)));
  });
});

describe("a connection that ends early", () => {
  test("before the answer", async () => {
    const { url } = await serve((_, response) => void response.socket?.resetAndDestroy());
    expect(await reasonOf(fetch(url, ask()))).toEqual(failedWith("ECONNRESET"));
  });

  test.each([
    ["of a known length", { "Content-Length": "100" }],
    ["of an unknown length", {}],
    ["of a known length, compressed", { "Content-Length": "100", "Content-Encoding": "gzip" }],
  ])("in a body %s", async (_, headers) => {
    const { url } = await serve((__, response) => {
      response.writeHead(200, headers).write(gzipSync("half of it").subarray(0, 15));
      setTimeout(() => response.destroy(), 20);
    });
    const response = await fetch(url, ask());
    expect(await reasonOf(readText(response))).toEqual(failedWith(expect.any(String)));
  });

  test("while nobody reads", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": "100" }).write("half of it");
      setTimeout(() => response.destroy(), 20);
    });
    const response = await fetch(url, ask());
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await reasonOf(readText(response))).toEqual(failedWith("ECONNRESET"));
  });
});

describe("whoever asked may leave", () => {
  test("before the answer", async () => {
    const controller = new AbortController();
    const { url, sockets } = await serve(() => controller.abort());
    expect(await reasonOf(fetch(url, ask({ signal: controller.signal })))).toEqual(failedWith("ABORT_ERR"));
    if (sockets[0]?.closed === false) await once(sockets[0], "close");
  });

  test("before the request", async () => {
    const { url, requests } = await serve((_, response) => response.end());
    const signal = AbortSignal.abort();
    expect(await reasonOf(fetch(url, ask({ signal })))).toEqual(failedWith("ABORT_ERR"));
    expect(requests).toEqual([]);
  });

  test.each([
    ["", {}],
    [" that is compressed", { "Content-Encoding": "gzip" }],
  ])("within a body%s", async (_, headers) => {
    const controller = new AbortController();
    const { url, sockets } = await serve((__, response) => {
      response.writeHead(200, headers).write(gzipSync("some of it").subarray(0, 15));
    });
    const response = await fetch(url, ask({ signal: controller.signal }));
    const reason = reasonOf(readText(response));
    controller.abort();
    expect(await reason).toEqual(failedWith(expect.any(String)));
    if (sockets[0]?.closed === false) await once(sockets[0], "close");
  });

  test.each([
    ["", {}],
    [" that is compressed", { "Content-Encoding": "gzip" }],
  ])("without the rest of a body%s: it hangs up", async (_, headers) => {
    const { url, sockets } = await serve((__, response) => {
      response.writeHead(200, headers).write(gzipSync("some of it").subarray(0, 15));
    });
    const { body } = await fetch(url, ask());
    await body?.cancel();
    const [socket] = sockets;
    if (socket?.closed === false) await once(socket, "close");
  });
});

describe("connections", () => {
  test("are used again, one after another", async () => {
    const { url, requests, sockets } = await serve((_, response) => response.end("one"));
    for (let count = 0; count < 5; count++) await readText(await fetch(url, ask()));
    expect(requests).toHaveLength(5);
    expect(sockets).toHaveLength(1);
  });

  test("are as many as there are requests at a time", async () => {
    const { url, sockets } = await serve((_, response) => setTimeout(() => response.end("one"), 20));
    const askAll = () =>
      Promise.all(Array.from({ length: 4 }, async () => readText(await fetch(url, ask()))));
    await askAll();
    await askAll();
    expect(sockets).toHaveLength(4);
  });

  test("are not shared between two fetches", async () => {
    const { url, sockets } = await serve((_, response) => response.end("one"));
    await readText(await fetch(url, ask()));
    await readText(await createFetch(url)(url, ask()));
    expect(sockets).toHaveLength(2);
  });

  test("that are kept do not keep the process", async () => {
    let answeredAt = 0;
    const { url } = await serve((_, response) => {
      answeredAt = performance.now();
      response.writeHead(404, { "X-Error-Code": "RepoNotFound" }).end("one");
    });
    expect(await runBuilt(["acme/model"], { HF_ENDPOINT: url })).toMatchObject({ exitCode: 3 });
    expect(performance.now() - answeredAt).toBeLessThan(4000); // the server keeps a connection for five seconds
  });
});

describe("what cannot be reached says why", () => {
  test("nobody listens", async () => {
    expect(await reasonOf(fetch("http://127.0.0.1:9/", ask()))).toEqual(failedWith("ECONNREFUSED"));
  });

  test("a name that is none", async () => {
    const reason = await reasonOf(fetch("http://nowhere.invalid/", ask()));
    expect(reason).toEqual(failedWith(expect.stringMatching(/^(?:ENOTFOUND|EAI_AGAIN)$/)));
  });
});

test("an answer 101 is an answer", async () => {
  const server = createRawServer(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
  );
  const { status } = await fetch(await server, ask());
  expect(status).toBe(101);
});

test("a connection that ends without an answer fails", async () => {
  expect(await reasonOf(fetch(await createRawServer(""), ask()))).toEqual(failedWith("ECONNRESET"));
});

/** A server that sends a text and ends the connection. */
async function createRawServer(text: string): Promise<string> {
  const server = createNetServer((socket) => void socket.on("error", () => {}).end(text));
  servers.push({ close: () => server.close(), closeAllConnections: () => {} });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("a name that leads to this machine", () => {
  const named = (url: string) => url.replace("127.0.0.1", "localhost");

  test("is refused where the endpoint is a public one", async () => {
    const { url, requests } = await serve((_, response) => response.end("secret"));
    const error = await reasonOf(createFetch("https://192.0.2.1")(named(url), ask()));
    expect(error).toMatchObject({
      cause: {
        message: expect.stringMatching(/^it leads to (?:127\.0\.0\.1|::1), a private address$/) as unknown,
      },
    });
    expect(requests).toEqual([]);
  });

  test.each(["http://localhost", "http://127.0.0.1", "http://10.0.0.1"])(
    "is not where it is %s",
    async (endpoint) => {
      const { url } = await serve((_, response) => response.end("fine"));
      expect(await readText(await createFetch(endpoint)(named(url), ask()))).toBe("fine");
    },
  );
});
