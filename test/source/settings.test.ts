import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expandPath, isSet, readSettings, type System } from "../../src/source/settings.ts";

/** A folder with token files; nobody's own is ever read. */
const folder = mkdtempSync(join(tmpdir(), "llm-size-settings-"));
writeFileSync(join(folder, "token"), "hf_file\n");
writeFileSync(join(folder, "other"), "  hf_other\r\n");
writeFileSync(join(folder, "blank"), " \n");
writeFileSync(join(folder, "binary"), "hf_\u0000\u0001");
mkdirSync(join(folder, "cache", "huggingface"), { recursive: true });
writeFileSync(join(folder, "cache", "huggingface", "token"), "hf_cache");

const system: System = { env: {}, cwd: folder, home: "/home/me" };

const read = (env: Record<string, string> = {}, flags = {}) =>
  readSettings({ ...system, env: { HF_HOME: join(folder, "none"), ...env } }, flags);

describe("the token", () => {
  test.each([
    ["none anywhere", {}, null],
    ["HF_TOKEN", { HF_TOKEN: "hf_env" }, "hf_env"],
    ["the older name", { HUGGING_FACE_HUB_TOKEN: "hf_old" }, "hf_old"],
    ["HF_TOKEN before the older name", { HF_TOKEN: "hf_env", HUGGING_FACE_HUB_TOKEN: "hf_old" }, "hf_env"],
    ["the environment before the file", { HF_TOKEN: "hf_env", HF_HOME: folder }, "hf_env"],
    ["the file", { HF_HOME: folder }, "hf_file"],
    ["an empty HF_TOKEN is none", { HF_TOKEN: "", HF_HOME: folder }, "hf_file"],
    ["nor is a blank one", { HF_TOKEN: " \n", HF_HOME: folder }, "hf_file"],
    ["HF_TOKEN_PATH before HF_HOME", { HF_TOKEN_PATH: join(folder, "other"), HF_HOME: folder }, "hf_other"],
    ["HF_TOKEN_PATH that leads nowhere", { HF_TOKEN_PATH: join(folder, "absent"), HF_HOME: folder }, null],
    ["HF_TOKEN_PATH that is a folder", { HF_TOKEN_PATH: folder }, null],
    ["a variable in HF_TOKEN_PATH", { HF_TOKEN_PATH: "$WHERE/other", WHERE: folder }, "hf_other"],
    ["a variable in HF_HOME", { HF_HOME: "${WHERE}", WHERE: folder }, "hf_file"],
    ["XDG_CACHE_HOME", { HF_HOME: "", XDG_CACHE_HOME: join(folder, "cache") }, "hf_cache"],
    ["a blank file", { HF_TOKEN_PATH: join(folder, "blank") }, null],
    ["a binary file", { HF_TOKEN_PATH: join(folder, "binary") }, null],
    ["white space around it", { HF_TOKEN: "  hf_env\r\n" }, "hf_env"],
    ["no header can hold it", { HF_TOKEN: "hf_é" }, null],
    ["no header can hold its length", { HF_TOKEN: "h".repeat(4_097) }, null],
    ["an older form", { HF_TOKEN: "api_org_x" }, "api_org_x"],
    [
      "no implicit token: the file is left alone",
      { HF_HOME: folder, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" },
      null,
    ],
    [
      "no implicit token: what is given is given",
      { HF_TOKEN: "hf_env", HF_HUB_DISABLE_IMPLICIT_TOKEN: "true" },
      "hf_env",
    ],
    [
      "an implicit token that is not disabled",
      { HF_HOME: folder, HF_HUB_DISABLE_IMPLICIT_TOKEN: "0" },
      "hf_file",
    ],
  ])("%s", async (_what, env, token) => {
    expect((await read(env)).token).toBe(token);
  });
});

describe("paths", () => {
  test.each([
    ["~", "/home/me"],
    ["~/x", "/home/me/x"],
    ["~\\x", "/home/me\\x"],
    ["~x", "~x"],
    ["/a/~", "/a/~"],
    ["$A/b", "/one/b"],
    ["${A}b", "/oneb"],
    ["$A$B", "/one/two"],
    ["$ABSENT/x", "$ABSENT/x"],
    ["${ABSENT}/x", "${ABSENT}/x"],
    ["a$", "a$"],
    ["$EMPTY/x", "/x"],
  ])("%s", (path, expanded) => {
    expect(expandPath(path, { ...system, env: { A: "/one", B: "/two", EMPTY: "" } })).toBe(expanded);
  });
});

describe("offline", () => {
  test.each(["1", "on", "ON", "yes", "Yes", "true", "TRUE", " 1 "])("%j is yes", async (value) => {
    expect(isSet(value)).toBe(true);
    expect((await read({ HF_HUB_OFFLINE: value })).offline).toBe(true);
  });

  test.each(["", "0", "off", "no", "false", "2", "y", "enabled", undefined])("%j is no", (value) => {
    expect(isSet(value)).toBe(false);
  });

  test.each([
    [{}, {}, false],
    [{ TRANSFORMERS_OFFLINE: "1" }, {}, true],
    [{ HF_HUB_OFFLINE: "0", TRANSFORMERS_OFFLINE: "1" }, {}, true],
    [{}, { offline: true }, true],
    [{ HF_HUB_OFFLINE: "1" }, { offline: false }, false],
  ])("%j and %j: %j", async (env, flags, offline) => {
    expect((await read(env, flags)).offline).toBe(offline);
  });
});

describe("the endpoint", () => {
  test.each([
    [{}, {}, "https://huggingface.co"],
    [{ HF_ENDPOINT: "" }, {}, "https://huggingface.co"],
    [{ HF_ENDPOINT: " https://hub.example/ " }, {}, "https://hub.example"],
    [{ HF_ENDPOINT: "https://hub.example/hf//" }, {}, "https://hub.example/hf"],
    [{ HF_ENDPOINT: "http://127.0.0.1:5000" }, {}, "http://127.0.0.1:5000"],
    [{ HF_ENDPOINT: "HTTPS://Hub.Example:443" }, {}, "https://hub.example"],
    [{ HF_ENDPOINT: "https://a.example" }, { endpoint: "https://b.example/" }, "https://b.example"],
  ])("%j and %j: %s", async (env, flags, endpoint) => {
    expect((await read(env, flags)).endpoint).toBe(endpoint);
  });

  test.each([
    "",
    "hub.example",
    "//hub.example",
    "ftp://hub.example",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://",
    "https://user:secret@hub.example",
    "https://hub.example?x=1",
    "https://hub.example#x",
  ])("%j is none", async (endpoint) => {
    await expect(read({}, { endpoint })).rejects.toMatchObject({ code: "USAGE", exitCode: 2 });
  });

  test.each([
    "https://user:secret@hub.example",
    "user:secret@hub.example",
    "https:/user:secret@hub.example",
    "https://user:a/secret@hub.example",
    "https://hub.example/?token=secret",
  ])("a secret in %s is not repeated", async (endpoint) => {
    await expect(read({ HF_ENDPOINT: endpoint })).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") }),
    );
  });
});

test.each([
  [{}, 10_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "30" }, 30_000],
  [{ HF_HUB_ETAG_TIMEOUT: "5" }, 5_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "30", HF_HUB_ETAG_TIMEOUT: "5" }, 30_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "0.5" }, 500],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "" }, 10_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "0" }, 10_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "-1" }, 10_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "soon" }, 10_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "Infinity" }, 10_000],
  [{ HF_HUB_DOWNLOAD_TIMEOUT: "1e9" }, 10_000],
])("%j waits %i ms for a silent Hub", async (env, idleTimeoutMs) => {
  expect((await read(env)).idleTimeoutMs).toBe(idleTimeoutMs);
});
