/** The types of the JSON contract. Written by test/contract/build-types.ts from the schemas: change those. */
import type { NoteCode } from "../notes.ts";
import type {
  Basis,
  Bound,
  Confidence,
  DeviceKind,
  Evidence,
  FileUse,
  FitOutcome,
  KvDtype,
  KvLayout,
  LoadedPart,
  Outcome,
  PackageDoubtCode,
  Registry,
  Role,
  RuleName,
  SourceName,
  Technique,
} from "./terms.ts";

/** The fields that every document begins with. */
export interface DocumentHeader {
  /** The version of this format; keys are only added within a version. */
  schemaVersion: 1;
  /** What wrote the document. */
  generator: {
    /** The program that wrote the document. */
    name: "llm-size";
    /** The version of the program. */
    version: string;
  };
}

/** The document of `llm-size`, `check` and `fit`, and of `measure`. */
export interface Report extends DocumentHeader {
  /** The models that were measured, in the order given. */
  models: ModelReport[];
  /** The models that could not be measured. */
  failures: Failure[];
  /** The result of each limit; empty without a budget. */
  verdicts: Verdict[];
  /** Whether every verdict passed; null without a budget. */
  passed: boolean | null;
  /** What was found in the code; null without `--scan`. */
  code: {
    /** The number of files that were read. */
    files: number;
    /** Files that may name models and were not read. */
    skipped: SkippedFile[];
    /** Names that are doubtful, which were not checked. */
    doubtful: CodeFind[];
    /** Names that a comment or the config file leaves out. */
    ignored: CodeFind[];
  } | null;
  /** What changed in each model since the lock file was written; empty without one. */
  changes: ModelChange[];
}

/** One measured model. */
export interface ModelReport {
  /** The model as the user wrote it. */
  reference: string;
  /** The canonical id, or the path of a local model. */
  id: string;
  /** The commit, in 40 hex digits, or of Ollama the SHA-256 of the manifest, in 64; null where there is none. */
  revision: string | null;
  /** Where the model was read from: the Hub, a cache on disk, the built-in catalog, or local files. */
  source: SourceName;
  /** What the parameters come from: the headers of all weight files, the Hub's own summary, the base model that its card names, or file sizes alone. */
  evidence: Evidence;
  /** The class in config.json, such as `GemmaForCausalLM`. */
  architecture: string | null;
  /** The `model_type` in config.json, such as `gemma`. */
  modelType: string | null;
  /** What an adapter changes and which model it belongs to; null for other models. */
  adapter: {
    /** The method of peft, such as `LORA`, `DORA` or `IA3`. */
    type: string;
    /** The rank; null for methods without one. */
    rank: number | null;
    /** The modules that it changes; empty where it has a pattern instead. */
    targets: string[];
    /** The base model, as the adapter's author wrote it. */
    base: string | null;
    /** Its parameters divided by those of the base model; null where the base was not measured. */
    shareOfBase: number | null;
  } | null;
  /** Numbers of parameters; null where they are not known. */
  parameters: {
    /** All parameters, each counted once, without scales and buffers. */
    total: number | null;
    /** The parameters that one token uses; less than the total for mixtures of experts, and without layers for multi-token prediction. */
    active: number | null;
    /** The active parameters as papers count them: without an input embedding that is not also the output head, and without vision and audio towers. */
    activeNonEmbedding: number | null;
    /** The parameters of the token embeddings. */
    embedding: number | null;
    /** The elements of everything stored, including scales and copies. */
    stored: number | null;
    /** Parameters by the dtype that they are stored in, such as `BF16`. */
    byDtype: Record<string, number>;
    /** Parameters by what they are for; null where the tensors are not known. */
    byRole: Record<Role, number> | null;
  };
  /** The size class people know the model by; null where the parameters are not known. */
  sizeClass: {
    /** The class: `2B`, `0.5B`, `350M`, `8x7B`. */
    label: string;
    /** Whether the model's name states it or the parameter count is nearest. */
    basis: "name" | "count";
  } | null;
  /** The download as published; null where its files are not known. */
  published: Published | null;
  /** The size of the weights at each quantization. */
  sizes: Size[];
  /** Files that a runtime downloads in addition to the weights; null without a file listing. */
  companions: {
    /** The files of the tokenizer. */
    tokenizer: {
      /** The sum of `files`, in bytes. */
      bytes: number;
      /** The files and their real sizes. */
      files: ModelFile[];
    };
    /** The configuration files. */
    config: {
      /** The sum of `files`, in bytes. */
      bytes: number;
      /** The files and their real sizes. */
      files: ModelFile[];
    };
  } | null;
  /** Memory, devices and download times; null unless a context length was given. */
  memory: MemoryReport | null;
  /** What a reader of the figures should know. */
  notes: {
    /** A stable code for scripts. */
    code: NoteCode;
    /** The note in words. */
    message: string;
  }[];
}

