// What `zabra dev` says when all goes well.

import { table } from '../table.ts';
import { version } from '../version.ts';
import type { DevEnsemble } from './dev-ensemble.ts';
import type { DevMember } from './dev-member.ts';

export function tellAlone(connectString: string, dataDir: string | undefined): void {
  const keeps = dataDir === undefined ? 'keeps everything in memory' : `keeps data in ${dataDir}`;
  say(`zabra ${version} ${keeps}, until Ctrl-C`, '', `connect to ${connectString}`);
}

export function tellTogether(ensemble: DevEnsemble, directory: string, isKept: boolean): void {
  const fate = isKept ? 'kept there' : 'thrown away at the end';
  const rows = ensemble.members.map(({ id, port, pid }) => [
    `  ${id}`,
    `127.0.0.1:${port}`,
    `${pid}`,
  ]);
  say(
    `zabra ${version}: ${ensemble.members.length} servers until Ctrl-C, in ${directory}, ${fate}`,
    '',
    ...table([['  SERVER', 'CLIENTS', 'PROCESS'], ...rows]),
    '',
    `connect to ${ensemble.connectString}`,
    '',
  );
}

export function tellLeader({ id, pid }: DevMember): void {
  say(`server ${id} leads (kill -9 ${pid} shows how the others go on)`);
}

export function tellEnded({ id }: DevMember, how: string): void {
  say(`server ${id} ${how}`);
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
