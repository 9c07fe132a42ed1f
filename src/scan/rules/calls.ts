/** Calls that load a model, and calls whose names are something else. */

/** How the text of a call is read: as an id of the Hub, or of one of the tools that have their own names. */
export type Naming =
  "hub" | "sentence-transformers" | "mlc" | "faster-whisper" | "prefixed" | "ollama" | "address";

export interface CallRule {
  /** The last part of the callee; `*` for any. */
  readonly names: string;
  /** The callee as a whole, where its last part is used by others too. */
  readonly callee?: RegExp;
  /** The position of the model among the arguments; null where it is always named. */
  readonly position: number | null;
  /** Names that its argument, or the key of an object among the arguments, may have. */
  readonly keys?: string;
  readonly naming?: Naming;
  /** The position of the file within the repository. */
  readonly filePosition?: number;
  /** Only the tokenizer or the config is loaded. */
  readonly tokenizer?: true;
  /** The first argument is a task; a call with any other is not one that loads. */
  readonly task?: true;
  /** A module that the file has to import. */
  readonly imports?: RegExp;
  /** Two parts are needed, as one alone names something else. */
  readonly organization?: true;
}

const TRANSFORMERS_KEYS =
  "pretrained_model_name_or_path model_name_or_path model_name model_id repo_id model";

