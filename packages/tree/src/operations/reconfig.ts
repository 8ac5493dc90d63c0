/** reconfig: refused, for a standalone server has no membership to change. */
import { ErrorCode } from '@zabra/wire';
import { MALFORMED, type Preparation } from '../preparation.ts';

export function prepareReconfig(p: Preparation): number {
  const { reader } = p;
  reader.span();
  reader.span();
  reader.span();
  reader.long();
  if (reader.failed) return MALFORMED;
  return p.settings.reconfigEnabled ? ErrorCode.Unimplemented : ErrorCode.ReconfigDisabled;
}
