/** The quantizations that a repository publishes, by the names of its files, its own name and its tags. */
import { groupBy } from "../group-by.ts";
import { findOnnxVariants } from "../onnx/sessions.ts";
import { sumBytes, type RepositoryFile } from "../../source/repository.ts";
import { collapseListing } from "./collapse.ts";
import { normalizeGgufLabel } from "./labels.ts";
import type { PackageFormatName } from "./format-names.ts";
import type { Unit } from "./unit.ts";

/** A model in one quantization, as one repository publishes it. */
export interface PublishedForm {
  readonly format: PackageFormatName;
  /** The schemes that it may be, the likeliest first: a name may leave open the size of its groups. */
  readonly schemes: readonly [string, ...string[]];
  readonly files: readonly RepositoryFile[];
  readonly bytes: number;
  /** Why its bytes may not be those of the model; null where nothing speaks against them. */
  readonly doubt: string | null;
}

export interface RepositoryCard {
  /** `org/name` */
  readonly id: string;
  readonly tags: readonly string[];
  readonly library: string | null;
}

/** List the forms of a repository; empty where neither names nor tags say how it is quantized. */
export function listPublishedForms(
  files: readonly RepositoryFile[],
  card: RepositoryCard,
): readonly PublishedForm[] {
  const units = collapseListing(files).units.filter(({ role }) => role === null);
  const onnx = findOnnxVariants(files, null).map((variant): PublishedForm => {
    const { dtype, bytes, files: graphs } = variant;
    return { format: "onnx", schemes: [`onnx:${dtype}`], files: graphs, bytes, doubt: null };
  });
  return [...listGguf(units), ...onnx, ...listWhole(units, card)];
}

function listGguf(units: readonly Unit[]): PublishedForm[] {
  const labelled = units.filter(({ format, label }) => format === "gguf" && label !== "");
  return [...groupBy(labelled, ({ label }) => label)].flatMap(([label, [unit, other]]) =>
    unit
      ? [
          buildForm(
            unit,
            [`gguf:${normalizeGgufLabel(label)}`],
            other ? "several of its files have this quantization" : null,
          ),
        ]
      : [],
  );
}

/** Repositories of one quantization: all weights of the root are one model. */
function listWhole(units: readonly Unit[], card: RepositoryCard): PublishedForm[] {
  const own = units.filter(({ folder, format }) => folder === "" && format !== "gguf" && format !== "onnx");
  const [unit, other] = own;
  const schemes = unit ? readSchemes(unit, card) : [];
  const [first, ...more] = schemes;
  if (!unit || first === undefined) return [];
  return [buildForm(unit, [first, ...more], other ? "it holds several sets of weights" : null)];
}

function buildForm(unit: Unit, schemes: PublishedForm["schemes"], doubt: string | null): PublishedForm {
  const { format, files, missing } = unit;
  const [lacking] = missing;
  return {
    format,
    schemes,
    files,
    bytes: sumBytes(files),
    doubt: lacking === undefined ? doubt : `it lacks ${lacking}`,
  };
}

/** The name and the tags of a repository, taken apart. */
interface Words {
  /** Of the repository, in lower case, without the organization. */
  readonly name: string;
  /** True for a tag, a library, or a word of the name. */
  readonly has: (word: string) => boolean;
  /** `4` */
  readonly bits: string | null;
  /** `-g32`; empty where it does not say. */
  readonly group: string;
}

/** Return the schemes that the name and the tags of a repository allow. */
function readSchemes({ format, label }: Unit, { id, tags, library }: RepositoryCard): readonly string[] {
  const name = id.slice(id.indexOf("/") + 1).toLowerCase();
  const names = new Set(name.split(/[-_.]/));
  const bits = /(?:^|[-_.])(?:int|w)?([2-8])-?bits?(?:[-_.]|$)/.exec(name)?.[1] ?? readTagBits(tags);
  const [, before, after] = /[-_.](?:g(?:s|roup)?-?(32|64|128)|(32|64|128)g)(?:[-_.]|$)/.exec(name) ?? [];
  const group = before ?? after;
  const words: Words = {
    name,
    has: (word) => names.has(word) || tags.includes(word) || library === word,
    bits: bits ?? null,
    group: group === undefined ? "" : `-g${group}`,
  };
  if (format === "safetensors") return TENSOR_SCHEMES.find(({ is }) => is(words))?.list(words) ?? [];
  if (format === "mlc") return pick(name, /q\df(?:16|32)(?:_1)?/).map((found) => `mlc:${found}`);
  if (format === "openvino") return pick(name, /int[48]/).map((found) => `openvino:${found}`);
  if (format === "mediapipe" || format === "litert")
    return pick(`${name}-${label}`.toLowerCase(), /(?:int|q)[48]/).map(
      (found) => `${format}:int${found.at(-1)}`,
    );
  return [];
}

