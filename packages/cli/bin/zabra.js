#!/usr/bin/env node
// The server process itself: npm links a bin only when its target exists at install time, so this
// file is committed and the build is imported from here.
import '../dist/main.js';
