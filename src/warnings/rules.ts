import type { LogRecord, LogRule, WarningDraft } from '../model.ts';

/** Finds something in a server's log. A rule may remember what it saw: it belongs to one generation. */
export interface Rule {
  match(record: LogRecord): WarningDraft | null;
}

/** Where a rule names no subject, it is what matched, which may be a line of any length. */
const SUBJECT_CHARACTERS = 200;

/** A rule as data, of a user or of ours, made to match. */
export function ruleFrom(rule: LogRule): Rule {
  // `g` and `y` would make the match depend on the line before.
  const pattern = new RegExp(rule.pattern.source, rule.pattern.flags.replace(/[gy]/g, ''));
  return {
    match({ line }) {
      const found = pattern.exec(line);
      if (found === null) return null;
      const filled = (text: string) => fillGroups(text, found.groups ?? {});
      return {
        code: rule.code,
        severity: rule.severity,
        subject: (rule.subject === undefined ? found[0] : filled(rule.subject)).slice(0, SUBJECT_CHARACTERS),
        message: filled(rule.message),
        hint: filled(rule.hint),
      };
    },
  };
}

/** Everything that the rules find in one line. */
export function findings(rules: readonly Rule[], record: LogRecord): WarningDraft[] {
  return rules.map((rule) => rule.match(record)).filter((draft) => draft !== null);
}

function fillGroups(text: string, groups: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$<(\w+)>/g, (whole, name: string) =>
    Object.hasOwn(groups, name) ? (groups[name] ?? '') : whole,
  );
}