/** The download of a model as published. */
export interface Published {
  /** The format of the files, such as `safetensors`, `gguf` or `onnx`. */
  format: string;
  /** The size of the download: the sum of `files`, in bytes. */
  bytes: number;
  /** `published`: a sum of real file sizes; `computed`: a sum of tensors, without file headers. */
  basis: "published" | "computed";
  /** The files that are downloaded; empty where only the tensors are known. */
  files: ModelFile[];
  /** The vision and audio of a GGUF model, a second file (mmproj) that llama.cpp, Ollama and LM Studio also load, in bytes; null where there is none. */
  projectorBytes: number | null;
  /** The bits of these files per parameter; null where the parameters are not known. */
  bitsPerWeight: number | null;
  /** The size of all files in the repository, in bytes; null without a file listing. */
  repositoryBytes: number | null;
  /** Other downloads of the same model in the repository. */
  alternatives: {
    /** The format of the files, such as `safetensors`, `gguf` or `onnx`. */
    format: string;
    /** What sets the files apart, such as a precision: `Q4_K_M`, `fp16`. */
    label: string;
    /** The sum of `files`, in bytes. */
    bytes: number;
    /** The files that are downloaded instead. */
    files: ModelFile[];
  }[];
  /** Every other file of the repository: with `files` and `alternatives`, each is listed once. */
  otherFiles: {
    /** The path within the repository or folder, with `/`. */
    path: string;
    /** The size of the file, in bytes. */
    bytes: number;
    /** The SHA-256 of the file in hex, as the Hub states it; null where it is unknown. */
    sha256: string | null;
    /** `checkpoint`: measured; `alternative`: the same model in another form; `support`: configs, tokenizers, voices; `other-model`: a draft, an adapter, another model; `unexplained`: may belong to the model. */
    is: FileUse;
  }[];
  /** Why `bytes` may be wrong; a budget in doubt is never passed. Null where all is explained. */
  doubt: {
    /** A stable code for scripts. */
    code: PackageDoubtCode;
    /** Why the download may be another, and what to do. */
    message: string;
    /** The size with everything in doubt counted in; null where there is no bound. */
    atMostBytes: number | null;
  } | null;
}

/** The weights of a model at one quantization. */
export interface Size {
  /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
  quantization: string;
  /** The size of the weights, in bytes; null where it is unknown. */
  bytes: number | null;
  /** The bits of the size per parameter; null where it is unknown. */
  bitsPerWeight: number | null;
  /** `published`: real file sizes; `computed`: exact arithmetic on real headers; `predicted`: what a tool would write; null where the size is unknown. */
  basis: Basis | null;
  /** Half the width of a prediction's error band, relative: 0.005 is ±0.5 %; null for sizes that are not predicted from a scheme. */
  errorBand: number | null;
  /** Other exact sizes that publishers of this scheme ship, the most likely first; empty for sizes that are not predicted. */
  variants: {
    /** The choice that leads to it, such as `output head stored again`. */
    because: string;
    /** The size of the weights, in bytes. */
    bytes: number;
  }[];
  /** The vision and audio of a GGUF model, a second file (mmproj) that llama.cpp, Ollama and LM Studio also load, in bytes; null where there is none. */
  projectorBytes: number | null;
  /** The tokenizer, config and projector that a runtime also downloads, in bytes; null for levels and where unknown. */
  companionBytes: number | null;
  /** What the prediction assumes, in words. */
  assumptions: string[];
  /** Why the size is unknown; null where it is known. */
  reason: string | null;
}

/** The result of one limit for one model. */
export interface Verdict {
  /** The model as the user wrote it. */
  reference: string;
  /** The limit that was checked, by its key in the config file. */
  rule: RuleName;
  /** The quantization that was judged; null for the files as published and for rules that do not depend on it. */
  quantization: string | null;
  /** The limit, in bytes, parameters, percent or seconds, depending on the rule. */
  limit: number;
  /** The figure, in the unit of `limit`; null where it is unknown. */
  actual: number | null;
  /** Whether the figure is within the limit. */
  outcome: Outcome;
  /** Where the figure comes from: real file sizes, exact arithmetic on real headers, or a prediction; null where it is unknown. */
  basis: Basis | null;
  /** The size in the lock file that growth is measured from, in bytes; null for all other rules. */
  lockedBytes: number | null;
  /** Why the outcome is unknown, or what decided it; null where nothing needs saying. */
  reason: string | null;
  /** Why the limit is there, as written in the config file. */
  why: string | null;
  /** What the figure of memory or download time was computed for; null for all other rules. */
  conditions: {
    /** The context length, in tokens. */
    context: number | null;
    /** The number of sequences at the same time. */
    batch: number | null;
    /** The dtype of the KV cache. */
    kvDtype: KvDtype | null;
    /** Whether the KV cache uses sliding windows and compressed latents, or keeps everything. */
    layout: KvLayout | null;
    /** The draft model whose memory is added. */
    draft: string | null;
    /** How the model is trained; null where it runs. */
    train: string | null;
    /** The share of each GPU that vLLM takes; null without several GPUs. */
    gpuMemoryUtilization: number | null;
    /** The device whose limit it is. */
    device: string | null;
    /** The memory recommended for the device, in bytes. A model that needs more may pass only tightly. */
    recommendedBytes: number | null;
    /** The speed of the download, in bits per second. */
    bitsPerSecond: number | null;
  } | null;
  /** Where code names the model; empty without `--scan`. */
  places: CodePlace[];
  /** Where the config file sets the limit; null for a limit of the command line. */
  limitPlace: {
    /** The config file, relative to the working directory, with `/`. */
    path: string;
    /** The line, from 1; null in a config file that is code. */
    line: number | null;
  } | null;
}

