// Runs CloudFront Functions for the edge: one JSON object per line in, one out.
// In: {"id", "code", "event"}; out: {"id", "value"} or {"id", "error"}.
// Source: "JavaScript runtime 2.0 features for CloudFront Functions".
'use strict';
const crypto = require('crypto');
const querystring = require('querystring');
const vm = require('vm');

const MODULES = { crypto, querystring, buffer: require('buffer') };
// Of what a function does once, when it is loaded. A call has no limit here: node starts a thread for each, which costs
// more than the functions do. The edge ends this process when a call does not answer. CloudFront's own limit is on the
// processor's time.
const LIMIT_MS = 5000;
const handlers = new Map();

function load(code) {
  let handler = handlers.get(code);
  if (handler) return handler;
  const plain = code.replace(
    /^\s*import\s+(\w+)\s+from\s+['"](\w+)['"];?\s*$/gm,
    (_, name, module) => `const ${name} = require('${module}');`,
  );
  const context = vm.createContext({
    Buffer,
    TextDecoder,
    TextEncoder,
    atob,
    btoa,
    console: { log: (...parts) => process.stderr.write(parts.join(' ') + '\n') },
    require: (name) => {
      if (!Object.prototype.hasOwnProperty.call(MODULES, name)) throw new Error(`module ${name} is not available`);
      return MODULES[name];
    },
  });
  vm.runInContext(plain, context, { timeout: LIMIT_MS });
  const call = new vm.Script('handler(__event)');
  handler = (event) => {
    context.__event = event;
    return call.runInContext(context);
  };
  handlers.set(code, handler);
  return handler;
}

async function answer(line) {
  const { id, code, event } = JSON.parse(line);
  try {
    const value = await load(code)(event);
    return { id, value: value === undefined ? null : value };
  } catch (error) {
    return { id, error: String((error && error.message) || error) };
  }
}

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) answer(line).then((out) => process.stdout.write(JSON.stringify(out) + '\n'));
});
process.stdin.on('end', () => process.exit(0));
