/** Dockerfiles, Modelfiles, `.env` files and other files of lines → the models that they name. */
import type { Find } from "./find.ts";
import { readAddress } from "./rules/addresses.ts";
import { parseLoaded } from "./rules/naming.ts";
import { findInWords } from "./find-in-words.ts";
import { scanShell, scanVariable } from "./scan-commands.ts";
import type { Text } from "./syntax/program.ts";
import { expandWord, listAssignments, splitShell } from "./syntax/shell.ts";

interface Line {
  readonly text: string;
  readonly at: number;
}

/** List lines with their offsets. */
function listLines(text: string): Line[] {
  let at = 0;
  return text.split("\n").map((line) => {
    const found = { text: line, at };
    at += line.length + 1;
    return found;
  });
}

/** List instructions: a line that ends in a backslash goes on in the next, whatever comments stand between. */
function listInstructions(text: string): Line[] {
  const found: Line[] = [];
  let parts: string[] = [];
  let start = 0;
  for (const { text: line, at } of listLines(text)) {
    const isComment = /^\s*#/.test(line);
    if (parts.length === 0 && isComment) continue;
    if (parts.length === 0) start = at;
    // A comment becomes as many blanks, which end nothing.
    parts.push(isComment ? " ".repeat(line.length + 1) : `${line}\n`);
    if (isComment || /\\[ \t\r]*$/.test(line)) continue;
    found.push({ text: parts.join(""), at: start });
    parts = [];
  }
  return parts.length === 0 ? found : [...found, { text: parts.join(""), at: start }];
}

/** Scan a Dockerfile: variables, and the commands of RUN, CMD and ENTRYPOINT. */
export function scanDockerfile(text: string): Find[] {
  const finds: Find[] = [];
  const variables = new Map<string, readonly Text[]>();
  const exec: Text[] = [];
  for (const { text: line, at } of listInstructions(text)) {
    const [whole, instruction = ""] = /^\s*([A-Za-z]+)\s+(?:--[\w-]+=\S+\s+)*/.exec(line) ?? [];
    if (whole === undefined) continue;
    const rest = line.slice(whole.length);
    const start = at + whole.length;
    switch (instruction.toUpperCase()) {
      case "ENV":
      case "ARG": {
        // `ENV KEY value` is the older form.
        const [old, key = "", space = ""] = /^([A-Za-z_]\w*)([ \t]+)(?=\S)/.exec(rest) ?? [];
        const isOld = old !== undefined && !rest.includes("=");
        const assigned = isOld
          ? [
              {
                key,
                values: [
                  {
                    kind: "text" as const,
                    text: rest.slice(key.length + space.length).trim(),
                    at: start + old.length,
                  },
                ],
              },
            ]
          : splitShell(`ENV ${rest}`, start - "ENV ".length).flatMap(listAssignments);
        for (const { key: name, values } of assigned) {
          const expanded = values.flatMap((value) => expandWord(value, variables));
          variables.set(name, expanded);
          finds.push(...expanded.flatMap((value) => scanVariable(name, value)));
        }
        break;
      }
      case "RUN":
        finds.push(...(isList(rest) ? [] : scanShell(rest, start, variables)));
        break;
      case "CMD":
      case "ENTRYPOINT":
        if (isList(rest)) exec.push(...listStrings(rest, start));
        else finds.push(...scanShell(rest, start, variables));
        break;
      case "ADD":
        finds.push(
          ...splitShell(rest, start).flatMap(({ words }) => words.flatMap((word) => readAddress(word) ?? [])),
        );
        break;
      default:
    }
  }
  const isExpanded = exec.flatMap((word) => expandWord(word, variables));
  return [...finds, ...findInWords(isExpanded)];
}

