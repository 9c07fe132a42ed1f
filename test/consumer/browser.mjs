import { measure } from "llm-size/browser";

// Without a network the catalog answers.
const fetch = () => Promise.reject(new TypeError("fetch failed"));
const {
  models: [model],
} = await measure("gemma-2b", { fetch, retries: 0 });
if (model?.parameters.total !== 2506172416) throw new Error("gemma-2b is miscounted");
console.log(model.id, model.parameters.total, model.source);
