/** A program → the models that it names: by its calls, its keys, its commands and its addresses. */
import type { LoadedPart } from "../contract/terms.ts";
import type { Find, ModelName } from "./find.ts";
import { findInArguments } from "./scan-commands.ts";
import { findByKeys, type Source } from "./scan-keys.ts";
import { Resolver } from "./resolve.ts";
import { readLoadOptions } from "./rules/load-options.ts";
import { CALL_RULES, isTask, REFUSED_CALLS, type CallRule } from "./rules/calls.ts";
import { readAddress } from "./rules/addresses.ts";
import { parseLoaded } from "./rules/naming.ts";
import {
  lastName,
  type Call,
  type CodeLanguage,
  type Entry,
  type Program,
  type Text,
  type Value,
} from "./syntax/program.ts";

/** Clients of services that run a model elsewhere, and libraries that load one here. */
const HOSTED_IMPORTS =
  /^(?:openai|anthropic|@anthropic-ai|litellm|together|groq|replicate|cohere|mistralai|google\.gener\w+|@google|@openrouter|@ai-sdk|ai$|openrouter|dspy|instructor|pydantic_ai|langchain_(?:openai|groq|together|anthropic|ibm|fireworks|mistralai|aws|google\w*|nvidia\w*|cohere|xai|deepseek|openrouter|cerebras|nebius|sambanova|perplexity)|ibm_watsonx_ai|@langchain\/(?:openai|groq|anthropic|mistralai|community|ibm|cohere|aws|google[\w-]*|cerebras|deepseek|xai|openrouter|cloudflare|fireworks|together-ai)|together-ai|groq-sdk|fireworks|cerebras|boto3|crewai|agno|autogen)/;
/** The key or the address of a service. */
const SERVICE =
  /^(?:(?!HF_|HUGGING|VLLM|LLAMA|OLLAMA|TGI|LOCALAI)[A-Z\d_]+_API_(?:KEY|TOKEN|BASE)|https:\/\/(?:api\.|openrouter\.ai|[\w.-]+\/(?:api\/)?v1\b).*)$/;
const LOCAL_IMPORTS =
  /^(?:transformers|@huggingface\/transformers|@xenova\/transformers|sentence_transformers|diffusers|vllm|sglang|mlx|llama_cpp|node-llama-cpp|onnxruntime|optimum|peft|huggingface_hub|langchain_(?:huggingface|ollama)|(?:HuggingFace|FastEmbed|SentenceTransformers?|Transformers)[A-Z]\w*$|(?:ChatOllama|OllamaEmbeddings|LlamaCpp|VLLM)$|llama_index|torch|unsloth|trl|ctranslate2|faster_whisper|FlagEmbedding|fastembed|@mlc-ai|kokoro|ollama|keras|timm|open_clip|setfit|gliner|https?:\/\/.*transformers)/;

export function scanProgram(program: Program, language: CodeLanguage | null): Find[] {
  const source: Source = { program, language, resolver: new Resolver(program) };
  const loaded = program.calls.flatMap((call) => findInCall(call, source));
  const refused = listRefused(source, new Set(loaded.map(({ at }) => at)));
  const isHosted =
    (program.imports.some((name) => HOSTED_IMPORTS.test(name)) ||
      program.texts.some(({ text }) => SERVICE.test(text))) &&
    !program.imports.some((name) => LOCAL_IMPORTS.test(name));
  const { finds, weak, hostedCount } = findByKeys(source);
  const keyed = finds.map((find): Find => {
    if (find.model.registry !== "hub" || find.doubt !== null) return find;
    if (isHosted) return doubt(find, "a service may run it: the file uses a client of one");
    if (!weak.has(find.at)) return find;
    if (hostedCount > 0)
      return doubt(find, "a service may run it: the file also names models of hosted APIs");
    return weak.size > MAX_LISTED ? doubt(find, `one of ${weak.size} names in a list`) : find;
  });
  const addressed = program.texts.flatMap((text) => readAddress(text) ?? []);
  const commands = program.lists.flatMap((list) => findInArguments(list, source.resolver));
  const rest = [...commands, ...keyed, ...addressed].filter(({ at }) => !refused.has(at));
  return keepBest([...loaded, ...rest]);
}

/** More models in one file are a catalog, of which code loads few. */
const MAX_LISTED = 40;

function doubt(find: Find, why: string): Find {
  return { ...find, confidence: "doubtful", doubt: why };
}

/** Keep one find per text and form: the surest, of weights rather than of a tokenizer, and in the form that code asks for. */
export function keepBest(finds: readonly Find[]): Find[] {
  const byPlace = new Map<number, Map<string, Find>>();
  for (const find of finds) {
    const here = byPlace.get(find.at) ?? new Map<string, Find>();
    const form = formatForm(find);
    const other = here.get(form);
    if (!other || rank(find) > rank(other)) here.set(form, find);
    byPlace.set(find.at, here);
  }
  return [...byPlace.values()].flatMap((here) => {
    const best = Math.max(...[...here.values()].map(rank));
    const surest = [...here].filter(([, find]) => rank(find) === best);
    // Of one text, what asks for a quantization, a file or a revision comes before what does not.
    const detailed = surest.filter(([form]) => form !== "");
    return (detailed.length > 0 ? detailed : surest).map(([, find]) => find);
  });
}

