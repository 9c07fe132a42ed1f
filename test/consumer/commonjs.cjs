const { measure } = require("llm-size");

measure("gemma-2b", { offline: true }).then(({ models }) => {
  if (models[0].parameters.total !== 2506172416) throw new Error("gemma-2b is miscounted");
  console.log(models[0].id, models[0].parameters.total);
});
