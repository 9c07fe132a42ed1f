/** YAML, JSON and TOML → the models that they name: by keys, arguments, variables and scripts. */
import type { Find } from "./find.ts";
import { findInArguments, scanShell, scanVariable } from "./scan-commands.ts";
import { keepBest, scanProgram } from "./scan-program.ts";
import { cutWord } from "./syntax/shell.ts";
import { startProgram, type Collected, type Record, type Text, type Value } from "./syntax/program.ts";
import { parseDocker } from "./rules/model-name.ts";

/** Keys whose text is a script. */
const SCRIPT =
  /^(?:run|script|scripts|before_script|after_script|command|commands|cmd|entrypoint|start|startCommand|buildCommand|entry|args|arguments|setup|install|shell|exec|inline|bash|sh|download|pull|postinstall|build|dev|serve|test)$/i;

/** Keys around variables: `env:` and `environment:`. */
const VARIABLES =
  /^(?:env|environment|envs|variables|vars|env_vars|environmentVariables|build_args|build-args|containerEnv|remoteEnv|secrets|with)$/i;

/** Scan values of a file. `hasScripts`: every text of `scripts` is one, as in package.json. */
export function scanData(values: readonly Value[]): Find[] {
  const program = startProgram();
  const finds: Find[] = [];
  for (const value of values) collect(value, [], program, finds);
  const docker = values.flatMap(findDockerModels);
  const taken = new Set(docker.map(({ at }) => at));
  const top = values.flatMap((value) => (value.kind === "record" ? value.entries : []));
  const others = [
    ...finds,
    ...scanProgram({ ...program, bindings: top.map((entry) => ({ ...entry, scope: [] })) }, null),
  ];
  return [...docker, ...keepBest(others.filter(({ at }) => !taken.has(at)))];
}

function collect(value: Value, keys: readonly string[], program: Collected, finds: Find[]): void {
  if (keys.length > 60) return;
  const last = keys.at(-1) ?? "";
  const before = keys.at(-2) ?? "";
  switch (value.kind) {
    case "text":
      if (SCRIPT.test(last) || /^scripts?$/i.test(before)) finds.push(...scanText(value));
      else program.texts.push(value);
      return;
    case "list":
      program.lists.push(value.items);
      for (const item of value.items) {
        // `environment: ["MODEL_ID=org/name"]`.
        if (item.kind === "text" && VARIABLES.test(last)) finds.push(...scanPair(item));
        collect(item, keys, program, finds);
      }
      return;
    case "record": {
      program.records.push({ ...value, scope: [] });
      finds.push(...scanContainer(value), ...scanNamedValue(value));
      for (const { key, value: inner } of value.entries) {
        if (inner.kind === "text" && VARIABLES.test(last)) finds.push(...scanVariable(key, inner));
        collect(inner, [...keys, key], program, finds);
      }
      return;
    }
    default:
  }
}

/** Offsets within a block are those of its first line; later lines are indented, so they are looked up by their count. */
function scanText({ text, at }: Text): Find[] {
  return /\s|^hf:/.test(text) ? scanShell(text, at) : [];
}

/** `- MODEL_ID=org/name` */
function scanPair(item: Text): Find[] {
  const [whole = "", key = ""] = /^([A-Za-z_]\w*)=/.exec(item.text) ?? [];
  return key === "" ? [] : scanVariable(key, cutWord(item, whole.length));
}

/** `command` and `args` of a container are one command. */
function scanContainer({ entries }: Record): Find[] {
  const get = (name: string): readonly Value[] => {
    const value = entries.find(({ key }) => key === name)?.value;
    if (value?.kind === "list") return value.items;
    return [];
  };
  const image = entries.find(({ key }) => key === "image")?.value;
  const command = [...get("entrypoint"), ...get("command"), ...get("args")];
  if (command.length === 0) return [];
  return findInArguments(image?.kind === "text" ? [image, ...command] : command);
}

/** `{ name: "MODEL_ID", value: "org/name" }` of Kubernetes. */
function scanNamedValue({ entries }: Record): Find[] {
  const get = (names: RegExp) => entries.find(({ key }) => names.test(key))?.value;
  const [name, value] = [get(/^(?:name|key)$/i), get(/^(?:value|default)$/i)];
  return name?.kind === "text" && value?.kind === "text" && /^[A-Za-z_][\w-]*$/.test(name.text)
    ? scanVariable(name.text, value)
    : [];
}

/** `models: { llm: { model: ai/smollm2 } }` of Docker Compose: every name without a host is one of Docker Hub. */
function findDockerModels(value: Value): Find[] {
  const models = getKey(value, "models");
  if (models?.kind !== "record" || !getKey(value, "services")) return [];
  return models.entries.flatMap(({ value: entry }): Find[] => {
    const written = getKey(entry, "model");
    const model = written?.kind === "text" ? parseDocker(written.text) : null;
    if (!model || written?.kind !== "text") return [];
    const { at } = written;
    return [
      {
        model,
        quantization: null,
        loads: "weights",
        confidence: "sure",
        rule: "compose models",
        doubt: null,
        at,
      },
    ];
  });
}

function getKey(value: Value, name: string): Value | undefined {
  return value.kind === "record" ? value.entries.find(({ key }) => key === name)?.value : undefined;
}