function formatForm({ quantization, model: { file, label, revision } }: Find): string {
  return [quantization, file, label, revision].filter((part) => part !== null).join(" ");
}

function rank({ confidence, loads }: Find): number {
  return (confidence === "sure" ? 2 : 0) + (loads === "weights" ? 1 : 0);
}

function findInCall(call: Call, source: Source): Find[] {
  const last = lastName(call.callee);
  if (REFUSED_CALLS.some(([pattern]) => pattern.test(call.callee))) return [];
  const rules = CALL_RULES.filter(
    ({ names, callee, imports }) =>
      (names === "*" || names.split(" ").includes(last)) &&
      (!callee || callee.test(call.callee)) &&
      (!imports || source.program.imports.some((name) => imports.test(name))),
  );
  for (const rule of rules) {
    const found = applyRule(rule, call, source);
    if (found) return found;
  }
  return [];
}

/** Apply a rule; null where the call lacks the argument that it looks for. */
function applyRule(rule: CallRule, call: Call, source: Source): Find[] | null {
  const { position, keys = "", naming, tokenizer, task, organization } = rule;
  const filename = rule.filePosition === undefined ? undefined : call.values[rule.filePosition];
  const options = [
    ...listOptions(call, source.resolver),
    ...(filename && filename.kind !== "record" ? [{ key: "filename", value: filename }] : []),
  ];
  const names = keys.split(" ");
  const named = options.find(({ key }) => names.includes(key))?.value;
  const positional = position === null ? undefined : call.values[position];
  const value = named ?? (positional?.kind === "record" ? undefined : positional);
  if (!value) return null;
  if (task && !named && !isLoading(call, source)) return [];
  const settings = readLoadOptions(options, source.resolver.within(call.scope), source.language);
  if (settings.isOther) return [];
  return source.resolver.listTexts(value, call.scope).flatMap((text): Find[] => {
    const model = parseLoaded(text.text, naming);
    if (!model || (organization && model.registry === "hub" && !model.id.includes("/"))) return [];
    const files =
      settings.files.length > 0 && model.registry === "hub" ? settings.files : [{ file: null, label: null }];
    return files.map(({ file, label }) => ({
      model: withSettings(model, { revision: settings.revision, file, label }),
      quantization: settings.quantization,
      loads: chooseLoads(tokenizer ?? false, settings.loads),
      confidence: "sure",
      rule: call.callee.split(".").slice(-2).join("."),
      doubt: settings.note,
      at: text.at,
    }));
  });
}

function chooseLoads(isTokenizer: boolean, loads: LoadedPart): LoadedPart {
  return isTokenizer ? "tokenizer" : loads;
}

function withSettings(
  model: ModelName,
  { revision, file, label }: Pick<ModelName, "revision" | "file" | "label">,
): ModelName {
  return {
    ...model,
    revision: revision ?? model.revision,
    file: file ?? model.file,
    label: file === null ? (label ?? model.label) : null,
  };
}

/** A call of `pipeline` that loads has a task, or an argument that cannot be a prompt. */
function isLoading({ values, scope }: Call, { resolver }: Source): boolean {
  const [first] = values;
  if (first?.kind === "text") return isTask(first.text);
  const texts = resolver.listTexts(first, scope);
  return texts.length > 0 && texts.every(({ text }) => isTask(text));
}

/** The named arguments of a call, and the keys of objects among the others. */
function listOptions({ values, named, scope }: Call, resolver: Resolver): readonly Entry[] {
  return [
    ...named,
    ...values.flatMap((value) => {
      if (value.kind === "record") return value.entries;
      return value.kind === "name" ? resolver.listEntries(value.name, scope) : [];
    }),
  ];
}

/** Offsets of texts that only calls use which load no model. */
function listRefused({ program, resolver }: Source, loaded: ReadonlySet<number>): ReadonlySet<number> {
  const offsets = program.calls
    .filter(
      ({ callee, values, named }) =>
        REFUSED_CALLS.some(([pattern]) => pattern.test(callee)) ||
        isDataSet([...named, ...values.flatMap((value) => (value.kind === "record" ? value.entries : []))]),
    )
    .flatMap((call) => [...listOptions(call, resolver).map(({ value }) => value), ...call.values])
    .flatMap((value) => [...resolver.listTexts(value), ...listInner(value)])
    .map(({ at }) => at);
  return new Set(offsets.filter((at) => !loaded.has(at)));
}

function isDataSet(options: readonly Entry[]): boolean {
  return options.some(
    ({ key, value }) =>
      /^(?:repo_type|repoType|type)$/.test(key) &&
      value.kind === "text" &&
      /^(?:dataset|space)s?$/.test(value.text),
  );
}

/** All texts within a value that is written out. */
function listInner(value: Value, depth = 0): readonly Text[] {
  if (depth > 6) return [];
  if (value.kind === "text") return [value];
  if (value.kind === "list") return value.items.flatMap((item) => listInner(item, depth + 1));
  if (value.kind === "record") return value.entries.flatMap((entry) => listInner(entry.value, depth + 1));
  return [];
}
