/** Names that are those of models, whatever key they stand at. */

/** Owners of many models on the Hub. */
const OWNERS: ReadonlySet<string> = new Set(
  (
    "alibaba-nlp dunzhang stabilityai suno diffusers distilbert 01-ai ai21labs ai4bharat ai-forever allenai amazon answerdotai apple arcee-ai baai baichuan-inc bartowski " +
    "bigcode bigscience black-forest-labs briaai bytedance cardiffnlp cerebras codellama coherelabs cohereforai coqui cross-encoder " +
    "databricks dbmdz deepset deepseek-ai depth-anything distil-whisper dslim eleutherai espnet facebook facebookai " +
    "fixie-ai florence ggerganov ggml-org google google-bert google-t5 h2oai helsinki-nlp hexgrad hkunlp " +
    "huggingfaceh4 huggingfacem4 huggingfacetb hustvl ibm-granite ibm-nasa-geospatial idea-research intel intfloat internlm ixai " +
    "jinaai kakaobrain kandinsky-community laion lerobot lightricks litert-community llava-hf lmms-lab lmstudio-community lmsys " +
    "lxyuan m-a-p mattshumer meta-llama microsoft minimaxai mistral-community mistralai mixedbread-ai mlabonne mlc-ai mlx-community " +
    "moonshotai mosaicml myshell-ai naver naver-clova-ix neuralmagic nlpconnect nlptown nomic-ai nousresearch nvidia onnx-community " +
    "open-mmlab openai openai-community openbmb openchat opengvlab openlm-research opengpt-x openvino parler-tts patrickjohncyh " +
    "phind pixart-alpha playgroundai princeton-nlp prajjwal1 prosusai pszemraj pyannote qdrant qwen redhatai runwayml salesforce " +
    "samlowe segmind sentence-transformers sesame sg161222 shakker-labs snowflake speechbrain stepfun-ai stabilityai " +
    "systran teknium tencent thebloke thenlper thudm tiiuae timm timbrooks tinyllama togethercomputer unsloth urchade utter-project vikhyatk " +
    "vidore vinai wanai wan-ai whisper xai-org xenova xlabs-ai xlnet zai-org zhihan1996 stable-diffusion-v1-5 " +
    "gradientai hf-internal-testing trl-internal-testing peft-internal-testing argmaxinc kittenml"
  ).split(" "),
);

/** Words that names of models are made of. */
const WORDS =
  /(?:^|[-_./\d])(?:\d+(?:\.\d+)?[bm](?=$|[-_.])|\d+x\d+b|a\d+b|base|large|small|medium|tiny|xl|xxl|mini|instruct|chat|it|gguf|ggml|awq|gptq|exl2|mlx|onnx|lora|uncased|cased|q\d_\w+|\w*bert\w*|\w*llama\w*|\w*qwen\w*|gemma\w*|mistral\w*|mixtral|phi|gpt\w*|t5|bart|whisper\w*|wav2vec\w*|clip|vit|dinov?\d*|detr|yolos?|sam\d?|sdxl|stable|diffusion|flux|falcon|bloom|opt|pythia|deepseek\w*|smol\w*|minilm\w*|mpnet\w*|bge|gte|e5|embed\w*|rerank\w*|roberta|electra|distil\w*|deberta\w*|blip\w*|llava\w*|moondream\w*|florence\w*|kokoro|granite\w*|olmo\w*|mamba\w*|rwkv\w*|codegen|starcoder\w*|coder|trocr|layoutlm\w*|donut|musicgen\w*|bark|speecht5|parler|vits|marian|opus|nllb|m2m\w*|pegasus|xlm|segformer\w*|swin\w*|convnext\w*|resnet\w*|efficientnet\w*|mobilenet\w*|depth|anything|controlnet\w*|adapter|cogvideox?\w*|hunyuan\w*|internvl\w*|internlm\w*|minicpm\w*|chatglm\w*|glm|yi|command|aya|nomic|jina\w*|colbert\w*|splade\w*|gliner\w*|siglip\w*|owlvit\w*|owlv\d|paligemma\w*|idefics\w*|pixtral\w*|voxtral\w*|canary|parakeet\w*|vae|ip-adapter|animatediff|textcnn|finetuned|fine-tuned|sst-?2|mnli|squad\w*|ner|sentiment\w*|zero-?shot|toxic\w*)(?=$|[-_.:\d])/i;

/** Return true for an id of an owner of many models. */
export function isKnownOwner(id: string): boolean {
  return OWNERS.has(id.slice(0, id.indexOf("/")).toLowerCase());
}

/** Return true for an id that is one of a model by its owner or by the words of its name. */
export function looksLikeModel(id: string): boolean {
  return isKnownOwner(id) || WORDS.test(id.slice(id.indexOf("/") + 1));
}

/** Models without an organization, from before the Hub had them; it still finds them by these names. */
const LEGACY =
  /^(?:(?:distil)?gpt2(?:-(?:medium|large|xl))?|openai-gpt|t5-(?:small|base|large|3b|11b)|(?:distil)?bert-(?:base|large)-(?:(?:un)?cased|multilingual-(?:un)?cased|chinese|german-(?:dbmdz-)?(?:un)?cased)(?:-whole-word-masking)?(?:-(?:finetuned|distilled)-[\w-]+)?|(?:distil)?roberta-(?:base|large)(?:-openai-detector|-mnli)?|xlm-roberta-(?:base|large)(?:-finetuned-[\w-]+)?|xlm-(?:mlm|clm)-[\w-]+|xlnet-(?:base|large)-cased|albert-(?:base|large|xlarge|xxlarge)-v[12]|camembert-base|transfo-xl-wt103|ctrl|mobilebert-uncased|funnel-transformer)$/;

/** True for `gpt2`, `bert-base-uncased` and others that need no organization. */
export function isLegacyName(name: string): boolean {
  return LEGACY.test(name);
}
