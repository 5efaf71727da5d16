// The reference decryptor of the encrypted envelope (docs/envelope.md). Runs in browsers and in Node 20.

/**
 * Opens `data` of an FCM message with the key that the app registered.
 * Throws if the version is unknown, the key is another one, or anything was altered on the way.
 */
export async function open(keyBase64, data) {
  if (data.v !== "1") throw new Error(`Unknown envelope version: ${data.v}`);
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", bytes(keyBase64), "AES-GCM", false, ["decrypt"]);
  const additionalData = new TextEncoder().encode(`${data.v}|${data.k}|${data.t}`);
  const clear = await subtle.decrypt({ name: "AES-GCM", iv: bytes(data.n), additionalData }, key, bytes(data.c));
  // The padding is spaces after the JSON: the parser skips it.
  return JSON.parse(new TextDecoder().decode(clear));
}

function bytes(base64) {
  const standard = base64.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
}
