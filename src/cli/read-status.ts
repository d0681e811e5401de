import { SupervisorError } from '../errors.ts';
import type { StatusReport } from '../model.ts';
import type { AdminClient } from '../supervisor/admin/client.ts';
import type { ProjectAccess } from './context.ts';

const NOT_RUNNING: StatusReport = { supervisor: null, gateway: null, servers: [], warnings: [] };

/** The status, also where no supervisor runs. */
export async function readStatus({ admin }: ProjectAccess): Promise<StatusReport> {
  try {
    return await admin.status();
  } catch (error) {
    if (error instanceof SupervisorError && error.code === 'supervisor.not-running') return NOT_RUNNING;
    throw error;
  }
}

/** The status, or null where no supervisor answers, for whatever reason. */
export async function statusOrNull(admin: AdminClient, silenceMs?: number): Promise<StatusReport | null> {
  try {
    return await admin.status(silenceMs);
  } catch (error) {
    if (error instanceof SupervisorError && error.code.startsWith('supervisor.')) return null;
    throw error;
  }
}
