/** The words of one command → the models that it loads. */
import type { Find, ModelName } from "./find.ts";
import { NO_NAMES } from "./resolve.ts";
import { readAddress } from "./rules/addresses.ts";
import {
  COMMAND_RULES,
  FILE_FLAGS,
  HUB_FLAGS,
  LOADERS,
  PRINTERS,
  SERVERS,
  SWITCHES,
  VLLM_IMAGE,
  type CommandRule,
} from "./rules/commands.ts";
import { readKeyed } from "./rules/keyed-text.ts";
import { isTokenizerKey } from "./rules/keys.ts";
import { readGgufLabel } from "./rules/load-options.ts";
import { findRefusal } from "./rules/look-alikes.ts";
import { isWeightFile, parseDocker, parseHubId } from "./rules/model-name.ts";
import { parseLoaded } from "./rules/naming.ts";
import type { Text } from "./syntax/program.ts";
import { cutWord } from "./syntax/shell.ts";

/** Options that say more of the model: its revision, files and kind. */
interface Details {
  readonly revision: string | null;
  readonly file: string | null;
  readonly label: string | null;
  readonly isOther: boolean;
}

/** Find the models that a command names. */
export function findInWords(words: readonly Text[]): Find[] {
  const names = words.map(({ text }) => text.slice(text.lastIndexOf("/") + 1));
  if (PRINTERS.has(names[0] ?? "")) return [];
  const details = readDetails(words);
  if (details.isOther) return [];
  return [
    ...findPositional(words, names, details),
    ...findOptions(words, names, details),
    ...findAddresses(words),
  ];
}

/** The longest first: `vllm serve` before `vllm`. */
const BY_LENGTH = COMMAND_RULES.map((rule) => ({ ...rule, starts: rule.words.split(" ") })).toSorted(
  (a, b) => b.starts.length - a.starts.length,
);

function findPositional(words: readonly Text[], names: readonly string[], details: Details): Find[] {
  for (let index = 0; index < words.length; index++) {
    // `docker run … vllm/vllm-openai:latest org/name`
    const served = words[index + 1];
    if (served && VLLM_IMAGE.test(words[index]?.text ?? "")) {
      const model = parseHubId(served.text);
      if (model && findRefusal(model.id) === null) return [buildFind(model, served, "vllm", details)];
    }
    const rule = BY_LENGTH.find(({ starts }) =>
      starts.every((word, offset) => (offset === 0 ? names[index] : words[index + offset]?.text) === word),
    );
    if (!rule) continue;
    if (rule.position === null) return [];
    const rest = listPositional(words.slice(index + rule.starts.length));
    const word = rest[rule.position];
    if (!word) return [];
    const model = parseNamed(word.text, rule);
    if (!model) return [];
    const files = rule.files ? rest.slice(rule.position + 1).map(({ text }) => text) : [];
    const found = buildFind(model, word, rule.words, details);
    if (files.length === 0) return [found];
    const weights = files.filter(isWeightFile);
    if (weights.length === 0)
      return files.some((file) => file.includes("*")) ? [found] : [{ ...found, loads: "tokenizer" }];
    return weights.map((file) => ({
      ...found,
      model: {
        ...found.model,
        file: file.includes("*") ? null : file,
        label: file.includes("*") ? readGgufLabel(file) : null,
      },
    }));
  }
  return [];
}

/** Words that are neither options nor their values. */
function listPositional(words: readonly Text[]): Text[] {
  const found: Text[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (!word) break;
    if (!word.text.startsWith("-")) found.push(word);
    else if (!word.text.includes("=") && !SWITCHES.test(word.text) && index + 1 < words.length) index++;
  }
  return found;
}

function parseNamed(text: string, { naming, pages }: CommandRule): ModelName | null {
  if (naming === "docker") return parseDocker(text);
  const model = parseLoaded(text, naming);
  if (naming !== "address" || model?.registry !== "hub")
    return model?.registry === "web" && !isWeightFile(text) ? null : model;
  if (model.file !== null && !isWeightFile(model.file)) return null;
  return (pages || model.file !== null) && findRefusal(model.id) === null ? model : null;
}

