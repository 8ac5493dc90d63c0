/** What only the host knows and some four-letter words tell. */
export interface HostFacts {
  /** Lines of `conf`, in order. */
  readonly configuration: readonly (readonly [key: string, value: string | number])[];
  /** Lines of `envi` behind the version, in order. */
  readonly environment: readonly (readonly [key: string, value: string])[];
  readonly snapshotBytes: number;
  readonly logBytes: number;
  readonly openFiles: number;
  readonly openFilesMax: number;
}
