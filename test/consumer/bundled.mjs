import { measure } from "llm-size";

measure("gemma-2b", { offline: true }).then(({ models: [model] }) => {
  if (model?.parameters.total !== 2506172416) throw new Error("gemma-2b is miscounted");
  console.log(model.id, model.parameters.total, model.sizeClass?.label);
});
