import { describe, expect, test } from "vitest";
import { readProxies } from "../../../src/source/hub/proxy.ts";

const HUB = "https://huggingface.co";
const find = (env: Record<string, string>, address: string, endpoint = address) =>
  readProxies(env, endpoint)(new URL(address));

test.each<[string, Record<string, string>, string, string | null]>([
  ["none", {}, HUB, null],
  ["of https", { HTTPS_PROXY: "http://a:1" }, HUB, "http://a:1/"],
  [
    "of https, in small letters first",
    { HTTPS_PROXY: "http://b:1", https_proxy: "http://a:1" },
    HUB,
    "http://a:1/",
  ],
  ["empty in small letters", { HTTPS_PROXY: "http://a:1", https_proxy: " " }, HUB, "http://a:1/"],
  ["of all", { ALL_PROXY: "http://a:1" }, HUB, "http://a:1/"],
  ["of all, after its own", { all_proxy: "http://b:1", HTTPS_PROXY: "http://a:1" }, HUB, "http://a:1/"],
  ["of http", { HTTP_PROXY: "http://a:1" }, "http://mirror", "http://a:1/"],
  ["of http, for https", { HTTP_PROXY: "http://a:1" }, HUB, null],
  ["of https, for http", { HTTPS_PROXY: "http://a:1" }, "http://mirror", null],
  ["without a scheme", { HTTPS_PROXY: "a:1" }, HUB, "http://a:1/"],
  ["that is encrypted", { HTTPS_PROXY: "https://a" }, HUB, "https://a/"],
])("the proxy %s", (_, env, address, expected) => {
  expect(find(env, address)?.url.href ?? null).toBe(expected);
});

test("an endpoint of http takes its proxy to a CDN of https too", () => {
  expect(find({ HTTP_PROXY: "a:1" }, "https://cdn", "http://mirror")?.url.href).toBe("http://a:1/");
});

test.each<[string, string, boolean]>([
  ["*", HUB, true],
  ["huggingface.co", HUB, true],
  ["HuggingFace.co", HUB, true],
  ["example.com, huggingface.co", HUB, true],
  ["example.com huggingface.co", HUB, true],
  ["huggingface.co", "https://cdn-lfs.huggingface.co", true],
  [".huggingface.co", "https://cdn-lfs.huggingface.co", true],
  ["*.huggingface.co", "https://cdn-lfs.huggingface.co", true],
  [".huggingface.co", HUB, true],
  ["face.co", HUB, false],
  ["huggingface.com", HUB, false],
  ["cdn-lfs.huggingface.co", HUB, false],
  ["huggingface.co:443", HUB, true],
  ["huggingface.co:8443", HUB, false],
  ["huggingface.co:8443", "https://huggingface.co:8443", true],
  ["mirror:80", "http://mirror", true],
  ["127.0.0.1", "http://127.0.0.1:8080", true],
  ["[::1]:8080", "http://[::1]:8080", true],
  [" , .,", HUB, false],
])("NO_PROXY=%s goes around the proxy to %s: %s", (exceptions, address, expected) => {
  expect(find({ ALL_PROXY: "a:1", NO_PROXY: exceptions }, address) === null).toBe(expected);
});

describe("credentials", () => {
  test.each([
    ["al%2Fice:pa%25ss%40word@", "al/ice:pa%ss@word"],
    ["alice@", "alice:"],
    [":token@", ":token"],
    ["alice:p%C3%A4ss@", "alice:päss"],
  ])("%s are sent unescaped, and are not in the address", (written, sent) => {
    expect(find({ HTTPS_PROXY: `http://${written}a:1` }, HUB)).toEqual({
      url: new URL("http://a:1"),
      headers: { "proxy-authorization": `Basic ${Buffer.from(sent).toString("base64")}` },
    });
  });

  test("are sent only where there are some", () => {
    expect(find({ HTTPS_PROXY: "http://a:1" }, HUB)?.headers).toEqual({});
  });
});