const GROUPS = ["-g128", "-g64", "-g32"];

/** How safetensors files are quantized, by what publishers write; the first that applies. */
const TENSOR_SCHEMES: readonly {
  readonly is: (words: Words) => boolean;
  readonly list: (words: Words) => readonly string[];
}[] = [
  {
    // mlx-community/gemma-2b-4bit, …-mxfp4, …-mixed_3_6
    is: ({ has }) => has("mlx"),
    list({ name, bits, group }) {
      const [named] = pick(name, /mixed_\d_\d|mxfp[48]|nvfp4/);
      if (named !== undefined) return [`mlx:${named}`];
      // A group of 64 is not named: it is the default.
      return bits === null ? [] : [`mlx:${bits}bit${group === "-g64" ? "" : group}`];
    },
  },
  {
    // unsloth/gemma-2b-bnb-4bit, …-unsloth-bnb-4bit
    is: ({ has }) => has("bitsandbytes") || has("bnb"),
    list({ name, bits }) {
      if (name.includes("unsloth-bnb")) return ["bnb:unsloth-4bit"];
      return bits === "8" ? ["bnb:int8"] : bits === "4" ? ["bnb:nf4-dq", "bnb:nf4", "bnb:fp4"] : [];
    },
  },
  {
    // TheBloke/Mistral-7B-Instruct-v0.2-AWQ
    is: ({ has }) => has("awq"),
    list: ({ group }) => (group === "" ? GROUPS : [group]).map((size) => `awq:4bit${size}`),
  },
  {
    // TheBloke/Mistral-7B-Instruct-v0.2-GPTQ, …-GPTQ-Int8
    is: ({ has }) => has("gptq"),
    list({ name, bits, group }) {
      const own = bits ?? pick(name, /int[2348](?![a-z\d])/)[0]?.at(-1) ?? "4";
      return (group === "" ? [...GROUPS, "-channel"] : [group]).map((size) => `gptq:${own}bit${size}`);
    },
  },
  {
    is: ({ has }) => has("hqq"),
    list: ({ bits, group }) =>
      bits === null
        ? []
        : (group === "" ? ["-g64", "-g128"] : [group]).map((size) => `hqq:${bits}bit${size}`),
  },
  { is: ({ has }) => has("exl2") || has("exl3"), list: ({ name, has }) => listExllama(name, has("exl3")) },
  {
    // RedHatAI/…-quantized.w4a16, …-FP8-dynamic, nvidia/…-NVFP4
    is: ({ name }) => /w4a16|w8a8|fp8|nvfp4|mxfp4/.test(name),
    list({ name }) {
      if (name.includes("w4a16")) return ["ct:w4a16"];
      if (/fp8-block/.test(name)) return ["ct:fp8-block"];
      if (name.includes("fp8")) return ["ct:w8a8-fp8", "ct:fp8-block", "modelopt:fp8"];
      if (name.includes("w8a8")) return ["ct:w8a8-int8", "ct:w8a8-fp8"];
      return name.includes("nvfp4") ? ["ct:nvfp4", "modelopt:nvfp4"] : ["ct:mxfp4"];
    },
  },
];

/** `…-exl3-4.0bpw`, `…-4.0bpw-h6-exl2` */
function listExllama(name: string, isThird: boolean): readonly string[] {
  const [, bits] = /(\d(?:[._]\d{1,2})?)_?bpw/.exec(name) ?? [];
  if (bits === undefined) return [];
  const rate = bits.replace("_", ".");
  return [`${isThird ? "exl3" : "exl2"}:${rate.includes(".") ? rate : `${rate}.0`}bpw`];
}

function readTagBits(tags: readonly string[]): string | undefined {
  return tags.map((tag) => /^([2-8])-bit$/.exec(tag)?.[1]).find((bits) => bits !== undefined);
}

function pick(text: string, pattern: RegExp): readonly string[] {
  return pattern.exec(text)?.slice(0, 1) ?? [];
}
