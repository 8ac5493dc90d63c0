/** All that is asked of what one session told its user. */
import type { SessionLife } from '../../people/journal.ts';
import { judgeReplays } from './replays.ts';
import { judgeToldEnds } from './told-ends.ts';
import { judgeToldOrder } from './told-order.ts';
import { judgeToldStates } from './told-states.ts';

export function judgeTold(life: SessionLife): string[] {
  return [
    ...judgeToldOrder(life),
    ...judgeToldEnds(life),
    ...judgeToldStates(life),
    ...judgeReplays(life),
  ];
}