/** The first row that matches counts. */
export const CALL_RULES: readonly CallRule[] = [
  {
    names: "from_pretrained",
    callee:
      /(?:Tokenizer\w*|Processor\w*|ImageProcessor\w*|FeatureExtractor\w*|Config|GenerationConfig|Scheduler\w*)\.from_pretrained$/,
    position: 0,
    keys: TRANSFORMERS_KEYS,
    tokenizer: true,
  },
  // PEFT's first argument is the base model.
  {
    names: "from_pretrained",
    callee: /(?:Peft\w*Model\w*|PeftModel\w*|PeftMixedModel)\.from_pretrained$/,
    position: 1,
    keys: "model_id",
  },
  // `DatasetDict.from_pretrained` and the like of other libraries.
  { names: "from_pretrained fromPretrained", position: 0, keys: TRANSFORMERS_KEYS },
  { names: "from_hub fromHub from_hf_hub from_hf", position: 0, keys: `${TRANSFORMERS_KEYS} id` },
  { names: "pipeline", position: 1, keys: "model", task: true },
  { names: "AutoPipeline", position: 0, keys: "model" },
  {
    names:
      "SentenceTransformer CrossEncoder SparseEncoder SentenceTransformerEmbeddings SentenceTransformerEmbeddingFunction SentenceTransformersTokenTextSplitter",
    position: 0,
    keys: "model_name_or_path model_name model",
    naming: "sentence-transformers",
  },
  { names: "Transformer", callee: /models\.Transformer$/, position: 0, keys: "model_name_or_path" },
  {
    names:
      "HuggingFaceEmbeddings HuggingFaceBgeEmbeddings HuggingFaceInstructEmbeddings HuggingFaceEmbedding HuggingFaceCrossEncoder HuggingFaceTransformersEmbeddings OptimumEmbedding FlagEmbeddingReranker SentenceTransformerRerank HuggingFaceLLM HuggingFaceMultiModal",
    position: 0,
    keys: "model_name model model_id modelName",
    naming: "sentence-transformers",
  },
  {
    names: "HuggingFaceLLM",
    position: null,
    keys: "tokenizer_name",
    tokenizer: true,
  },
  {
    names:
      "SFTTrainer DPOTrainer GRPOTrainer RewardTrainer KTOTrainer ORPOTrainer CPOTrainer RLOOTrainer GKDTrainer",
    position: 0,
    keys: "model",
    organization: true,
  },
  { names: "from_model_id", position: null, keys: "model_id" },
  {
    names: "FlagModel FlagLLMModel FlagReranker FlagLLMReranker BGEM3FlagModel FlagICLModel FlagAutoModel",
    position: 0,
    keys: "model_name_or_path",
    organization: true,
  },
  { names: "from_finetuned", position: 0, keys: "model_name_or_path", organization: true },
  {
    names: "TextEmbedding SparseTextEmbedding LateInteractionTextEmbedding ImageEmbedding TextCrossEncoder",
    position: 0,
    keys: "model_name",
    organization: true,
  },
  {
    names: "INSTRUCTOR Instructor ColBERT ColBERTer LateInteraction SetFitModel GLiNER",
    position: 0,
    keys: "model_name_or_path",
    organization: true,
  },
  {
    names: "KeyBERT BERTopic",
    position: null,
    keys: "model embedding_model",
    naming: "sentence-transformers",
  },
  {
    names: "load load_model",
    callee:
      /(?:BERTopic|SequenceTagger|TextClassifier|Classifier|WhisperX?|GLiNER|SpanMarkerModel)\.load(?:_model)?$/,
    position: 0,
    organization: true,
  },
  {
    names: "load stream_load",
    imports: /^mlx_(?:lm|vlm|embeddings|audio)/,
    position: 0,
    keys: "path_or_hf_repo",
    organization: true,
  },
  {
    names: "transcribe",
    imports: /^mlx_whisper/,
    position: null,
    keys: "path_or_hf_repo",
    organization: true,
  },
  { names: "from_hparams foreign_class", position: null, keys: "source", organization: true },
  {
    names: "WhisperModel BatchedInferencePipeline",
    position: 0,
    keys: "model_size_or_path",
    naming: "faster-whisper",
  },
  { names: "download_model", imports: /^faster_whisper/, position: 0, naming: "faster-whisper" },
  {
    names: "LLM AsyncEngineArgs EngineArgs",
    position: 0,
    keys: "model",
    organization: true,
    imports: /^(?:vllm|tensorrt_llm|sglang|aphrodite)/,
  },
  {
    names: "Engine Runtime ServerArgs",
    imports: /^(?:sglang|sgl)/,
    position: null,
    keys: "model_path",
    organization: true,
  },
  { names: "LoRARequest", position: 2, keys: "lora_path lora_local_path", organization: true },
  { names: "VLLM", position: null, keys: "model", organization: true },
  { names: "TransformersModel MLXModel VLLMModel", position: 0, keys: "model_id", organization: true },
  {
    names: "pipeline turbomind_engine",
    imports: /^lmdeploy/,
    position: 0,
    keys: "model_path",
    organization: true,
  },
  {
    names: "hf_hub_download hfHubDownload try_to_load_from_cache cached_file hf_hub_url cached_download",
    position: 0,
    filePosition: 1,
    keys: "repo_id repo repoId path_or_repo_id",
    organization: true,
  },
  {
    names: "snapshot_download snapshotDownload",
    position: 0,
    keys: "repo_id repo repoId",
    organization: true,
  },
  {
    names: "downloadFile downloadFileToCacheDir modelInfo model_info",
    position: null,
    keys: "repo name repo_id",
    organization: true,
  },
  {
    names: "load_lora_weights load_textual_inversion load_ip_adapter load_lora_adapter load_adapter",
    position: 0,
    keys: "pretrained_model_name_or_path_or_dict pretrained_model_name_or_path peft_model_id",
    organization: true,
  },
  { names: "fuse_lora", position: null, keys: "lora_id", organization: true },
  { names: "Text2Image StableDiffusion FluxPipeline", position: null, keys: "model_id" },
  {
    names:
      "create_model create_model_and_transforms create_model_from_pretrained get_tokenizer load_model from_pretrained_keras",
    position: 0,
    naming: "prefixed",
  },
  { names: "from_single_file", position: 0, naming: "address" },
  {
    names: "CreateMLCEngine CreateServiceWorkerMLCEngine CreateExtensionServiceWorkerMLCEngine",
    position: 0,
    naming: "mlc",
  },
  { names: "CreateWebWorkerMLCEngine", position: 1, naming: "mlc" },
  { names: "reload", position: 0, naming: "mlc" },
  { names: "MLCEngine AsyncMLCEngine", position: 0, keys: "model", naming: "mlc" },
  { names: "ChatWebLLM WebLLM", position: null, keys: "model", naming: "mlc" },
  {
    names:
      "ChatOllama OllamaEmbeddings OllamaLLM Ollama OllamaEmbedding OllamaFunctions OllamaChatGenerator OllamaGenerator",
    position: 0,
    keys: "model model_name modelName",
    naming: "ollama",
  },
  {
    names: "chat generate embed embeddings pull show create",
    callee: /(?:^|\.)(?:ollama|ollama_client|ollamaClient)\.\w+$/,
    position: 0,
    keys: "model",
    naming: "ollama",
  },
  { names: "chat generate embed pull", imports: /^ollama$/, position: null, keys: "model", naming: "ollama" },
  { names: "ollama", position: 0, naming: "ollama" },
  {
    names: "*",
    callee:
      /(?:^|\.)(?:SentenceTransformers|Transformers|HuggingFaceLocal|FastEmbed|Fastembed|Optimum)[A-Z]\w*$/,
    position: null,
    keys: "model model_name model_id model_name_or_path",
    naming: "sentence-transformers",
  },
  { names: "createModelDownloader resolveModelFile", position: 0, keys: "modelUri", naming: "address" },
];

