import { expect, test } from "vitest";
import { mayBePointer, parseLfsPointer } from "../../src/source/lfs-pointer.ts";

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d".repeat(32)}\nsize 438044671\n`;

test.each([
  ["as git-lfs writes it", POINTER, 438_044_671],
  ["of older tools", POINTER.replace("git-lfs.github.com", "hawser.github.com"), 438_044_671],
  ["with an extension", POINTER.replace("oid", "ext-0-x sha256:00\noid"), 438_044_671],
  ["without a size", POINTER.replace("size", "length"), null],
  ["of another hash", POINTER.replace("sha256", "md5"), null],
  ["beyond 2^53", POINTER.replace("438044671", "9999999999999999"), null],
  ["too long", POINTER + " ".repeat(1024), null],
  ["a text", "hello", null],
])("a pointer %s", (_, text, bytes) => {
  expect(parseLfsPointer(text)).toBe(bytes);
});

test.each([
  ["model.safetensors", POINTER.length, true],
  ["README.md", POINTER.length, false],
  ["model.safetensors", 5000, false],
  ["model.safetensors", 0, false],
])("%s of %d bytes may be one: %s", (name, bytes, expected) => {
  expect(mayBePointer(name, bytes)).toBe(expected);
});