/** A file of a model. */
export interface ModelFile {
  /** The path within the repository or folder, with `/`. */
  path: string;
  /** The size of the file, in bytes. */
  bytes: number;
  /** The SHA-256 of the file in hex, as the Hub states it; null where it is unknown. */
  sha256: string | null;
}

/** A model that could not be measured. */
export interface Failure {
  /** The model as the user wrote it. */
  reference: string;
  /** A stable code for scripts, such as `MODEL_NOT_FOUND`. */
  code: string;
  /** What went wrong, in words. */
  message: string;
  /** What to do about it; null where there is no advice. */
  hint: string | null;
  /** Whether trying again may help. */
  retryable: boolean;
}

/** The memory that a model takes while it runs. */
export interface MemoryReport {
  /** The context length, in tokens. */
  context: number;
  /** The number of sequences at the same time. */
  batch: number;
  /** The dtype of the KV cache. */
  kvDtype: KvDtype;
  /** `optimized`: windows are capped and latents stay compressed; `full`: every layer keeps every token of every head. */
  layout: KvLayout;
  /** The KV cache at this context length, in bytes, the largest of `weights`; null where the kind of attention is not known. */
  kvCacheBytes: number | null;
  /** The bytes that one more token adds to the KV cache. */
  kvCacheBytesPerToken: number | null;
  /** An estimate of activations and buffers for the largest weights, in bytes. */
  overheadBytes: number;
  /** The context length that the model was trained for, in tokens; null where there is no limit or none is known. */
  modelContext: number | null;
  /** The draft model whose memory is added; null without one. */
  draft: string | null;
  /** What each quantization needs. */
  weights: {
    /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
    quantization: string;
    /** The weights, in bytes; null where unknown. */
    bytes: number | null;
    /** The weights with tokenizer and config, in bytes; null where these are not known. */
    fetchBytes: number | null;
    /** The largest array with its scales, in bytes; null where unknown. */
    largestBytes: number | null;
    /** The KV cache as the programs for these weights keep it, in bytes; null where unknown. */
    kvCacheBytes: number | null;
    /** An estimate of activations and buffers for these weights, in bytes. */
    overheadBytes: number | null;
    /** The draft model with its KV cache and overhead, in bytes; 0 without one, null where unknown. */
    draftBytes: number | null;
    /** Weights, KV cache, overhead and draft model together, in bytes; null where unknown. */
    totalBytes: number | null;
    /** The most tokens that fit on the first device whose limit is memory; 1073741824 where the model has no limit, null where memory is not the limit or not known. */
    maxContext: number | null;
    /** The download of the weights on the first connection, in seconds. */
    downloadSeconds: number | null;
  }[];
  /** The devices of the request. */
  devices: {
    /** The name of the device for `--device` and `maxMemory`. */
    id: string;
    /** The device in words. */
    label: string;
    /** What sort of device it is; `own` for one that the user describes. */
    kind: DeviceKind;
    /** What is limited: all memory, the largest buffer, or what is kept on the device. */
    bounds: Bound;
    /** The limit, in bytes. */
    limitBytes: number;
    /** Above this, in bytes, a fit is tight. */
    recommendedBytes: number;
    /** The limit in words, such as `GPU memory`. */
    limitName: string;
    /** Where the figure comes from; null for what the user gave. */
    source: string | null;
    /** The date of the source; null for what the user gave. */
    date: string | null;
    /** The parts of a machine; null for other devices. */
    machine: {
      /** The GPUs, in their order. */
      gpus: {
        /** The name or size of the GPU. */
        id: string;
        /** Its memory, in bytes. */
        limitBytes: number;
        /** Above this, in bytes, a fit is tight. */
        recommendedBytes: number;
      }[];
      /** The RAM that a model may use, in bytes; null where none was given. */
      ramBytes: number | null;
      /** The share of each GPU that vLLM takes, as in `--gpu-memory-utilization`. */
      gpuMemoryUtilization: number;
    } | null;
  }[];
  /** Whether each quantization fits on each device. */
  fits: {
    /** The `id` of a device in `devices`. */
    device: string;
    /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
    quantization: string;
    /** `fits`; `tight`: above the recommended bytes but within the limit; `exceeds`; or `unknown`. */
    outcome: FitOutcome;
    /** The limit that decided, in words. */
    limitName: string;
    /** The most tokens that fit on the device; 1073741824 where the model has no limit, null where memory is not the limit or not known. */
    maxContext: number | null;
  }[];
  /** The quantization to take on each device, by quality. */
  recommendations: {
    /** The `id` of a device in `devices`. */
    device: string;
    /** The best quantization that fits, even tightly; null where none does. */
    quantization: string | null;
    /** `fits`; `tight`: above the recommended bytes but within the limit; `exceeds`; or `unknown`. */
    outcome: FitOutcome;
    /** What it needs of the device's limit, in bytes; null where none fits. */
    needsBytes: number | null;
    /** The most tokens that fit on the device; 1073741824 where the model has no limit, null where memory is not the limit or not known. */
    maxContext: number | null;
    /** The next better quantization, which does not fit; null where there is none. */
    better: {
      /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
      quantization: string;
      /** How much more it needs than the limit, in bytes. */
      missingBytes: number;
    } | null;
    /** The next smaller quantization, which leaves more; null where there is none. */
    safer: {
      /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
      quantization: string;
      /** `fits`; `tight`: above the recommended bytes but within the limit; `exceeds`; or `unknown`. */
      outcome: FitOutcome;
      /** The most tokens that fit on the device; 1073741824 where the model has no limit, null where memory is not the limit or not known. */
      maxContext: number | null;
    } | null;
  }[];
  /** Where each quantization lies on each machine, as its engine splits it. */
  placements: {
    /** The `id` of a device in `devices`. */
    device: string;
    /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
    quantization: string;
    /** The engine whose rules the placement follows. */
    engine: "llama.cpp" | "vllm";
    /** `fits`; `tight`: above the recommended bytes but within the limit; `exceeds`; or `unknown`. */
    outcome: FitOutcome;
    /** The load of each GPU. */
    gpus: {
      /** The layers, with the output as one; null where each GPU has a part of every layer. */
      layers: number | null;
      /** The weights, in bytes. */
      weightsBytes: number;
      /** The KV cache, in bytes. */
      kvCacheBytes: number;
      /** An estimate of the rest, with a draft model, in bytes. */
      overheadBytes: number;
    }[];
    /** The load of the host. */
    ram: {
      /** The layers, with the output as one; null where each GPU has a part of every layer. */
      layers: number | null;
      /** The weights, in bytes. */
      weightsBytes: number;
      /** The KV cache, in bytes. */
      kvCacheBytes: number;
      /** An estimate of the rest, with a draft model, in bytes. */
      overheadBytes: number;
    };
    /** How much more it needs than the parts of the machine have, in bytes. */
    missingBytes: number;
    /** The layers on GPUs, as in `--n-gpu-layers`; null where each GPU has a part of every layer. */
    gpuLayers: number | null;
    /** The layers whose experts stay in RAM. */
    expertLayersInRam: number[];
    /** The sequences of this context length that fit at once, where the engine keeps all that is left for them; else null. */
    maxSequences: number | null;
    /** Command lines that run the model so; none where it does not fit. */
    commands: string[];
  }[];
  /** What training takes on one device; null unless it was requested. */
  training: {
    /** What is trained: all weights, adapters, or adapters of 4-bit weights. */
    mode: "full" | "lora" | "qlora";
    /** The optimizer. */
    optimizer: "adamw" | "adamw-8bit" | "adafactor" | "sgd";
    /** The rank of the adapters; null where all weights are trained. */
    rank: number | null;
    /** The dtype of weights that are not quantized, and of activations. */
    dtype: "bf16" | "fp32";
    /** The parameters that are trained; null where unknown. */
    trainedParameters: number | null;
    /** The peaks of a step, without and with checkpointing; empty where they are unknown. */
    runs: {
      /** Whether each layer is computed again in the backward pass. */
      checkpointing: boolean;
      /** Weights and adapters, in bytes. */
      weightsBytes: number;
      /** Gradients, in bytes. */
      gradientBytes: number;
      /** States of the optimizer, in bytes. */
      optimizerBytes: number;
      /** An estimate of what is kept for the backward pass, with the logits, in bytes. */
      activationBytes: number;
      /** An estimate of the peak of a step, in bytes: not all parts are there at once. */
      peakBytes: number;
    }[];
    /** Whether each run fits on each device. */
    fits: {
      /** The `id` of a device in `devices`. */
      device: string;
      /** The run. */
      checkpointing: boolean;
      /** `fits`; `tight`: above the recommended bytes but within the limit; `exceeds`; or `unknown`. */
      outcome: FitOutcome;
    }[];
    /** Why the runs are unknown; null where they are known. */
    reason: string | null;
  } | null;
  /** The connections that download times are computed for. */
  connections: {
    /** The name of the speed, or the speed as given. */
    id: string;
    /** The connection in words. */
    label: string;
    /** The speed, in bits per second. */
    bitsPerSecond: number;
    /** Where the figure comes from; null for what the user gave. */
    source: string | null;
    /** The date of the source; null for what the user gave. */
    date: string | null;
  }[];
  /** How long each quantization takes on each connection, at full speed. */
  downloads: {
    /** The `id` of a connection in `connections`. */
    connection: string;
    /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
    quantization: string;
    /** The download of the weights, in seconds; null where unknown. */
    weightsSeconds: number | null;
    /** The download with tokenizer and config, in seconds; null where these are not known. */
    fetchSeconds: number | null;
  }[];
  /** Why the KV cache is unknown; null where it is known. */
  reason: string | null;
}

