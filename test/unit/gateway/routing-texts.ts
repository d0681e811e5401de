export type ToolName = 'look' | 'record';

export interface CallPlan {
  readonly id: string;
  readonly tool: ToolName;
  /** JSON text of a progress token, or none. */
  readonly token: string | null;
  /** JSON text of one more argument. */
  readonly extra: string;
  readonly layout: number;
}

/** A client's request, in one of many ways to write it. */
export function callText(
  { tool, extra, layout }: CallPlan,
  nonce: string,
  id: string,
  token: string | null,
): string {
  const meta = token === null ? '' : `"_meta": {"other":1,"progressToken":${token} },`;
  const params = `{${meta}"name":"${tool}","arguments":{"nonce":"${nonce}","extra":${extra}}}`;
  switch (layout % 3) {
    case 0:
      return `{"method":"tools/call","params":${params},"jsonrpc":"2.0","id":${id}}`;
    case 1:
      return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
    default:
      return `{\n  "id" : ${id} ,\r\n  "params": ${params},\n  "method": "tools/call", "jsonrpc": "2.0"\n}`;
  }
}

/** A child's answer, as the SDKs write it and as others may. */
export function answerText(layout: number, payload: string): (id: string) => string {
  switch (layout % 7) {
    case 0:
      return (id) => `{"jsonrpc":"2.0","id":${id},"result":${payload}}`;
    case 1:
      return (id) => `{"result":${payload},"jsonrpc":"2.0","id":${id}}`;
    case 2:
      return (id) => `{"id":${id},"jsonrpc":"2.0","result":${payload}}`;
    case 3:
      return (id) => `{ "jsonrpc" : "2.0", "result" : ${payload}, "id" :\t${id} }`;
    case 4:
      return (id) => `{"error":{"code":-1,"message":"no","data":${payload}},"jsonrpc":"2.0","id":${id}}`;
    case 5:
      return (id) => `{"jsonrpc":"2.0","id":${id},"error":{"code":-1,"message":"no","data":${payload}}}`;
    default:
      return (id) => `{"jsonrpc":"2.0","id":${id},"result":${payload}}`;
  }
}

/** The same JSON text, with each character of the string as an escape. */
export function escaped(quoted: string): string {
  const characters = [...(JSON.parse(quoted) as string)];
  return `"${characters.map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
}