function isList(text: string): boolean {
  return /^\s*\[/.test(text);
}

/** The strings of `["vllm", "serve"]`. */
function listStrings(text: string, start: number): Text[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(({ 1: word = "", index }) => ({
    kind: "text",
    text: word,
    at: start + index + 1,
  }));
}

/** Scan a Modelfile of Ollama: `FROM llama3.2:1b`, `ADAPTER ./lora.gguf`. */
export function scanModelfile(text: string): Find[] {
  return listLines(text).flatMap(({ text: line, at }): Find[] => {
    const [whole, , written = ""] = /^(\s*FROM\s+)(\S+)\s*$/i.exec(line) ?? [];
    if (whole === undefined || /^[./~]|\.(?:gguf|bin|safetensors)$|[\\{}<>$]/i.test(written)) return [];
    const model = parseLoaded(written, "ollama");
    if (!model) return [];
    const place = at + line.indexOf(written);
    return [
      {
        model,
        quantization: null,
        loads: "weights",
        confidence: "sure",
        rule: "FROM",
        doubt: null,
        at: place,
      },
    ];
  });
}

/** Scan a Makefile: its variables, and the commands of its recipes. */
export function scanMakefile(text: string): Find[] {
  // `$(MODEL)` is what a shell writes as `${MODEL}`.
  const script = text.replaceAll(/\$\((\w+)\)/g, "${$1}");
  const variables = new Map<string, readonly Text[]>();
  const finds: Find[] = [];
  for (const { text: line, at } of listInstructions(script)) {
    const [whole, key = ""] =
      /^(?:export\s+)?([A-Za-z_]\w*)[ \t]*(?:::?|\?|\+)?=[ \t]*["']?(?=\S)/.exec(line) ?? [];
    if (whole === undefined) {
      if (/^[ \t]/.test(line))
        finds.push(
          ...scanShell(
            line.replace(/^[ \t]*[@-]+/, (start) => " ".repeat(start.length)),
            at,
            variables,
          ),
        );
      continue;
    }
    const value: Text = {
      kind: "text",
      text: line.slice(whole.length).replace(/["']?\s*(?:\s#.*)?$/s, ""),
      at: at + whole.length,
    };
    const expanded = expandWord(value, variables);
    variables.set(key, expanded);
    finds.push(...expanded.flatMap((one) => scanVariable(key, one)));
  }
  return finds;
}

/** Scan `KEY=value` lines. */
export function scanEnv(text: string): Find[] {
  const variables = new Map<string, readonly Text[]>();
  return listLines(text).flatMap(({ text: line, at }): Find[] => {
    const [whole, key = "", quote = ""] =
      /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*[=:]\s*(["']?)/.exec(line) ?? [];
    if (whole === undefined) return [];
    const rest = line.slice(whole.length);
    const end = quote === "" ? rest.search(/\s+#|\s*$/) : rest.indexOf(quote);
    const value: Text = {
      kind: "text",
      text: rest.slice(0, end === -1 ? undefined : end),
      at: at + whole.length,
    };
    const expanded = expandWord(value, variables);
    variables.set(key, expanded);
    return expanded.flatMap((one) => [
      ...scanVariable(key, one),
      ...(readAddress(one) ? [readAddress(one)].flatMap((found) => found ?? []) : []),
    ]);
  });
}

/** A quoted text behind a name: `modelId = "org/name"`, `api.model("org/name")`, `ModelConfiguration(id: "org/name")`. */
const NAMED = /([A-Za-z_]\w*)["']?\]?\s*(?::=|=>|[:=(])\s*@?"([A-Za-z\d][\w.-]*\/[\w.:-]+)"/g;

/** Scan code of another language: quoted addresses, and names behind a word that says what they are. */
export function scanQuoted(text: string): Find[] {
  const addresses = text.matchAll(
    /(["'`])((?:https?:\/\/|hf:\/\/|huggingface:\/\/|hf\.co\/|ollama:\/\/)[^"'`\s\\]{3,400})\1/g,
  );
  return [
    ...[...addresses].flatMap(
      ({ 2: address = "", index }) => readAddress({ kind: "text", text: address, at: index + 1 }) ?? [],
    ),
    ...[...text.matchAll(NAMED)].flatMap(({ 0: whole, 1: key = "", 2: name = "", index }) =>
      scanVariable(key, { kind: "text", text: name, at: index + whole.length - name.length - 1 }),
    ),
  ];
}
