#!/usr/bin/env node
// The server process itself. npm links a bin only when its target exists at install time, so this
// file is committed and the program is imported from here.
import { bundled, compiled, isBundleCurrent } from './program.js';

await import(isBundleCurrent() ? bundled : compiled);
