// The CRVideo client as an ES module; crvideo.js is the same as a classic script.
export * from './sdk/api.js';
