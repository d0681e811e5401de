import type { LogRecord, WarningDraft } from '../../model.ts';
import type { Rule } from '../../warnings/rules.ts';
import { READ_SCOPES, toolScopes } from './scopes.ts';

const SKIPPED = /^\[MCP\] Skipping tool '([\w-]+)' - missing required scopes/;

/**
 * 0.18 names each tool that its flags leave out, on a line of its own and before it knows the token.
 * They share one cause, the `addScopes` option, and so are one warning that grows with every line.
 */
export class SkippedToolsRule implements Rule {
  readonly #version: string;
  readonly #tools = new Set<string>();

  constructor(version: string | null) {
    // No other version prints these lines.
    this.#version = version ?? '0.18.0';
  }

  match({ line }: LogRecord): WarningDraft | null {
    const tool = SKIPPED.exec(line)?.[1];
    // A pm2 restart prints the same lines again.
    if (tool === undefined || this.#tools.has(tool)) return null;
    this.#tools.add(tool);
    return this.#draft();
  }

  #draft(): WarningDraft {
    const tools = [...this.#tools].sort();
    const described = tools.map((tool) => {
      const scopes = this.#scopesToAdd(tool);
      return scopes.length === 0 ? tool : `${tool} (${scopes.join(', ')})`;
    });
    const scopes = [...new Set(tools.flatMap((tool) => this.#scopesToAdd(tool)))].sort();
    const toAdd =
      scopes.length === 0 ? 'the scopes they need' : scopes.map((scope) => `'${scope}'`).join(', ');
    return {
      code: 'scope.flag-missing',
      severity: 'warning',
      subject: '',
      message: `Not offered, since their scopes are not switched on: ${described.join(', ')}.`,
      hint: `To have them, add ${toAdd} to \`addScopes\` of sentry({ … }). This is about the option, not the token, though the token needs the scopes as well.`,
    };
  }

  #scopesToAdd(tool: string): readonly string[] {
    return (toolScopes(this.#version, tool) ?? []).filter((scope) => !READ_SCOPES.includes(scope));
  }
}
