/** Everything that can go wrong and is not a bug: one error class, one table of codes. */

/** The hint for any other error. */
export const BUG_HINT = "this is a bug in llm-size; please report it with the output of --debug";

export const EXIT_CODES = { fine: 0, exceeded: 1, usage: 2, unmeasurable: 3, hub: 4, bug: 70 } as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

interface ErrorRule<Context> {
  readonly exitCode: ExitCode;
  /** What happened: lower case, no full stop. */
  sentence(context: Context): string;
  /** What to do about it. */
  hint?(context: Context): string | null;
}

const rule = <Context>(row: ErrorRule<Context>): ErrorRule<Context> => row;

const { usage, unmeasurable, hub } = EXIT_CODES;
const TRY_AGAIN = "try again in a moment";

/** The likely meanings of a name that was not found. */
interface Meant {
  readonly similar?: readonly string[];
  /** A device, which someone took for a model. */
  readonly device?: string;
}

function askForMeant({ similar = [], device }: Meant): string | null {
  if (similar.length > 0) return `did you mean ${similar.join(", ")}?`;
  return device === undefined ? null : `${device} is a device: llm-size fit <model> --device ${device}`;
}

const seeHelp = (command?: string) => `see llm-size ${command === undefined ? "" : `${command} `}--help`;

interface Model {
  readonly model: string;
}

