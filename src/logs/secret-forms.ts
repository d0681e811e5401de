/** Shorter values (`true`, a port) would turn every log into markers. */
const MIN_CHARS = 8;
/** The base64 of less is so short that ordinary text contains it. */
const MIN_BASE64_CHARS = 12;

/**
 * Every spelling in which a secret may turn up in a log, the longest first: as it is, its lines,
 * JSON-escaped, percent-encoded, in base64.
 */
export function secretForms(secrets: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const part of [secret, secret.trim(), ...linesOf(secret)]) {
      if (part.length < MIN_CHARS || part.trim() === '') continue;
      for (const form of formsOf(part)) forms.add(form);
    }
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** A private key is logged line by line. */
function linesOf(secret: string): string[] {
  return secret.includes('\n') ? secret.split('\n').map((line) => line.trim()) : [];
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Through bytes and back, since a lone surrogate makes encodeURIComponent throw.
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(bytes.toString())];
  return secret.length < MIN_BASE64_CHARS ? forms : [...forms, ...base64FormsOf(bytes)];
}

/**
 * Base64 spells a secret in three ways, by how many bytes come before it: `Basic` is followed by
 * base64("user:secret"). Inside such a text only the characters that hold nothing else are known.
 */
function base64FormsOf(secret: Buffer): string[] {
  const inside = [0, 1, 2].map((before) => {
    const base64 = Buffer.concat([Buffer.alloc(before), secret]).toString('base64');
    return base64.slice(Math.ceil((before * 8) / 6), Math.floor(((before + secret.length) * 8) / 6));
  });
  const standard = [secret.toString('base64'), ...inside];
  return [...standard, secret.toString('base64url'), ...standard.map(toUrlAlphabet)];
}

function toUrlAlphabet(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
