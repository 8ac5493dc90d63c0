/** What can be measured: something that knows how to be started on a directory and a port. */

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Place {
  /** Fresh or left by an earlier run; holds `zoo.cfg` and the data. */
  readonly directory: string;
  readonly port: number;
  /** Of a member of an ensemble: what its `zoo.cfg` says besides. */
  readonly settings?: readonly string[] | undefined;
}

export interface Candidate {
  /** `subject` is judged, against `peer`; `limit` shows what the machine allows. */
  readonly role: 'subject' | 'peer' | 'limit';
  readonly title: string;
  /** Keeps what it is told on disk, and can therefore be restarted. */
  readonly isDurable: boolean;
  launch(place: Place): Launch;
}

/** Both products run with the same file: nothing is tuned for either, and fsync stays on. */
export function zooCfg(place: Place): string {
  return [
    'tickTime=2000',
    `dataDir=${place.directory}/data`,
    `clientPort=${place.port}`,
    'clientPortAddress=127.0.0.1',
    'maxClientCnxns=0',
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr,ruok',
    ...(place.settings ?? []),
    '',
  ].join('\n');
}