/** Tasks of transformers and transformers.js. `pipeline(prompt)` calls a pipeline that was loaded before. */
const TASKS: ReadonlySet<string> = new Set(
  (
    "any-to-any audio-classification automatic-speech-recognition background-removal conversational depth-estimation document-question-answering embeddings " +
    "feature-extraction fill-mask image-classification image-feature-extraction image-segmentation image-text-to-text image-to-image " +
    "image-to-text image-to-3d keypoint-matching mask-generation multimodal-generation ner object-detection promptable-concept-segmentation question-answering " +
    "sentiment-analysis summarization table-question-answering text-classification text-generation text-to-audio text-to-speech text-to-image " +
    "text2text-generation token-classification translation video-classification visual-question-answering vqa zero-shot-audio-classification " +
    "zero-shot-classification zero-shot-image-classification zero-shot-object-detection"
  ).split(" "),
);

export function isTask(text: string): boolean {
  return TASKS.has(text) || /^translation_\w+_to_\w+$/.test(text);
}

/** Calls whose texts are data sets, uploads, kernels, code of GitHub, or models that a service runs. */
export const REFUSED_CALLS: readonly (readonly [callee: RegExp, what: string])[] = [
  [
    /(?:^|\.)(?:load_dataset|load_dataset_builder|get_dataset_\w+|dataset_info|DatasetInfo|interleave_datasets|list_datasets|listDatasets|datasetInfo)$/,
    "a data set",
  ],
  [/^(?:evaluate|datasets?|metrics)\.load$|(?:^|\.)load_metric$/, "a metric"],
  [/^(?:torch\.hub|hub)\.(?:load|list|help|download_url_to_file)$/, "a repository of GitHub"],
  [/(?:^|\.)(?:get_kernel|has_kernel)$/, "a kernel"],
  [
    /(?:^|\.)(?:push_to_hub\w*|push_to_hf_hub|save_to_hub|create_repo|createRepo|delete_repo|upload_file|upload_folder|uploadFiles?|create_commit|commit|create_branch|create_tag|duplicate_space|package_to_hub|push_adapter_to_hub)$/,
    "an upload",
  ],
  [
    /(?:^|\.)(?:AsyncInferenceClient|InferenceClient|HfInference|HfInferenceEndpoint|InferenceClientModel|HfApiModel|InferenceApi|HuggingFaceEndpoint|HuggingFaceEndpointEmbeddings|HuggingFaceHub|HuggingFaceInference|HuggingFaceInferenceEmbeddings|HuggingFaceInferenceAPI\w*|HuggingFaceAPI\w+|ChatHuggingFace|create_inference_endpoint)$/,
    "a hosted model",
  ],
  [
    /(?:^|\.)(?:completions|responses|messages|embeddings|images|transcriptions|speech|predictions|models)\.(?:create|generate|stream|parse|run|retrieve|generateContent)$/,
    "a hosted model",
  ],
  [
    /(?:^|\.)(?:textGeneration|textGenerationStream|chatCompletion|chatCompletionStream|textToImage|featureExtraction|automaticSpeechRecognition|imageToText|text_generation|chat_completion|feature_extraction|text_to_image|summarization|fillMask)$/,
    "a hosted model",
  ],
  [
    /(?:^|\.)(?:OpenAI|AsyncOpenAI|AzureOpenAI|ChatOpenAI|OpenAIEmbeddings|OpenAILike|OpenAIServerModel|OpenAIModel|OpenAIChat\w*|OpenAIChatModel|LiteLLM\w*|ChatLiteLLM|ChatAnthropic|ChatGroq|ChatTogether|Together\w*|ChatFireworks|Fireworks\w*|ChatMistralAI|ChatCohere|ChatGoogleGenerativeAI|ChatOpenRouter|ChatNVIDIA|ChatWatsonx|Watsonx\w+|ChatDatabricks|ChatBedrock\w*|Bedrock\w*|ChatVertexAI|VertexAI\w*|ChatPerplexity|ChatXAI|ChatDeepSeek|ChatCerebras|ChatSambaNova\w*|ChatNebius|ChatCloudflare\w*|CloudflareWorkersAI\w*|ChatSnowflake\w*|NVIDIA\w*|ChatDeepInfra|Groq|Replicate|init_chat_model|initChatModel|completion|acompletion|streamText|generateText|streamObject|generateObject|openrouter|openai|anthropic|togetherai|groq|deepinfra|fireworks|createOpenRouter)$/,
    "a hosted model",
  ],
  [/(?:^|\.)LM$/, "a hosted model"],
  [/(?:^|\.)replicate\.\w+$/, "a hosted model"],
  [
    /(?:^|\.)(?:require|import_module|importlib\.\w+|resolve|join|dirname|readFile\w*|writeFile\w*|open|exists|Path|existsSync|describe|it|test|expect|mock|getLogger|startsWith|endswith|startswith|includes|replace|split|match|get_route|route|Route|navigate|push|redirect|revalidatePath|Router|setHeader|header|Header|Accept|ContentType|appendHeader|mimetype|guess_type)$/,
    "another word",
  ],
];