/** Find models in options: `--model-id org/name`, `--model=org/name`, `-hf org/name:Q4_K_M`. */
function findOptions(words: readonly Text[], names: readonly string[], details: Details): Find[] {
  const isLoader =
    names.some((name) => LOADERS.test(name)) ||
    words.some(({ text }) => SERVERS.test(text) && text.includes("/") && !text.startsWith("-"));
  return words.flatMap((word, index): Find[] => {
    if (!/^--?[a-z]/i.test(word.text)) return [];
    const equals = word.text.indexOf("=");
    const flag = equals === -1 ? word.text : word.text.slice(0, equals);
    const value = equals === -1 ? words[index + 1] : cutWord(word, equals + 1);
    if (!value || value.text.startsWith("-")) return [];
    if (HUB_FLAGS.has(flag)) {
      const model = parseLoaded(value.text);
      return model ? [buildFind(model, value, flag, details)] : [];
    }
    if (flag === "--model_args") return readModelArguments(value);
    if (flag === "--lora-modules") return listModules(words.slice(index + 1));
    if (flag === "-m" && /^(?:optimum-cli|mteb)$/.test(names.find((name) => LOADERS.test(name)) ?? ""))
      return keyed("model", value, flag, details, true);
    return flag.startsWith("--") || flag.length > 2
      ? keyed(flag.replace(/^-+/, ""), value, flag, details, isLoader)
      : [];
  });
}

function keyed(key: string, value: Text, flag: string, details: Details, isLoader: boolean): Find[] {
  const found = readKeyed(value, [key], { siblings: [], resolver: NO_NAMES, language: null });
  if (isLoader && /^(?:model|model[-_](?:id|path|name)|tokenizer|draft-model|hf-path)$/.test(key)) {
    const model = parseLoaded(value.text);
    if (model)
      return [
        { ...buildFind(model, value, flag, details), loads: isTokenizerKey(key) ? "tokenizer" : "weights" },
      ];
  }
  return found
    ? [
        {
          ...found,
          rule: flag,
          model: {
            ...found.model,
            revision: details.revision ?? found.model.revision,
            file: details.file ?? found.model.file,
          },
        },
      ]
    : [];
}

/** `--model_args pretrained=org/name,dtype=float16` of lm-evaluation-harness. */
function readModelArguments(value: Text): Find[] {
  const [, before = "", id = ""] = /^(.*?(?:^|,)(?:pretrained|peft)=)([^,]+)/.exec(value.text) ?? [];
  const model = id === "" ? null : parseLoaded(id);
  return model ? [buildFind(model, cutWord(value, before.length), "--model_args", NO_DETAILS)] : [];
}

/** `--lora-modules name=org/name other=org/other` of vLLM. */
function listModules(words: readonly Text[]): Find[] {
  const end = words.findIndex(({ text }) => text.startsWith("-"));
  return words.slice(0, end === -1 ? words.length : end).flatMap((word) => {
    const equals = word.text.indexOf("=");
    const value = cutWord(word, equals + 1);
    const model = parseHubId(value.text);
    return model && findRefusal(model.id) === null
      ? [buildFind(model, value, "--lora-modules", NO_DETAILS)]
      : [];
  });
}

/** Words that are addresses themselves: `hf://org/name`, `https://huggingface.co/…/resolve/…`. */
function findAddresses(words: readonly Text[]): Find[] {
  return words.flatMap((word) => {
    const equals = /^-*[\w-]+=/.exec(word.text)?.[0].length ?? 0;
    return readAddress(word) ?? readAddress(cutWord(word, equals)) ?? [];
  });
}

const NO_DETAILS: Details = { revision: null, file: null, label: null, isOther: false };

function readDetails(words: readonly Text[]): Details {
  const get = (...flags: string[]): string | null => {
    for (const [index, { text }] of words.entries()) {
      if (flags.includes(text)) return words[index + 1]?.text ?? null;
      const flag = flags.find((one) => text.startsWith(`${one}=`));
      if (flag !== undefined) return text.slice(flag.length + 1);
    }
    return null;
  };
  const type = get("--repo-type", "--repo_type");
  const pattern = get("--include");
  return {
    revision: get("--revision"),
    file: get(...FILE_FLAGS),
    label: pattern === null ? null : readGgufLabel(pattern),
    isOther: type !== null && type !== "model",
  };
}

function buildFind(model: ModelName, { at }: Text, rule: string, { revision, file, label }: Details): Find {
  return {
    model: {
      ...model,
      revision: revision ?? model.revision,
      file: file ?? model.file,
      label: file === null ? (model.label ?? label) : null,
    },
    quantization: null,
    loads: "weights",
    confidence: "sure",
    rule,
    doubt: null,
    at,
  };
}
