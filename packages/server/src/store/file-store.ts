import type { ServerSettings } from '../config/settings.ts';
import { MemoryStore } from './memory-store.ts';
import type { StoreEvents } from './store.ts';
export class FileStore extends MemoryStore {
  constructor(_settings: ServerSettings, events: StoreEvents) {
    super(events);
  }
}