const ERRORS = {
  // The command line or the config file is wrong; nothing was fetched.
  USAGE: rule<{ message: string; hint?: string; command?: string }>({
    exitCode: usage,
    sentence: ({ message }) => message,
    hint: ({ hint, command }) => hint ?? seeHelp(command),
  }),
  INVALID_REFERENCE: rule<{ reference: string; reason: string; hint?: string }>({
    exitCode: usage,
    sentence: ({ reference, reason }) => `invalid model "${reference}": ${reason}`,
    hint: ({ hint }) =>
      hint ??
      "use a name such as gemma-2b, org/name or org/name@revision, a Hub URL, or a path such as ./folder",
  }),
  CONFIG_INVALID: rule<{
    file: string;
    /** Where in the file, as `budgets[2].maxSize`; empty for the file as a whole. */
    path: string;
    problem: string;
    hint?: string | null;
    /** The command whose help describes the file; `check` when left out. */
    command?: string;
    /** How many more problems there are. */
    others?: number;
  }>({
    exitCode: usage,
    sentence: ({ file, path, problem, others = 0 }) =>
      `${file}: ${path === "" ? "" : `${path}: `}${problem}${others > 0 ? ` (and ${others} more)` : ""}`,
    hint: ({ hint, command = "check" }) => hint ?? seeHelp(command),
  }),

  // The model cannot be measured; trying again will not help.
  MODEL_NOT_FOUND: rule<Model & Meant & { withToken?: boolean; registry?: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, withToken, registry }) =>
      registry === undefined
        ? `${model} was not found${withToken ? "" : ", or is private"}`
        : `${model} was not found at ${registry}`,
    hint: ({ withToken, registry, ...meant }) =>
      askForMeant(meant) ??
      (registry === undefined
        ? `check the spelling${withToken ? ", and that the token has access" : "; if it is private, set HF_TOKEN"}`
        : "check the name and the tag; https://ollama.com/library lists both, and --endpoint sets another registry"),
  }),
  REGISTRY_REFUSED: rule<Model & { host: string; status: number }>({
    exitCode: unmeasurable,
    sentence: ({ model, host, status }) =>
      status === 412
        ? `${host} serves ${model} only to a newer Ollama (412)`
        : `${host} did not serve ${model} without a login (${status})`,
    hint: () => "llm-size does not log in to registries; pull the model with Ollama, then use --offline",
  }),
  MANIFEST_UNSUPPORTED: rule<Model & { reason: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, reason }) => `${model} cannot be measured: ${reason}`,
  }),
  MODEL_AMBIGUOUS: rule<
    Model & { candidates: readonly { readonly id: string; readonly downloads: number | null }[] }
  >({
    exitCode: unmeasurable,
    sentence: ({ model, candidates }) =>
      `${model} is not a full name; it may mean ${candidates
        .map(({ id, downloads }) => (downloads === null ? id : `${id} (${downloads} downloads per month)`))
        .join(", ")}`,
    hint: ({ candidates: [first] }) => `use the full name, as in ${first?.id}`,
  }),
  NOT_ON_HUB: rule<Model>({
    exitCode: unmeasurable,
    sentence: ({ model }) =>
      `${model} is not a model of the Hub, which lists what others have published of one`,
    hint: () => "name the model that was quantized, as org/name",
  }),
  MODEL_GATED: rule<Model & { url: string; withToken: boolean }>({
    exitCode: unmeasurable,
    sentence: ({ model, withToken }) =>
      `${model} is gated${withToken ? ", and the token cannot access it" : ""}`,
    hint: ({ url, withToken }) =>
      withToken ? `request access at ${url}` : `accept its license at ${url} and set HF_TOKEN`,
  }),
  MODEL_DISABLED: rule<Model>({
    exitCode: unmeasurable,
    sentence: ({ model }) => `${model} has been disabled on the Hub`,
  }),
  TOKEN_INVALID: rule<Model>({
    exitCode: unmeasurable,
    sentence: ({ model }) => `the Hub refused the token, and ${model} cannot be read without one`,
    hint: () => "renew the token at https://huggingface.co/settings/tokens and set HF_TOKEN",
  }),
  REVISION_NOT_FOUND: rule<Model & { revision: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, revision }) => `revision ${revision} of ${model} was not found`,
    // LM Studio writes a quantization after @.
    hint: ({ model, revision }) =>
      /^(?:UD-)?(?:I?Q|TQ)\d\w*$/i.test(revision)
        ? `a quantization follows a colon: ${model}:${revision}`
        : "use a branch, a tag, a commit, or refs/pr/1",
  }),
  FILE_NOT_FOUND: rule<Model & { path: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, path }) => `${path} was not found in ${model}`,
  }),
  PATH_NOT_FOUND: rule<{ path: string; reason?: string }>({
    exitCode: unmeasurable,
    sentence: ({ path, reason }) => `${path} ${reason ?? "does not exist"}`,
    hint: ({ path }) =>
      /^[\w-][\w.-]*(?:\/[\w.-]+){2,}$/.test(path) ? `a file on the Hub is hf://${path}` : null,
  }),
  NOT_AVAILABLE_OFFLINE: rule<Model & Meant & { path?: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, path }) =>
      `${path === undefined ? model : `${path} of ${model}`} is not available offline`,
    hint: (meant) =>
      askForMeant(meant) ??
      "llm-size list shows the built-in models; drop --offline (or HF_HUB_OFFLINE) to use the Hub",
  }),
  NO_WEIGHTS: rule<Model & { found: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, found }) => `llm-size cannot read any weights in ${model}: ${found}`,
  }),
  MALFORMED_WEIGHTS: rule<Model & { path: string; reason: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, path, reason }) => `${model}: ${path} is malformed: ${reason}`,
  }),
  INCOMPLETE_WEIGHTS: rule<Model & { missing: readonly string[] }>({
    exitCode: unmeasurable,
    sentence: ({ model, missing }) =>
      `${model} is missing ${missing.length} of its weight files: ${missing.slice(0, 3).join(", ")}${missing.length > 3 ? " …" : ""}`,
  }),
  SEVERAL_MODELS: rule<
    Model & {
      isLocal: boolean;
      candidates: readonly { readonly path: string; readonly bytes: number }[];
    }
  >({
    exitCode: unmeasurable,
    sentence: ({ model, candidates }) =>
      `${model} contains several models or parts, and it is not clear which one is meant: ${candidates
        .slice(0, 8)
        .map(
          ({ path, bytes }) =>
            `${path} (${bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`})`,
        )
        .join(", ")}${candidates.length > 8 ? ` and ${candidates.length - 8} more` : ""}`,
    hint: ({ model, isLocal, candidates: [first] }) =>
      `name one of them: ${isLocal ? `${model}/${first?.path}` : `https://huggingface.co/${model}/blob/main/${first?.path}`}`,
  }),
  QUANTIZATION_NOT_FOUND: rule<Model & { label: string; available: readonly string[] }>({
    exitCode: unmeasurable,
    sentence: ({ model, label, available }) =>
      `quantization ${label} was not found in ${model}${available.length === 0 ? "" : `; available: ${available.slice(0, 20).join(", ")}`}`,
  }),
  RECIPE_REFUSED: rule<Model & { step: string; reason: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, step, reason }) => `${model} cannot be reduced by ${step}: ${reason}`,
  }),
  REDUCTION_REFUSED: rule<Model & { technique: string; reason: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, technique, reason }) => `${technique} does not apply to ${model}: ${reason}`,
  }),
  BUDGET_UNKNOWN: rule<Model & { quantization: string | null; reason: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, quantization, reason }) =>
      `no limit can be proposed for ${model}${quantization === null ? "" : ` at ${quantization}`}: ${reason}`,
  }),
  RANGE_IGNORED: rule<Model & { path: string }>({
    exitCode: unmeasurable,
    sentence: ({ model, path }) =>
      `${model}: the server ignores byte ranges, so reading ${path} would download the whole file`,
    hint: () => "use an endpoint that supports range requests",
  }),

  // The Hub did not answer; trying again may help.
  HUB_UNREACHABLE: rule<{ host: string; cause: string }>({
    exitCode: hub,
    sentence: ({ host, cause }) => `${host} cannot be reached (${cause})`,
    hint: ({ cause }) =>
      /CERT|SELF_SIGNED|UNABLE_TO_/.test(cause)
        ? "if a proxy signs for the Hub, set NODE_EXTRA_CA_CERTS to a file with its certificate"
        : "check the network, the proxy (HTTPS_PROXY) and HF_ENDPOINT, or use --offline",
  }),
  HUB_STALLED: rule<{ host: string; seconds: number; what: string }>({
    exitCode: hub,
    sentence: ({ host, seconds, what }) => `${host} did not deliver ${what} within ${seconds} s`,
    hint: () => TRY_AGAIN,
  }),
  HUB_FAILED: rule<{ host: string; status: number; what: string; seconds?: number | null }>({
    exitCode: hub,
    sentence: ({ host, status, what }) => `${host} answered ${status} for ${what}`,
    hint: () => TRY_AGAIN,
  }),
  HUB_ANSWER_INVALID: rule<{ host: string; what: string; reason: string }>({
    exitCode: hub,
    sentence: ({ host, what, reason }) => `${host} sent an unusable answer for ${what}: ${reason}`,
    hint: () => "a proxy or sign-in page may be in the way; check HF_ENDPOINT",
  }),
  RATE_LIMITED: rule<{
    host: string;
    seconds: number | null;
    withToken: boolean;
    /** False with --retries 0, when limits are not waited for. */
    waits: boolean;
  }>({
    exitCode: hub,
    sentence: ({ host, seconds }) =>
      `${host} limits the rate of requests${seconds === null ? "" : `; the limit resets in ${seconds} s`}`,
    hint: ({ seconds, withToken, waits }) =>
      `${withToken ? "" : "set HF_TOKEN for a higher limit, or "}${seconds === null || !waits ? "try again later" : `wait for it with --timeout ${Math.ceil(seconds / 60) + 1}m`}`,
  }),
  MODEL_TIMED_OUT: rule<Model & { seconds: number }>({
    exitCode: hub,
    sentence: ({ model, seconds }) => `${model} could not be measured within ${seconds} s`,
    hint: () => "try again, or raise --timeout",
  }),
} as const;

export type ErrorCode = keyof typeof ERRORS;
type ContextOf<Code extends ErrorCode> = Parameters<(typeof ERRORS)[Code]["sentence"]>[0];

/** A failure with a code, a sentence, an exit code, and perhaps a hint. */
export class LlmSizeError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly context: ContextOf<Code>;

  constructor(code: Code, context: ContextOf<Code>, options?: ErrorOptions) {
    super((ERRORS[code] as ErrorRule<ContextOf<Code>>).sentence(context), options);
    this.name = "LlmSizeError";
    this.code = code;
    this.context = context;
  }

  get hint(): string | null {
    return (ERRORS[this.code] as ErrorRule<ContextOf<Code>>).hint?.(this.context) ?? null;
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exitCode;
  }

  /** True where the same request may succeed later. */
  get retryable(): boolean {
    return this.exitCode === EXIT_CODES.hub;
  }
}

/** True for an error with this code. */
export function isFailure<Code extends ErrorCode>(error: unknown, code: Code): error is LlmSizeError<Code> {
  return error instanceof LlmSizeError && error.code === code;
}