/** The document of `llm-size explain`. */
export interface Explanation extends DocumentHeader {
  /** The model; null where it could not be measured. */
  model: ModelReport | null;
  /** How stored tensors become parameters; null where no header could be read. */
  tensors: {
    /** Tensors that hold several parameters per element, by packing. */
    unpacked: {
      /** How the weights are packed, such as `gptq` or `mxfp4`. */
      packing: string;
      /** The number of stored tensors. */
      tensors: number;
      /** Their stored size, in bytes. */
      storedBytes: number;
      /** The parameters that they hold. */
      parameters: number;
    }[];
    /** Parameters by layer, role and stored dtype, in the order of the layers. */
    weights: {
      /** The layer, such as `model.layers.0`; null for weights outside of layers. */
      layer: string | null;
      /** What the weights do. */
      role: Role;
      /** How they are stored, such as `BF16`. */
      dtype: string;
      /** The parameters. */
      parameters: number;
    }[];
    /** Tensors that are stored but not counted as parameters, by reason, the largest first. */
    notCounted: {
      /** Why they are not parameters, such as `tied`, `scale` or `buffer`. */
      reason: string;
      /** The number of tensors. */
      tensors: number;
      /** Their elements. */
      elements: number;
      /** Their size, in bytes. */
      bytes: number;
      /** The name of one of them. */
      example: string;
    }[];
  } | null;
  /** What a tool would write, for each given scheme whose tensors are known. */
  quantized: {
    /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
    quantization: string;
    /** The tensors of the file, by name and type. */
    tensors: {
      /** The name, with `*` for numbers: `blk.*.attn_v.weight`. */
      name: string;
      /** The type, as the format calls it: `Q6_K`. */
      type: string;
      /** The layers with this type, such as `0-3,6,9`; null outside of layers. */
      layers: string | null;
      /** The number of tensors. */
      tensors: number;
      /** Their weights. */
      parameters: number;
      /** Their size, in bytes. */
      bytes: number;
    }[];
  }[];
  /** Every file in the repository. */
  files: {
    /** The files of the published download. */
    used: ModelFile[];
    /** All other files in the repository. */
    notUsed: {
      /** The path within the repository or folder, with `/`. */
      path: string;
      /** The size of the file, in bytes. */
      bytes: number;
      /** The SHA-256 of the file in hex, as the Hub states it; null where it is unknown. */
      sha256: string | null;
      /** `checkpoint`: measured; `alternative`: the same model in another form; `support`: configs, tokenizers, voices; `other-model`: a draft, an adapter, another model; `unexplained`: may belong to the model. */
      is: FileUse;
      /** Why the file is not downloaded. */
      reason: string;
    }[];
  };
  /** A comparison with the Hub's parameter count; null where it has none. */
  hub: {
    /** The Hub's own parameter count. */
    total: number;
    /** The Hub's count minus ours; null where ours is not known. */
    difference: number | null;
    /** Where the difference comes from; null where there is none. */
    reason: string | null;
  } | null;
  /** The model, where it could not be measured. */
  failures: Failure[];
}

