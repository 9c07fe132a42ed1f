import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { listCodeFiles, readCodeFile } from "../../src/files/code-tree.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-tree-"));
});

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

async function list(...paths: string[]): Promise<string[]> {
  const found: string[] = [];
  const isCode = (path: string) => path.endsWith(".py");
  for await (const { path } of listCodeFiles(paths.length > 0 ? paths : ["."], folder, isCode))
    found.push(path);
  return found;
}

describe("files of a codebase", () => {
  test("come in order, each once, without other kinds and foreign folders", async () => {
    write({
      "b.py": "",
      "a.py": "",
      "a.txt": "",
      "c/d.py": "",
      "node_modules/x/e.py": "",
      ".git/f.py": "",
      ".venv/g.py": "",
    });
    expect(await list()).toEqual(["a.py", "b.py", "c/d.py"]);
    expect(await list("c", "b.py", ".")).toEqual(["c/d.py", "b.py", "a.py"]);
  });

  test.each<[name: string, files: Record<string, string>, found: string[]]>([
    ["a pattern", { ".gitignore": "*.gen.py\n" }, ["a.py", "c/a.py"]],
    ["a folder", { ".gitignore": "c/\n" }, ["a.gen.py", "a.py"]],
    ["an anchored file", { ".gitignore": "/a.py\n" }, ["a.gen.py", "c/a.gen.py", "c/a.py"]],
    ["an exception", { ".gitignore": "*.py\n!a.py\n" }, ["a.py", "c/a.py"]],
    ["one of a deeper folder", { "c/.gitignore": "a.py\n" }, ["a.gen.py", "a.py", "c/a.gen.py"]],
    [
      "an exception of a deeper folder",
      { ".gitignore": "*.gen.py\n", "c/.gitignore": "!a.gen.py\n" },
      ["a.py", "c/a.gen.py", "c/a.py"],
    ],
    ["Windows line ends", { ".gitignore": "c/\r\n*.gen.py\r\n" }, ["a.py"]],
    [
      "a pattern of many stars, which is left out",
      { ".gitignore": `${"a*".repeat(50)}b\n` },
      ["a.gen.py", "a.py", "c/a.gen.py", "c/a.py"],
    ],
  ])("%s in .gitignore", async (_, rules, found) => {
    write({ "a.py": "", "a.gen.py": "", "c/a.py": "", "c/a.gen.py": "", ...rules });
    expect(await list()).toEqual(found);
  });

  test("the rules above a folder hold within a repository of Git, and not outside of one", async () => {
    write({ ".gitignore": "a.py\n", "c/a.py": "", "c/b.py": "" });
    expect(await list("c")).toEqual(["c/a.py", "c/b.py"]);
    write({ ".git/HEAD": "", ".git/info/exclude": "b.py\n", "c/d.py": "" });
    expect(await list("c")).toEqual(["c/d.py"]);
  });

  test("a file that is named is read whatever .gitignore says", async () => {
    write({ ".gitignore": "a.py\n", "a.py": "" });
    expect(await list("a.py")).toEqual(["a.py"]);
  });

  test("links are not followed, also not in a circle", async () => {
    write({ "a.py": "", "c/b.py": "" });
    symlinkSync("..", join(folder, "c/up"));
    symlinkSync("a.py", join(folder, "linked.py"));
    expect(await list()).toEqual(["a.py", "c/b.py"]);
  });

  test("a path that does not exist is refused", async () => {
    await expect(list("nowhere")).rejects.toMatchObject({ code: "USAGE" });
  });
});

test.each<[content: string | Uint8Array, read: object]>([
  ["text", { text: "text" }],
  [new Uint8Array([0xff, 0xfe, 0x61, 0]), { text: "a" }],
  [new Uint8Array([0x61, 0, 0x62]), { skipped: null }],
  ["too long", { skipped: "it is larger than 0.000004 MB" }],
])("%s is read as %j", (content, read) => {
  write({ "a.py": content });
  expect(readCodeFile({ path: "a.py", absolute: join(folder, "a.py") }, 4)).toEqual(read);
});
