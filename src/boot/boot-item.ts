import type { BootItem, BootOrder, BootPlatform } from './item.ts';
import { launchdAgent } from './launchd-agent.ts';
import { scheduledTask } from './scheduled-task.ts';
import { systemdUnit } from './systemd-unit.ts';

/** What makes this kind of system start us. */
export function bootItem(platform: BootPlatform, order: BootOrder): BootItem {
  switch (platform) {
    case 'linux':
      return systemdUnit(order);
    case 'macos':
      return launchdAgent(order);
    case 'windows':
      return scheduledTask(order);
  }
}