/** The document of `llm-size reduce`. */
export interface ReductionReport extends DocumentHeader {
  /** The model; null where it could not be measured. */
  model: ModelReport | null;
  /** The student to compare with; null where none was given or it could not be measured. */
  student: ModelReport | null;
  /** What each technique would leave. */
  rows: ReductionRow[];
  /** The steps of the recipe; null where none was given. */
  recipe: {
    /** The steps, as `--apply` takes them. */
    text: string;
    /** What is left after each step. */
    steps: ReductionRow[];
  } | null;
  /** What could not be measured or done. */
  failures: Failure[];
}

/** The size of a model after one technique. */
export interface ReductionRow {
  /** The way to shrink the model. */
  technique: Technique;
  /** The variant of the technique, such as a rank or a sparsity pattern. */
  name: string;
  /** The choices that the row was computed from. */
  inputs: Record<string, string | number | boolean | null>;
  /** The parameters that are left; null where the technique does not apply. */
  parameters: number | null;
  /** The arrays in the file, for adapters; null for everything else. */
  tensors: number | null;
  /** What is left at each quantization. */
  sizes: {
    /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
    quantization: string;
    /** The size that is left to download, in bytes; null where unknown. */
    bytes: number | null;
    /** Where the size comes from: real files, exact arithmetic, or a prediction; null where unknown. */
    basis: Basis | null;
    /** Half the width of a prediction's error band, relative: 0.005 is ±0.5 %; null without one. */
    errorBand: number | null;
    /** The bytes divided by those of the model at the same quantization; for quantizations and recipes, by the published size. */
    shareOfModel: number | null;
    /** Why the size is unknown; null where it is known. */
    reason: string | null;
  }[];
  /** Shapes that change. */
  shapes: {
    /** The dimension or tensor. */
    name: string;
    /** Its dimensions before. */
    before: number[];
    /** Its dimensions after. */
    after: number[];
  }[];
  /** The computation in words and numbers. */
  arithmetic: string | null;
  /** What the bytes do not show, such as a loss of quality or speed. */
  caveat: string | null;
  /** Why the technique does not apply; null where it does. */
  reason: string | null;
}

