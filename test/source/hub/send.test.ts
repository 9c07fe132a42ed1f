import { describe, expect, test } from "vitest";
import { startClock, startDeadline } from "../../../src/source/hub/clock.ts";
import type { FetchResponse } from "../../../src/source/hub/fetch.ts";
import type { HubRequest } from "../../../src/source/hub/request.ts";
import { send } from "../../../src/source/hub/send.ts";
import type { Settings } from "../../../src/source/hub/settings.ts";
import { contextOf, respond, type Sent } from "./context.ts";

const MODEL = "https://hub.example/mirror/api/models/acme/model";

async function sendTo(
  answer: (sent: Sent) => FetchResponse,
  request: Partial<HubRequest> = {},
  settings: Partial<Settings> = {},
  leftBytes = 1000,
) {
  const hub = contextOf(answer, settings);
  const clock = startClock(60_000);
  const deadline = startDeadline(60_000, clock);
  try {
    const whole = { label: { model: "acme/model" }, maxBytes: 100, ...request };
    const body = await send(MODEL, { hub, request: whole, deadline, budget: { leftBytes } })
      .then((received) => new TextDecoder().decode(received.body))
      .catch((error: Error) => error);
    return { hub, body, urls: hub.sent.map(({ url }) => url) };
  } finally {
    deadline.stop();
    clock.stop();
  }
}

const redirect = (location: string) => (sent: Sent) =>
  sent.url === MODEL ? respond(302, { location }) : respond(200, {}, ["moved"]);

test("an answer is put together from its chunks", async () => {
  expect((await sendTo(() => respond(200, {}, ["a", "", "bc"]))).body).toBe("abc");
});

test("a range is requested as such; a server that sends the whole file is hung up on", async () => {
  const whole = respond(200, {}, ["abc"]);
  const { hub, body } = await sendTo(() => whole, { range: { begin: 2, end: 5 } });
  expect(hub.sent[0]?.headers).toMatchObject({
    range: "bytes=2-4",
    "user-agent": expect.stringMatching(/^llm-size\//),
  });
  expect([body, whole.isCancelled()]).toEqual(["", true]);
});

test.each([
  ["longer than allowed", { maxBytes: 2 }, "it is longer than 2 bytes"],
  ["that validation refuses", { validate: () => "it is wrong" }, "it is wrong"],
])("an answer %s is invalid", async (_, request, reason) => {
  const { body } = await sendTo(() => respond(200, {}, ["abc"]), request);
  expect(body).toMatchObject({ code: "HUB_ANSWER_INVALID", context: { host: "hub.example", reason } });
});

describe("a redirect", () => {
  test.each([
    ["of the endpoint", "https://hub.example/mirror/api/models/b/c", false],
    ["that is relative", "/mirror/api/models/b/c", false],
    ["that a mirror passed on", "https://hub.example/api/models/b/c", false],
    ["to a CDN, for a file", "https://cdn.example/file", true],
  ])("%s is followed", async (_, location, allowForeignOrigin) => {
    const { body, urls } = await sendTo(redirect(location), { allowForeignOrigin });
    expect(body).toBe("moved");
    expect(urls[1]).toBe(allowForeignOrigin ? location : "https://hub.example/mirror/api/models/b/c");
  });

  test.each([
    ["to a CDN, for anything else", "https://cdn.example/file", false, "it leads to cdn.example"],
    ["to http", "http://cdn.example/file", true, "it leads to cdn.example without encryption"],
    ["with a password", "https://me:secret@cdn.example/", true, "it leads to an address with a password"],
    ["to this machine", "https://127.0.0.1/", true, "it leads to 127.0.0.1, a private address"],
    [
      "to this machine by name",
      "https://localhost:8080/",
      true,
      "it leads to localhost:8080, a private address",
    ],
    [
      "to a cloud's metadata",
      "https://169.254.169.254/x",
      true,
      "it leads to 169.254.169.254, a private address",
    ],
    ["to a private network", "https://[fd00::1]/", true, "it leads to [fd00::1], a private address"],
    ["to nowhere", "https://", true, "it redirects to an invalid address"],
    ["to itself", MODEL, true, "it redirects in a circle"],
  ])("%s is refused", async (_, location, allowForeignOrigin, reason) => {
    const { body, urls } = await sendTo(redirect(location), { allowForeignOrigin });
    expect(body).toMatchObject({ code: "HUB_ANSWER_INVALID", context: { reason } });
    expect(new Set(urls)).toEqual(new Set([MODEL]));
  });

  test.each(["https://127.0.0.1:8080/file", "https://10.1.2.3/file"])(
    "to %s is followed where the endpoint is private itself",
    async (location) => {
      const endpoint = "http://192.168.1.5";
      const answer = ({ url }: Sent) =>
        url === location ? respond(200, {}, ["moved"]) : respond(302, { location });
      expect((await sendTo(answer, { allowForeignOrigin: true }, { endpoint })).body).toBe("moved");
    },
  );

  test("from https to http is refused, also behind an endpoint without encryption", async () => {
    const answer = ({ url }: Sent) =>
      respond(302, { location: url.startsWith("https:") ? "http://cdn.example/" : "https://cdn.example/" });
    const { body } = await sendTo(
      answer,
      { allowForeignOrigin: true },
      { endpoint: "http://hub.example/mirror" },
    );
    const reason = "it leads to cdn.example without encryption";
    expect(body).toMatchObject({ code: "HUB_ANSWER_INVALID", context: { reason } });
  });
});

test("what is left for the model ends an answer, and trying again would not help", async () => {
  const { body } = await sendTo(() => respond(200, {}, ["ab", "c"]), {}, {}, 2);
  expect(body).toMatchObject({ code: "MALFORMED_WEIGHTS", retryable: false });
});

describe("the token", () => {
  const token = "hf_secret";
  const tokensOf = (sent: readonly Sent[]) => sent.map(({ headers }) => headers["authorization"] ?? null);

  test("goes to the endpoint and not to a CDN", async () => {
    const { hub } = await sendTo(redirect("https://cdn.example/"), { allowForeignOrigin: true }, { token });
    expect(tokensOf(hub.sent)).toEqual(["Bearer hf_secret", null]);
  });

  test("that is refused is left out, and not sent again", async () => {
    const answer = ({ headers }: Sent) => respond(headers["authorization"] ? 401 : 200, {}, ["public"]);
    const { hub, body } = await sendTo(answer, {}, { token });
    expect([body, hub.tokenRefused]).toEqual(["public", true]);
    expect(tokensOf(hub.sent)).toEqual(["Bearer hf_secret", null]);
  });

  test.each([
    [200, "MODEL_NOT_FOUND"],
    [401, "TOKEN_INVALID"],
    [503, "HUB_FAILED"],
  ])("where only whoami tells: %i is %s", async (status, code) => {
    const answer = ({ url }: Sent) => respond(url.endsWith("/api/whoami-v2") ? status : 401);
    const { hub, body } = await sendTo(answer, {}, { token });
    expect(body).toMatchObject({ code });
    expect(tokensOf(hub.sent)).toEqual(["Bearer hf_secret", null, "Bearer hf_secret"]);
    expect(hub.tokenRefused).toBe(false);
  });

  test("is not in question where the Hub says what is wrong", async () => {
    const { hub, body } = await sendTo(() => respond(401, { "x-error-code": "GatedRepo" }), {}, { token });
    expect([body, hub.sent.length]).toMatchObject([{ code: "MODEL_GATED" }, 1]);
  });
});
