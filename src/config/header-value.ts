/** What the value of an HTTP header may hold, as node:http sends it. */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