/** The differences between two measurements of a model. */
export interface ModelChange {
  /** The model as the user wrote it. */
  reference: string;
  /** The canonical id; null where it is the same. */
  id: {
    /** The id before. */
    before: string;
    /** The id after. */
    after: string;
  } | null;
  /** The commit; null where it is the same, or not known before or after. */
  revision: {
    /** The commit before. */
    before: string;
    /** The commit after. */
    after: string;
  } | null;
  /** Figures that differ. */
  figures: {
    /** The parameters or bytes before; null where unknown. */
    before: number | null;
    /** The parameters or bytes after; null where unknown. */
    after: number | null;
    /** `parameters`, `published`, or a quantization. */
    name: string;
    /** The growth in percent; null where it cannot be computed. */
    growthPercent: number | null;
  }[];
  /** Files of the published download that differ. */
  files: {
    /** The size in bytes before; null where the file did not exist. */
    before: number | null;
    /** The size in bytes after; null where the file did not exist. */
    after: number | null;
    /** The path within the repository or folder, with `/`. */
    path: string;
  }[];
  /** Names of figures that were known in different ways before and after, such as computed and predicted. */
  notCompared: string[];
}

/** The document of `llm-size diff`. */
export interface DiffReport extends DocumentHeader {
  /** One entry per pair of models that was compared. */
  changes: ModelChange[];
  /** The models that could not be measured. */
  failures: Failure[];
}

/** The document of `llm-size list`. */
export interface CatalogList extends DocumentHeader {
  /** The built-in models, ordered by id. */
  models: {
    /** The id on the Hub. */
    id: string;
    /** Short names of the model. */
    aliases: string[];
    /** The `model_type` in config.json, such as `gemma`. */
    modelType: string | null;
    /** All parameters, each counted once. */
    parameters: number;
  }[];
}

/** The document of `llm-size cache`. */
export interface CacheReport extends DocumentHeader {
  /** The cache on disk. */
  cache: {
    /** The folder of the cache. */
    folder: string;
    /** The number of models, each at one commit. */
    entries: number;
    /** The size on disk, in bytes. */
    bytes: number;
    /** The most that the cache keeps, in bytes. */
    maxBytes: number;
    /** What this run removed; null where nothing was to be removed. */
    removed: {
      /** The number of models, each at one commit. */
      entries: number;
      /** The size on disk, in bytes. */
      bytes: number;
    } | null;
  };
}

