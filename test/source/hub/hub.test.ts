import { describe, expect, test } from "vitest";
import { connectHub, rebalance } from "../../../src/source/hub/hub.ts";
import { contextOf, respond, SETTINGS, type Sent } from "./context.ts";

const request = { label: { model: "acme/model" }, maxBytes: 100 };
const URL_OF_MODEL = "https://hub.example/mirror/api/models/acme/model";

function connect(answer: (sent: Sent) => ReturnType<typeof respond>, settings = {}) {
  const context = contextOf(answer);
  const { fetch } = context;
  return { hub: connectHub({ ...SETTINGS, ...settings }, { fetch }), sent: context.sent };
}

test.each([
  [1, 64],
  [2, 32],
  [10, 6],
  [16, 4],
  [100, 4],
])("with %i models under way each may send %i requests at a time", (count, share) => {
  const limits = new Set(Array.from({ length: count }, () => ({ concurrency: 1 })));
  rebalance(limits);
  for (const { concurrency } of limits) expect(concurrency).toBe(share);
});

test("offline nothing is sent", async () => {
  const { hub, sent } = connect(() => respond(200), { offline: true });
  await expect(hub.request(URL_OF_MODEL, request)).rejects.toMatchObject({ code: "NOT_AVAILABLE_OFFLINE" });
  expect(sent).toEqual([]);
});

describe("a transient error", () => {
  const failTwice = () => {
    let tries = 0;
    return () => (tries++ < 2 ? respond(503) : respond(200, {}, ["fine"]));
  };

  test("is retried", async () => {
    const { hub, sent } = connect(failTwice(), { retries: 4 });
    await hub.request(URL_OF_MODEL, request);
    expect(sent).toHaveLength(3);
  });

  test("is an error without retries", async () => {
    const { hub } = connect(failTwice());
    await expect(hub.request(URL_OF_MODEL, request)).rejects.toMatchObject({ code: "HUB_FAILED" });
  });

  test("sends a retry to the address itself and not to the shortcut", async () => {
    const shortcut = "https://hub.example/mirror/elsewhere";
    const { hub, sent } = connect(failTwice(), { retries: 4 });
    await hub.request(URL_OF_MODEL, { ...request, shortcut });
    expect(sent.map(({ url }) => url)).toEqual([shortcut, URL_OF_MODEL, URL_OF_MODEL]);
  });
});

test("a model's deadline also ends computing, which keeps timers from firing", async () => {
  const { hub } = connect(() => respond(200), { timeoutMs: 30 });
  const compute = hub.withDeadline(async (own) => {
    for (;;) own.checkTime("acme/model");
  });
  await expect(compute).rejects.toMatchObject({ code: "MODEL_TIMED_OUT", context: { model: "acme/model" } });
  expect(() => hub.checkTime("acme/model")).not.toThrow();
});

test("a model's deadline ends what is under way", async () => {
  const { hub } = connect(() => respond(503), { retries: 4, timeoutMs: 700 });
  await expect(hub.withDeadline((own) => own.request(URL_OF_MODEL, request))).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:HUB_FAILED|MODEL_TIMED_OUT)$/),
  });
});

test("all answers for one model together have a limit, and the next model has its own", async () => {
  const megabyte = new Uint8Array(1e6);
  const { hub } = connect(() => respond(200, {}, [megabyte]));
  const ask = (times: number) =>
    hub.withDeadline(async (own) => {
      for (let asked = 0; asked < times; asked++)
        await own.request(URL_OF_MODEL, { ...request, maxBytes: megabyte.length });
    });
  await ask(256);
  await ask(256);
  await expect(ask(257)).rejects.toMatchObject({
    code: "MALFORMED_WEIGHTS",
    message: expect.stringMatching(/longer than 256000000 bytes in all$/) as unknown,
  });
});
