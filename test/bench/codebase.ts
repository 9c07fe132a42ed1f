/** A codebase of 10,000 files to scan: one in ten is of the labelled code, and the others name no model. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FOLDER, ours, type Contender } from "./contenders.ts";
import { runProcess } from "./run.ts";

const CORPUS = fileURLToPath(new URL("../../fixtures/scan/corpus", import.meta.url));

export const CODE_FILES = 10_000;

/** Typical code, with words that a model's name could stand behind. */
const PLAIN = {
  ts: 'import { Router } from "express/router";\nexport const load = (model: string) => fetch(`/api/${model}`);\n',
  py: 'from app.models import User\n\n\ndef load(model, path="static/app"):\n    return User.load(model, path)\n',
  yaml: "services:\n  web:\n    image: org/web:1.2\n    environment:\n      MODE: production\n",
  json: '{ "name": "part", "dependencies": { "express": "^5.0.0" }, "model": "default" }\n',
} as const;

/** Scan it without a network, as one whole process. */
export async function runScan(): Promise<{ readonly files: number; readonly ms: number }> {
  const folder = join(FOLDER, "codebase");
  const labelled = readdirSync(CORPUS, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const copies = Math.ceil(CODE_FILES / 10 / labelled.length);
  for (let copy = 0; copy < copies; copy++)
    cpSync(CORPUS, join(folder, `labelled-${copy}`), { recursive: true });
  const kinds = Object.entries(PLAIN);
  for (let index = copies * labelled.length; index < CODE_FILES; index++) {
    const [ending, text] = kinds[index % kinds.length] ?? ["ts", ""];
    const part = join(folder, `part-${index % 100}`);
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, `file-${index}.${ending}`), `${text.repeat(1 + (index % 40))}`);
  }
  const scan: Contender = ours(["scan", folder, "--json", "--offline"], null);
  // Most of the models cannot be measured without a network.
  return { files: CODE_FILES, ms: (await runProcess({ ...scan, env: scan.env ?? {}, exitCodes: [3] })).ms };
}