/** The document of `llm-size find`. */
export interface FindReport extends DocumentHeader {
  /** The model whose quantizations are listed; null where it could not be measured. */
  model: {
    /** The model as the user wrote it. */
    reference: string;
    /** The canonical id, or the path of a local model. */
    id: string;
    /** The commit, in 40 hex digits, or of Ollama the SHA-256 of the manifest, in 64; null where there is none. */
    revision: string | null;
    /** Where the model was read from: the Hub, a cache on disk, the built-in catalog, or local files. */
    source: SourceName;
    /** The size class people know the model by; null where the parameters are not known. */
    sizeClass: {
      /** The class: `2B`, `0.5B`, `350M`, `8x7B`. */
      label: string;
      /** Whether the model's name states it or the parameter count is nearest. */
      basis: "name" | "count";
    } | null;
    /** What a reader of the figures should know. */
    notes: {
      /** A stable code for scripts. */
      code: NoteCode;
      /** The note in words. */
      message: string;
    }[];
    /** Its parameters; null where they are unknown. */
    parameters: number | null;
  } | null;
  /** One row per quantization, of the most downloaded repository that has it. */
  published: {
    /** The level or scheme, such as `int4` or `gguf:Q4_K_M`. */
    quantization: string;
    /** The format of its files, such as `gguf`. */
    format: string;
    /** The repository, as `org/name`. */
    id: string;
    /** The organization or user of the repository. */
    publisher: string;
    /** The commit of the repository, in 40 hex digits. */
    revision: string | null;
    /** Downloads of the repository in the last 30 days, as the Hub counts them. */
    downloads: number;
    /** The sum of its files, in bytes. */
    bytes: number;
    /** The files of this quantization. */
    files: ModelFile[];
    /** The size that llm-size predicts, or the nearest of its variants, in bytes; null where it predicts none. */
    predictedBytes: number | null;
    /** `bytes` against `predictedBytes`, relative: 0.01 is 1 % more; null without a prediction. */
    difference: number | null;
    /** Whether it fits on the device; null where none was named. */
    fit: FitOutcome | null;
    /** Why it may be another model or quantization; null where nothing says so. */
    doubt: string | null;
  }[];
  /** Repositories whose cards name the model, and that are not of it or cannot be told. */
  leftOut: {
    /** The repository, as `org/name`. */
    id: string;
    /** Downloads of the repository in the last 30 days, as the Hub counts them. */
    downloads: number;
    /** Why it is left out. */
    reason: string;
  }[];
  /** How many repositories the Hub listed, the most downloaded first. */
  listed: number;
  /** Whether the Hub may have more repositories than it listed. */
  isListCut: boolean;
  /** Rows that `--max-size` or `--fits` leaves out. */
  hidden: number;
  /** Quantizations beyond `--limit`. */
  unread: number;
  /** Why there is no result; empty where there is one. */
  failures: Failure[];
}

/** The document of `llm-size scan`. */
export interface ScanReport extends DocumentHeader {
  /** The number of files that were read. */
  files: number;
  /** Files that may name models and were not read. */
  skipped: SkippedFile[];
  /** Every place that names a model, in the order of the files. */
  finds: CodeFind[];
  /** What the code downloads: each model in each form once. Doubtful and ignored finds are left out. */
  downloads: CodeDownload[];
  /** The models that were measured. */
  models: ModelReport[];
  /** The models that could not be measured. */
  failures: Failure[];
}

/** A place in code. */
export interface CodePlace {
  /** The file, relative to the working directory, with `/`. */
  path: string;
  /** The line, from 1. */
  line: number;
  /** The column, from 1, in UTF-16 code units. */
  column: number;
}

/** A model by its name in code, and what is loaded of it. */
export interface CodeName {
  /** The model as llm-size measures it. */
  reference: string;
  /** Where it comes from: the Hub, Ollama's or Docker's registry, or a file at an address. */
  registry: Registry;
  /** The model's name there: `org/name`, `llama3.2:1b`, or the address. */
  id: string;
  /** The revision that the code asks for; null for the newest. */
  revision: string | null;
  /** The file that the code asks for; null for the model as a whole. */
  file: string | null;
  /** The quantization after a colon, such as `Q4_K_M`; null without one. */
  label: string | null;
  /** The quantization that the code asks for, such as `onnx:q8`; null for what is published. */
  quantization: string | null;
  /** What the code loads: the weights, or only the tokenizer and the config. */
  loads: LoadedPart;
}

/** A place in code that names a model. */
export interface CodeFind extends CodePlace, CodeName {
  /** How sure it is that the code loads a model of this name. */
  confidence: Confidence;
  /** How the name was recognized, such as `from_pretrained` or `key MODEL_ID`. */
  rule: string;
  /** Why it is doubtful, or what is not taken into account; null for neither. */
  doubt: string | null;
  /** The reason of an `llm-size-ignore` comment; null without one. */
  ignored: string | null;
}

/** A file of code that was not read. */
export interface SkippedFile {
  /** The file, relative to the working directory. */
  path: string;
  /** Why it was not read. */
  reason: string;
}

/** A model that code downloads. */
export interface CodeDownload extends CodeName {
  /** The size of the download, in bytes; null where it is unknown. */
  bytes: number | null;
  /** Whether the size is one of real files, computed or predicted; null where it is unknown. */
  basis: Basis | null;
  /** Why the size is unknown or may be wrong; null otherwise. */
  reason: string | null;
  /** The files of the download; empty where they are not known. */
  files: ModelFile[];
  /** Where the code names it. */
  places: CodePlace[];
}

