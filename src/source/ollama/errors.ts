/** Turn refusals of a registry into LlmSizeErrors. */
import { LlmSizeError } from "../../errors.ts";
import { errorFromResponse } from "../hub/errors.ts";
import type { ErrorFromResponse } from "../hub/request.ts";

/** Return the error for a response of a registry other than 2xx: it knows no codes of the Hub, and takes no token. */
export const errorFromRegistry: ErrorFromResponse = (response, label, context) => {
  const { status } = response;
  const { settings, url } = context;
  const { model, path } = label;
  const { host } = url;
  if (url.origin !== new URL(settings.endpoint).origin) return errorFromResponse(response, label, context);
  if (status === 404)
    return path === undefined
      ? new LlmSizeError("MODEL_NOT_FOUND", { model, registry: host })
      : new LlmSizeError("FILE_NOT_FOUND", { model, path });
  if (status === 401 || status === 403 || status === 412)
    return new LlmSizeError("REGISTRY_REFUSED", { model, host, status });
  return errorFromResponse(response, label, { ...context, withToken: true }); // a token would not help
};