/** The config file, as people write it. */
export interface Config {
  /** The JSON Schema of this file, for editors. */
  $schema?: string | undefined;
  /** Limits for all models, unless a budget sets its own. */
  defaults?: ConfigLimits | undefined;
  /** Models and their limits. */
  budgets?: ConfigBudget[] | undefined;
  /** Limits of models that the code of some paths names, for check --scan. */
  paths?: ConfigPath[] | undefined;
  /** Your own devices, for llm-size fit and maxMemory. */
  devices?: ConfigDevice[] | undefined;
}

/** Limits, and how a model is run. */
export interface ConfigLimits {
  /** Quantization of downloads and memory, such as int4, fp16 or onnx:q4f16. Default: the files as published. */
  quantization?: string | undefined;
  /** Which size to judge where publishers ship several: words of a variant, such as "stored again", or "main". Default: the largest. */
  variant?: string | undefined;
  /** Maximum download of the weights at the quantization, or as published without one. Examples: 1.5GB, 1500MB, 900kB, 1.4GiB or 1500000000B. */
  maxSize?: string | undefined;
  /** Maximum download of the weights as published. Examples: 1.5GB, 1500MB, 900kB, 1.4GiB or 1500000000B. */
  maxPublished?: string | undefined;
  /** Maximum parameters, including all experts. Examples: 3B, 1.5B or 350M. */
  maxParams?: string | undefined;
  /** Maximum parameters that one token uses. Examples: 3B, 1.5B or 350M. */
  maxActive?: string | undefined;
  /** Maximum size class, by its number. Examples: 7B, 0.5B, 350M or 8x7B. */
  maxClass?: string | undefined;
  /** Maximum growth of the download since the lock file was written. Examples: 2%, 0.5% or 0%. */
  maxGrowth?: string | undefined;
  /** Maximum memory: weights, KV cache at the context length, and an estimate of the overhead. Examples: 1.5GB, 1500MB, 900kB, 1.4GiB or 1500000000B, a device, or GPUs: 2x24GB, 2x24GB+64GB-ram. */
  maxMemory?: string | undefined;
  /** Maximum download time of the weights at the bandwidth. Examples: 30s, 2min or 1h. */
  maxDownloadTime?: string | undefined;
  /** Context length of maxMemory in tokens: 8192 or "8k". Default: 4096. */
  context?: number | string | undefined;
  /** Sequences at once. Default: 1. */
  batch?: number | undefined;
  /** Dtype of the KV cache. Default: bf16. */
  kvDtype?: KvDtype | undefined;
  /** Layout of the KV cache. full: no sliding windows, latents expanded. Default: optimized. */
  layout?: KvLayout | undefined;
  /** A draft model, whose memory maxMemory adds. */
  draft?: string | undefined;
  /** Let maxMemory be the peak of training, with weights in 16 bits or the quantization fp32. */
  train?: "full" | "lora" | "qlora" | undefined;
  /** The share of each GPU that vLLM takes, where maxMemory is GPUs. Default: 0.9. */
  gpuMemoryUtilization?: number | undefined;
  /** The optimizer of train. Default: adamw. */
  optimizer?: "adamw" | "adamw-8bit" | "adafactor" | "sgd" | undefined;
  /** The rank of LoRA adapters for train. Default: 16. */
  rank?: number | undefined;
  /** Whether train computes each layer again in the backward pass. Default: false. */
  checkpointing?: boolean | undefined;
  /** Network speed of maxDownloadTime, such as "50Mbps", "6MB/s" or "4g". */
  bandwidth?: string | undefined;
  /** Why these limits are there; shown with the verdicts. */
  why?: string | undefined;
}

/** The limits of a model or a pattern. */
export interface ConfigBudget extends ConfigLimits {
  /** A model, as on the command line, or a pattern with * for all models whose id matches. */
  model: string;
}

/** The limits of models that code below a path names. */
export interface ConfigPath extends ConfigLimits {
  /** A file or folder of code, or a pattern with *, relative to the working directory. */
  path: string;
  /** Why the models that this code names are left out. */
  ignore?: string | undefined;
}

/** A device of the config file. */
export interface ConfigDevice {
  /** Name for --device and maxMemory. */
  id: string;
  /** Memory that a model may use, such as 4GB. */
  memory?: string | undefined;
  /** Largest single buffer, such as 256MiB. */
  buffer?: string | undefined;
  /** Storage for the download, such as 2GB. */
  download?: string | undefined;
  /** Where the limit comes from. */
  source?: string | undefined;
  /** Date of the source. */
  date?: string | undefined;
}
